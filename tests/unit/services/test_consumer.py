import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from refapp.services.consumer import LONGEST_MESSAGE, parse

FIELDS = ("id", "service", "message", "created", "hostname")
texts = st.text(st.characters(exclude_categories=["Cs"]))
greetings = st.fixed_dictionaries({"id": texts.filter(bool)} | dict.fromkeys(FIELDS[1:], texts))
values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | texts,
    lambda inner: st.lists(inner) | st.dictionaries(texts | st.sampled_from(FIELDS), inner),
)


@given(greetings)
def test_a_greeting_comes_back_as_it_was(greeting):
    assert parse(json.dumps(greeting).encode()) == greeting


@given(greetings, texts.filter(lambda name: name not in FIELDS))
def test_further_fields_are_left_out(greeting, name):
    assert parse(json.dumps({**greeting, name: 1}).encode()) == greeting


def test_fields_other_than_the_id_may_be_missing():
    assert parse(b'{"id": "1"}') == {"id": "1", "service": "", "message": "", "created": "", "hostname": ""}


@given(st.one_of(st.binary(), values.map(lambda value: json.dumps(value).encode())))
def test_anything_is_a_greeting_or_a_value_error(body):
    try:
        greeting = parse(body)
    except ValueError:
        return
    assert tuple(greeting) == FIELDS
    assert all(isinstance(text, str) for text in greeting.values())
    assert greeting["id"]


@pytest.mark.parametrize(
    ("body", "complaint"),
    [
        (b"[1]", "an object was expected, not list"),
        (b"null", "an object was expected, not NoneType"),
        (b'{"message": "Hello"}', "no id"),
        (b'{"id": "1", "service": null, "created": 7}', "not a text: service, created"),
        (b" " * LONGEST_MESSAGE + b"1", f"longer than {LONGEST_MESSAGE} bytes"),
        (b"[" * 100_000, "depth limit"),
        (b'{"id": "\\ud800"}', "surrogate"),
    ],
)
def test_no_greeting(body, complaint):
    with pytest.raises(ValueError, match=complaint):
        parse(body)
