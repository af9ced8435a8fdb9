import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from refapp.backends.cloudwatch.events.fields import MOST_FIELDS, discover, number_text

TEXT = st.text(st.characters(exclude_categories=("Cs",)), max_size=8)
SCALARS = (
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.floats(allow_nan=False, allow_infinity=False) | TEXT
)
VALUES = st.recursive(SCALARS, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXT, inner, max_size=4))


def flattened(value, name):
    """The rules again, by recursion."""
    if isinstance(value, dict | list):
        members = value.items() if isinstance(value, dict) else enumerate(value)
        return [leaf for key, item in members for leaf in flattened(item, (*name, str(key)))]
    return [] if value is None else [(".".join(name), value)]


@given(st.dictionaries(TEXT, VALUES, max_size=6))
def test_every_leaf_is_found_by_its_name(value):
    expected = {}
    for name, leaf in flattened(value, ()):
        expected.setdefault("@" + name if name.startswith("@") else name, leaf)
    found = discover(json.dumps(value))
    assert list(found) == list(expected)
    for name, leaf in expected.items():
        assert found[name] == leaf if isinstance(leaf, str) else float(found[name]) == float(leaf)


@pytest.mark.parametrize(
    ("text", "fields"),
    [
        ('{"a": {"b.c": 1, "d": [true, {"e": "x"}]}}', {"a.b.c": "1", "a.d.0": "1", "a.d.1.e": "x"}),
        ('  \n{"a": false}\n', {"a": "0"}),
        ('{"@timestamp": "x", "a": {"@b": 1}}', {"@@timestamp": "x", "a.@b": "1"}),
        ('{"log": "{\\"level\\": \\"error\\"}"}', {"log": '{"level": "error"}'}),
        ('{"a.b": 1, "a": {"b": 2}}', {"a.b": "1"}),
        ('{"a": {"b": 2}, "a.b": 1}', {"a.b": "2"}),
        ('{"a": 1, "a": 2}', {"a": "2"}),
        ('{"a": null, "b": {}, "c": [], "": 3}', {"": "3"}),
        (
            '{"a": 12.50, "b": 3.0, "c": 1e3, "d": 1e-7, "e": -0.0}',
            {"a": "12.5", "b": "3", "c": "1000", "d": "1e-07", "e": "0"},
        ),
        ('{"a\\u0000b": "c\\u0000"}', {"a\0b": "c\0"}),
        ("[1, 2]", {}),
        ('"text"', {}),
        ("text", {}),
        ("", {}),
        ('{"a": 1', {}),
        ('{"a": NaN}', {}),
        ('{"a": 1} and more', {}),
    ],
)
def test_fields_of_a_text(text, fields):
    assert discover(text) == fields


def test_no_more_than_two_hundred_fields():
    text = json.dumps({"list": list(range(150)), "more": {f"key-{number}": "x" for number in range(100)}})
    found = discover(text)
    assert len(found) == MOST_FIELDS
    assert list(found)[-1] == "more.key-49"


def test_deep_nesting_is_harmless():
    for depth in (500, 1000, 5000):
        text = '{"a":' * depth + "1" + "}" * depth
        assert discover(text) in ({}, {".".join("a" * depth): "1"})


def test_a_name_that_is_too_long_is_no_field():
    assert discover(json.dumps({"x" * 1001: 1, "y" * 1000: 2, "z" * 999: {"ab": 3, "": 4}})) == {
        "y" * 1000: "2",
        "z" * 999 + ".": "4",
    }


@pytest.mark.parametrize(
    ("number", "text"),
    [(0.1, "0.1"), (2.0, "2"), (-3.0, "-3"), (1e17, "100000000000000000"), (1e18, "1e+18"), (1.5e300, "1.5e+300")],
)
def test_numbers(number, text):
    assert number_text(number) == text
