import pytest
from hypothesis import given
from hypothesis import strategies as st

from refapp.backends.cloudwatch.errors import InvalidParameter
from refapp.backends.cloudwatch.events.store import StoredEvent
from refapp.backends.cloudwatch.logs.places import Token, digits, place_of

PLACES = st.tuples(st.integers(0, 2**63 - 1), st.integers(0, 2**63 - 1))


@given(place=PLACES, backwards=st.booleans())
def test_a_token_says_where_to_go_on(place, backwards):
    token = Token(place, backwards)
    assert Token.read({"nextToken": str(token)}) == token


@given(places=st.lists(PLACES))
def test_digits_have_the_order_of_places(places):
    assert sorted(map(digits, places)) == list(map(digits, sorted(places)))
    assert all(len(digits(place)) == 56 for place in places)


@given(place=PLACES)
def test_the_first_token_is_before_or_behind_all(place):
    assert Token.first(backwards=False).place <= place <= Token.first(backwards=True).place


def test_there_may_be_no_token():
    assert Token.read({}) is None


@pytest.mark.parametrize("text", ["", "x", "f/1", f"b/{2**63:028d}{0:028d}", "f/" + "٣" * 56, "f/" + "0" * 56 + "\n"])
def test_other_texts_are_no_tokens(text):
    with pytest.raises(InvalidParameter):
        Token.read({"nextToken": text})


def test_the_place_of_an_event():
    assert place_of(StoredEvent("g", "s", 7, 5, 9, "x")) == (5, 7)
