import pytest

from refapp.backends.cloudwatch.errors import InvalidParameter, MalformedQuery, ResourceNotFound
from refapp.backends.cloudwatch.insights.parser import parse
from refapp.backends.cloudwatch.insights.sources import chosen

GROUPS = ("/aws/a", "/aws/b", "/aws/containerinsights/x", "other")
ACCOUNT = "123456789012"


def choose(source=None, named=()):
    text = f"{source} | limit 1" if source else "limit 1"
    return chosen(named, parse(text).source, GROUPS, ACCOUNT)


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("SOURCE logGroups()", GROUPS),
        ("SOURCE logGroups(namePrefix: ['/aws/'])", GROUPS[:3]),
        ("SOURCE logGroups(namePrefix: ['/aws/a', 'oth'])", ("/aws/a", "other")),
        (
            "SOURCE logGroups(namePrefix: ['/aws/b'], class: ['STANDARD'], accountIdentifiers: ['123456789012'])",
            ("/aws/b",),
        ),
        ("SOURCE logGroups(class: ['STANDARD', 'INFREQUENT_ACCESS'])", GROUPS),
        ("SOURCE '/aws/b' 'other'", ("/aws/b", "other")),
    ],
)
def test_groups_that_a_query_names(source, expected):
    assert choose(source) == expected


def test_groups_that_a_request_names():
    assert choose(named=["other", "/aws/a", "other"]) == ("other", "/aws/a")


@pytest.mark.parametrize(
    ("source", "named", "error"),
    [
        (None, [], InvalidParameter),
        ("SOURCE logGroups()", ["other"], InvalidParameter),
        (None, ["other"] * 51, InvalidParameter),
        (None, ["missing"], ResourceNotFound),
        ("SOURCE 'missing'", [], ResourceNotFound),
        ("SOURCE logGroups(namePrefix: ['missing'])", [], ResourceNotFound),
        ("SOURCE logGroups(class: ['INFREQUENT_ACCESS'])", [], ResourceNotFound),
        ("SOURCE logGroups(accountIdentifier: ['999999999999'])", [], ResourceNotFound),
        ("SOURCE logGroups(class: ['FAST'])", [], MalformedQuery),
    ],
)
def test_what_is_refused(source, named, error):
    with pytest.raises(error):
        choose(source, named)
