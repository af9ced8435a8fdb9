import yaml
from hypothesis import given
from hypothesis import strategies as st

from refapp.monitoring.documents import dump

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda values: st.lists(values, max_size=4) | st.dictionaries(st.text(), values, max_size=4),
)


@given(VALUES)
def test_what_is_written_is_read(value):
    assert yaml.safe_load(dump(value)) == value


def test_it_reads_well():
    assert dump({"b": "one\ntwo\n", "a": ["å: {{ $x }}"]}) == "b: |\n  one\n  two\na:\n- 'å: {{ $x }}'\n"
