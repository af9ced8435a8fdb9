import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from refapp.backends.cloudwatch.errors import MalformedQuery
from refapp.backends.cloudwatch.events.store import Event


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_the_engine_answers_as_the_evaluator_does(ask, evaluator, rendering, generation, data):
    events, commands = data.draw(generation.EVENTS), data.draw(generation.queries())
    ask.store.delete(ask.group)
    for stream in generation.STREAMS:
        own = [Event(event.timestamp, event.message) for event in events if event.stream == stream]
        ask.store.append(ask.group, stream, own, 0)
    text = rendering.render_query(commands)
    found = ask(text)
    rows, matched = evaluator.answer(events, commands)
    assert found.named == rows, text
    assert (found.statistics.scanned, found.statistics.matched) == (len(events), matched)


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_a_mutated_query_is_answered_or_malformed(ask, rendering, generation, data):
    if data.draw(st.booleans()):
        ask.add('{"a": "5", "log": "{\\"x\\": [1]}"}', "user=joe id=7")
    text = data.draw(generation.mutated(generation.queries().map(rendering.render_query)))
    try:
        assert ask(text).columns
    except MalformedQuery as error:
        assert 0 <= error.start <= error.end <= len(text)  # noqa: PT017 - either is right


EVENT = {"n": 1, "k": "a", "list": '[1, 2, "three"]', "foo-bar": "x"}


@pytest.fixture
def filled(ask):
    rows = [EVENT | {"n": n, "k": k} for n, k in [(3, "a"), (1, "b"), (22, "a"), (None, "c"), (100, "b")]]
    ask.add(*map(json.dumps, rows), "user=joe id=7 END", "user=ann id=8 END", stream="s")
    return ask


@pytest.mark.parametrize(
    ("text", "rows"),
    [
        ("fields n | limit 3", [(None,), (None,), ("100",)]),
        ("fields n | filter k like /./ | sort n asc", [("1",), ("3",), ("22",), ("100",), (None,)]),
        ("fields n | filter k like /./ | sort n desc", [("100",), ("22",), ("3",), ("1",), (None,)]),
        ("fields n | filter n > 0 | sort k asc, n desc", [("22",), ("3",), ("100",), ("1",)]),
        ("fields n | filter n > 0 | sort k", [("22",), ("3",), ("100",), ("1",)]),
        ("fields n | filter n > 0 | sort n desc | limit 3 | sort n asc | limit 2", [("3",), ("22",)]),
        ("fields n | sort n desc | limit 2 | filter n < 50", [("22",)]),
        ("limit 3 | fields n | limit 5", [(None,), (None,), ("100",)]),
        ("fields k | filter ispresent(k) | dedup k", [("b",), ("c",), ("a",)]),
        ("fields n, k | sort n asc | filter ispresent(k) | dedup k | limit 2", [("1", "b"), ("3", "a")]),
        ("fields k | dedup k | limit 3", [(None,), (None,), ("b",)]),
        ("fields n | fields k | filter n = 1", [("1", "b")]),
        ("fields n, k | display k | filter n = 1", [("b",)]),
        ("display k | display n, `foo-bar` | filter n = 1", [("1", "x")]),
        ("fields n + 1 as m, m * 2 as d | filter d = 4", [("2", "4")]),
        ("fields n as k | filter k = 22 | display k, n", [("22", "22")]),
        ("fields n | fields 5 as n | limit 1", [("5",)]),
        ("parse 'user=* id=* END' as user, id | filter id > 7 | display user, id", [("ann", "8")]),
        ("parse @message 'user=* id=*' as user, id | filter user = 'joe' | display id", [("7 END",)]),
        (
            "parse @message /user=(?<user>\\w+) (?<more>x)?/ | filter isPresent(user) | display user, more",
            [("ann", ""), ("joe", "")],
        ),
        (
            "parse @message /(us)(er)=(.)/ as p, q, r | filter isPresent(p) | display r, q, p",
            [("a", "er", "us"), ("j", "er", "us")],
        ),
        (
            "parse k /(?<x>b)/ | filter n > 0 | display n, x | sort n asc",
            [("1", "b"), ("3", None), ("22", None), ("100", "b")],
        ),
        (
            "filter n = 3 or @message like 'joe' | parse @message /(?<d>[0-9])/ multi | display d",
            [("7",), ("3",), ("1",), ("2",)],
        ),
        (
            "filter n = 3 or @message like 'joe' | parse @message /(?<v>joe|x)/ multi | stats count(*) by v | sort v",
            [("joe", "1"), ("x", "1")],
        ),
        (
            "filter k = 'c' or @message like 'joe' | parse k /(?<x>[a-z])/ multi | display k, x",
            [(None, None), ("c", "c")],
        ),
        (
            "filter n = 3 | fields jsonParse(list) as l | unnest l into e | display e, n",
            [("1", "3"), ("2", "3"), ("three", "3")],
        ),
        (
            "where n > 20 | unnest jsonParse(list) into e | where e > 1 | sort e | limit 3 | display n, e",
            [("100", "three"), ("22", "three"), ("100", "2")],
        ),
        ("unmask @message | filter n = 1 | fields k", [("b",)]),
        ("filterIndex k = 'b' | filterIndex n in [1, 5] | fields n", [("1",)]),
        ("filter k like 'b' | where n > 50 | fields n", [("100",)]),
        ("filter @logStream = 's' | stats count(*) as n", [("7",)]),
    ],
)
def test_commands(filled, text, rows):
    assert filled(text).values == rows


