import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from refapp.draw.dashboards.mappings import mapped, rules
from refapp.draw.style import VERMILION

MAPPINGS = [
    {"type": "value", "options": {"1": {"text": "up"}, "down": {"text": "not up", "color": "red"}}},
    {"type": "range", "options": {"from": 10, "to": 20, "result": {"text": "some"}}},
    {"type": "regex", "options": {"pattern": "/^5../", "result": {"text": "failed"}}},
    {"type": "special", "options": {"match": "null+nan", "result": {"text": "none"}}},
    {"type": "special", "options": {"match": "empty", "result": {"text": "empty"}}},
]
OLD = [
    {"type": 1, "value": "null", "text": "N/A"},
    {"type": 1, "value": "0", "text": "off"},
    {"type": 2, "from": "1", "to": "9", "text": "on"},
]


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (1.0, "up"),
        ("down", "not up"),
        (15.0, "some"),
        (21.0, None),
        ("503", "failed"),
        (None, "none"),
        (math.nan, "none"),
        ("", "empty"),
    ],
)
def test_the_first_rule_that_takes_a_value_holds(value, text):
    found = mapped(value, rules(MAPPINGS))
    assert (found.text if found else None) == text


@pytest.mark.parametrize(("value", "text"), [(None, "N/A"), (0.0, "off"), (5.0, "on")])
def test_mappings_of_grafana_7(value, text):
    assert mapped(value, rules(OLD)).text == text


def test_a_result_may_have_a_colour():
    assert mapped("down", rules(MAPPINGS)).colour == VERMILION


@given(
    st.recursive(
        st.none() | st.text() | st.floats(),
        lambda one: (
            st.lists(one)
            | st.dictionaries(st.sampled_from(["type", "options", "value", "pattern", "match", "from"]), one)
        ),
    )
)
def test_odd_mappings_are_left_aside(given):
    for value in (None, math.nan, 1.0, "x"):
        mapped(value, rules(given))
