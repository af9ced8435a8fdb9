import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from refapp.backends.cloudwatch.errors import InvalidParameter
from refapp.backends.cloudwatch.logs.pages import page


def pages(items, size, *, descending=False):
    token = {}
    while token is not None:
        found, more = page(items, lambda item: (item,), {"limit": size, **token}, descending=descending)
        yield found
        token = more or None


@given(items=st.sets(st.integers(0, 2**62)), size=st.integers(1, 50), descending=st.booleans())
def test_pages_make_up_the_list(items, size, descending):
    found = list(pages(items, size, descending=descending))
    assert [item for part in found for item in part] == sorted(items, reverse=descending)
    assert all(len(part) == size for part in found[:-1])


def test_a_change_of_the_list_does_no_harm():
    _, more = page("abcd", lambda item: (item,), {"limit": 2})
    assert page("aefz", lambda item: (item,), {"limit": 5, **more}) == (["e", "f", "z"], {})


def test_the_default_is_fifty():
    found, more = page(range(60), lambda item: (item,), {})
    assert (len(found), set(more)) == (50, {"nextToken"})
    assert page(range(60), lambda item: (item,), {}, most=1000, default=1000) == (list(range(60)), {})


def test_the_limit_has_bounds_and_may_have_another_name():
    assert page(range(9), lambda item: (item,), {"maxResults": 2}, most=5, limit="maxResults")[0] == [0, 1]
    assert page(range(9), lambda item: (item,), {}, most=5)[0] == [0, 1, 2, 3, 4]
    for size in (0, 51, "1"):
        with pytest.raises(InvalidParameter, match="'limit' failed"):
            page([], lambda item: (item,), {"limit": size})


@pytest.mark.parametrize("token", ["x", "!!!!", base64.b64encode(b"{}").decode(), base64.b64encode(b'["a"]').decode()])
def test_a_token_that_was_never_given_out(token):
    with pytest.raises(InvalidParameter, match="nextToken is invalid"):
        page(range(5), lambda item: (item,), {"nextToken": token})
