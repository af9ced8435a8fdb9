import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from refapp.draw.dashboards import values

ANY = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


@given(ANY)
def test_whatever_is_there_is_read_as_the_type_that_is_asked_for(value):
    assert isinstance(values.mapping(value), dict)
    assert all(isinstance(one, dict) for one in values.mappings(value))
    assert isinstance(values.string(value), str)
    assert all(isinstance(one, str) for one in values.strings(value))
    found = values.number(value)
    assert found is None or math.isfinite(found)
    assert 2 <= values.whole(value, low=2, high=9, default=4) <= 9


@pytest.mark.parametrize(
    ("value", "found"), [(3, 3.0), ("0.95", 0.95), ("", None), (True, None), ("1e999", None), ([], None)]
)
def test_a_number_may_be_written_as_a_text(value, found):
    assert values.number(value) == found


def test_a_text_alone_is_as_good_as_a_list_of_one():
    assert values.strings("a") == ["a"]
    assert values.strings(["a", 1, None]) == ["a", "1"]
