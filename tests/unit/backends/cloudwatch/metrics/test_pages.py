import pytest

from refapp.backends.cloudwatch.metrics.errors import InvalidNextToken
from refapp.backends.cloudwatch.metrics.pages import page, position, token


def test_pages_follow_each_other():
    request, found = {"Namespace": "shop"}, []
    for expected in ([1, 2], [3, 4], [5]):
        items, more = page([1, 2, 3, 4, 5], request, 2)
        assert items == expected
        found += items
        request = {"Namespace": "shop", **more}
    assert more == {}


def test_a_full_last_page_has_no_token():
    assert page([1, 2], {}, 2) == ([1, 2], {})


@pytest.mark.parametrize("text", ["", "x", "-1", "1", "1-", "²-" + "0" * 24, token(1, {"Namespace": "other"})])
def test_tokens_that_were_not_given_out_are_refused(text):
    with pytest.raises(InvalidNextToken):
        position({"Namespace": "shop", "NextToken": text})