def test_what_is_shown_when_nothing_is_asked_for(filled):
    found = filled("filter n = 1")
    assert found.columns == ("@timestamp", "@message", "@ptr")
    assert filled("parse @message 'user=*' as u | sort u asc").columns == found.columns
    assert filled("fields @ptr, n | limit 1").columns == ("n", "@ptr")


def test_limits(ask):
    ask.add(*map(str, range(10_050)), step=1)
    assert len(ask("fields @message").rows) == 10_000
    assert len(ask("limit 10020").rows) == 10_020
    assert len(ask("limit 100000", limit=7).rows) == 7
    assert len(ask("fields @message", limit=10_030).rows) == 10_030
    assert len(ask("limit any 12").rows) == 12
    assert len(ask("limit any 12 | filter @message >= 0").rows) == 12
    assert len(ask("stats count(*) by @message").rows) == 10_000


def test_the_time_and_the_groups_of_a_query(shared, ask):
    other = type(ask)(shared)
    ask.add("a", "b", "c", start=1000)
    other.add("d", start=2000)
    count = "stats count(*) as n by @message | sort @message asc"
    assert [text for text, _ in ask(count, start=2000, end=3000).values] == ["b", "c"]
    assert [text for text, _ in ask(count, groups=[ask.group, other.group], end=2000).values] == ["a", "b", "d"]
    assert ask(count, groups=["/none"]).rows == []


@pytest.mark.parametrize(
    "text",
    [
        'fields `"; DROP TABLE events; --` as `x"; DELETE FROM events` | filter @message like /\'; DROP/',
        'filter a = "\' OR 1=1 --"',
        "stats count(*) as `c1` by `$p1`, `c1`, '$1' | sort `c1` desc",
        "fields `id`, `timestamp`, `source`, `fields`, `r0`, `events.id` as `c2`, `c2` | sort `c2` asc",
        "fields concat('$p1', '{}', '%s', '?') | filter '?' = '?'",
        "filter a in ['x', \"'); DELETE FROM events; --\"] | dedup `'; --`",
        'parse @message "\'; DROP TABLE *" as `; DROP TABLE x` | unnest `; DROP TABLE x` into `a b`',
        "filter @message like /" + "(a+)+" * 1000 + "$/",
        "filter @message like /" + "(a|aa)+" * 1000 + "$/",
        "fields " + "replace(" * 40 + "@message" + ", 'a', '" + "a" * 100 + "')" * 40,
        "fields " + ", ".join(f"f{number}" for number in range(100)),
        "filter a in [" + ", ".join(str(number) for number in range(1500)) + "]",
        "filter " + " or ".join(["a = 1"] * 600),
        "filter " + "(a = " * 45 + "b" + ")" * 45,
        "fields " + "coalesce(a, " * 45 + "b" + ")" * 45,
        "fields " + "case(a > 1, b, " * 45 + "c" + ")" * 45,
        "fields " + "concat(toNumber(" * 22 + "a" + "), 'x')" * 22,
        " | ".join(f"fields a{number} + a{number} as a{number + 1}" for number in range(95))
        + " | filter a95 > 1 | sort a94",
        " | ".join(["limit 5"] * 100),
        "sort " + ", ".join(f"f{number} desc" for number in range(40)),
        "dedup " + ", ".join(f"f{number}" for number in range(40)),
        "stats " + ", ".join(f"max(f{number})" for number in range(60)),
        "limit 1000000000",
    ],
)
def test_a_hostile_query_is_answered_or_malformed(ask, text):
    ask.add("a" * 300, '{"a": 5, "b": "5"}')
    try:
        ask(text)
    except MalformedQuery as error:
        assert error.message  # noqa: PT017 - either is right
    assert ask("stats count(*)").values == [("2",)]
