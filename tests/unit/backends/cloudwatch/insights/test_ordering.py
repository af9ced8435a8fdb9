import pytest

from refapp.backends.cloudwatch.errors import MalformedQuery
from refapp.backends.cloudwatch.insights.ordering import arranged
from refapp.backends.cloudwatch.insights.parser import parse


def order(text):
    return [text[command.span.start : command.span.end] for command in arranged(parse(text).commands)]


@pytest.mark.parametrize(
    "text",
    [
        "fields a | filter b = 1 | sort a asc | limit 5",
        "stats count(*) as n by a | filter n > 5",
        "stats count(*) as n by a | filter a = 'x'",
        "stats count(*) as n by a | fields n * 2 as m | filter m > 5",
        "stats count(*) as n by jsonParse(x) as a | filter a.b = 1",
        "stats count(*) as n by a | parse a '*-*' as b, c | filter b = 1",
        "stats count(*) as n by a | filter 1 = 1",
        "stats count(*) as n by a | filter n > 5 and b = 1",
        "stats count(*) as n by a | stats max(n) as m | filter a = 1",
        "pattern @message | filter a = 1",
        "pattern @message | stats count(*) as n | filter a = 1",
    ],
)
def test_most_queries_stay_as_they_are(text):
    assert order(text) == text.split(" | ")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("fields a | stats count() as n by b | filter stream = 'x' | sort n desc",
         "fields a | filter stream = 'x' | stats count() as n by b | sort n desc"),
        ("stats count() as n | filter a = 1 | filter n > 1 | where b = 2 or not c like /x/",
         "filter a = 1 | where b = 2 or not c like /x/ | stats count() as n | filter n > 1"),
    ],
)  # fmt: skip
def test_a_filter_of_events_after_stats_goes_before_it(text, expected):
    assert order(text) == expected.split(" | ")


def test_the_guides_samples_for_container_insights(ask):
    ask.add(
        *['{"kubernetes": {"container_name": "a"}, "stream": "stderr"}'] * 2,
        '{"kubernetes": {"container_name": "b"}, "stream": "stdout"}',
    )
    found = ask('stats count() as n by kubernetes.container_name | filter stream="stderr" | sort n desc')
    assert found.values == [("a", "2")]
    assert found.statistics.matched == 2
    ask.add(*(f'{{"Type": "Cluster", "cluster_failed_node_count": {number}}}' for number in (1, 2)))
    found = ask('stats avg(cluster_failed_node_count) as n | filter Type="Cluster" | sort @timestamp desc')
    assert found.values == [("1.5",)]


@pytest.mark.parametrize(
    ("text", "message", "part"),
    [
        ("dedup a | fields b | limit 1", "after `dedup` there can only be `limit`", "fields b"),
        ("dedup a | dedup b", "after `dedup` there can only be `limit`", "dedup b"),
        (
            "stats count(*) as n | sort n | stats max(n)",
            "where there are several `stats`, this comes after the last",
            "sort n",
        ),
        (
            "limit 5 | stats count(*) as n | stats max(n)",
            "where there are several `stats`, this comes after the last",
            "limit 5",
        ),
        ("pattern a | pattern b", "a query has at most one `pattern`", "pattern b"),
        (" | ".join(["stats count(*) as n"] * 11), "a query has at most 10 `stats`", "stats count(*) as n"),
    ],
)
def test_what_cannot_be_where_it_is(text, message, part):
    with pytest.raises(MalformedQuery) as caught:
        order(text)
    assert caught.value.message == message
    assert text[caught.value.start : caught.value.end] == part


def test_limits_may_follow_dedup():
    assert order("dedup a | limit 5 | limit 3") == ["dedup a", "limit 5", "limit 3"]
