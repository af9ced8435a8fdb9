import json
import math
import statistics

import pytest

from refapp.backends.cloudwatch.insights.aggregates import AGGREGATES


@pytest.fixture
def filled(ask):
    rows = [
        {"k": "a", "n": 1, "t": "x9", "f": 0.1},
        {"k": "a", "n": "2", "t": "x10", "f": 0.2},
        {"k": "b", "n": 4.5, "t": "7", "f": 0.3},
        {"k": "b", "n": "word", "u": "only here"},
        {"n": 10, "t": "x9"},
    ]
    ask.add(*map(json.dumps, rows), "no JSON")
    return ask


def test_all_documented_aggregates_are_known():
    documented = "avg sum stddev count count_distinct min max pct earliest latest sortsfirst sortslast"
    assert set(AGGREGATES) == set(documented.split())


@pytest.mark.parametrize(
    ("aggregate", "expected"),
    [
        ("count(*)", "6"),
        ("count()", "6"),
        ("count(n)", "5"),
        ("count(missing)", "0"),
        ("count(n = 1)", "6"),
        ("count_distinct(t)", "3"),
        ("count_distinct(missing)", "0"),
        ("sum(n)", "17.5"),
        ("sum(f)", "0.6"),
        ("sum(t)", "7"),
        ("sum(k)", None),
        ("sum(n = 1)", "1"),
        ("avg(n)", "4.375"),
        ("avg(missing)", None),
        ("stddev(n)", str(statistics.stdev([1, 2, 4.5, 10]))),
        ("stddev(t)", None),
        ("min(n)", "word"),
        ("max(n)", "10"),
        ("min(t)", "x9"),
        ("max(t)", "7"),
        ("max(k)", "b"),
        ("sortsFirst(t)", "x9"),
        ("sortsLast(k)", "b"),
        ("min(@timestamp)", "2023-11-14 22:13:20.000"),
        ("max(@timestamp) - min(@timestamp)", "5000"),
        ("max(n = 1)", "1"),
        ("pct(n, 0)", "1"),
        ("pct(n, 50)", "3.25"),
        ("pct(n, 100)", "10"),
        ("pct(k, 50)", None),
        ("earliest(t)", "x9"),
        ("latest(k)", "b"),
        ("latest(n)", "10"),
        ("earliest(u)", "only here"),
        ("latest(@timestamp)", "2023-11-14 22:13:25.000"),
        ("earliest(jsonParse(@message).k)", "a"),
        ("sum(n) / 1024 / 1024", str(17.5 / 1024 / 1024)),
        ("ceil(avg(n - f))", "3"),
        ("sum(n) / count(*)", str(17.5 / 6)),
        ("concat(max(k), '-', count(*))", "b-6"),
        ("5 + count(*)", "11"),
        ("COUNT(n)", "5"),
    ],
)
def test_aggregates(filled, aggregate, expected):
    ((found,),) = filled(f"stats {aggregate} as x").values
    if expected is None or found is None or not found.replace(".", "").isdigit():
        assert found == expected
    else:
        assert math.isclose(float(found), float(expected), rel_tol=1e-12)


@pytest.mark.parametrize(
    ("text", "rows"),
    [
        ("stats count(*) as c by k", [("a", "2"), ("b", "2"), (None, "2")]),
        ("stats sum(n) as s by k", [(None, "10"), ("b", "4.5"), ("a", "3")]),
        ("stats count(*) as c by k, n > 1 as big | sort k asc, big asc", None),
        (
            "stats count(*) as c by bin(3s)",
            [("2023-11-14 22:13:18.000", "1"), ("2023-11-14 22:13:21.000", "3"), ("2023-11-14 22:13:24.000", "2")],
        ),
        ("stats count(*) as c by strlen(k) as l", [("1", "4"), (None, "2")]),
        ("stats count(*) as c by 'x', 'x'", [("x", "6")]),
        ("stats count(*) as c by k as a, k as b | filter a = 'a'", [("a", "a", "2")]),
        ("stats max(n) as m by k | stats count(*) as c, max(m) as n", [("3", "10")]),
        ("stats count(*) as c by bin(2s) as t | stats max(c) as m by dateFloor(t, 4s)", None),
        (
            "stats sum(n) as s, count(*) as c by k | filter s > 3 and c = 2 | sort s asc",
            [("b", "4.5", "2"), (None, "10", "2")],
        ),
        ("stats sum(n) as s by k | fields s * 2 as d | sort d desc", [("20",), ("9",), ("6",)]),
        ("stats sum(n) as s by k | fields s * 2 as d | display k, d | sort d desc | limit 1", [(None, "20")]),
        ("stats k, count(*) by k | sort k desc | limit 1", None),
        ("filter k = 'none' | stats count(*) as c, sum(n) as s", [("0", None)]),
        ("filter k = 'none' | stats count(*) as c by k", []),
        ("stats count(*) as c by jsonParse(@message) as j", [(None, "6")]),
    ],
)
def test_groups(filled, text, rows):
    found = filled(text)
    if rows is not None:
        assert found.values == rows
    else:
        assert found.rows


def test_columns_are_keys_and_then_aggregates(filled):
    found = filled("stats count(*), avg( n ) , sum(n)/2 as half by k, bin(5m)")
    assert found.columns == ("k", "bin(5m)", "count(*)", "avg( n )", "half")


def test_many_groups_have_an_order(ask):
    ask.add(*(json.dumps({"k": f"k{number}", "n": number % 3}) for number in range(30)))
    found = [key for key, _ in ask("stats sum(n) as s by k").values]
    assert found == [f"k{number}" for rest in (2, 1, 0) for number in range(30) if number % 3 == rest]


@pytest.mark.parametrize(
    ("text", "message", "part"),
    [
        ("stats k by k", "`stats` asks for at least one aggregate", "stats k by k"),
        ("stats sum(n), k", "`k` is not known after `stats` or `pattern`", "k"),
        ("stats count(*) as c, c * 2 as d", "`c` is not known after `stats` or `pattern`", "c"),
        ("stats sum(*)", "`sum` has the wrong number of arguments", "sum(*)"),
        ("stats sum()", "`sum` has the wrong number of arguments", "sum()"),
        ("stats count(a, b)", "`count` has the wrong number of arguments", "count(a, b)"),
        ("stats count(*) by count(*)", "the function `count` is not known here", "count(*)"),
        ("stats latest(a) by b | stats latest(b)",
         "there is no `@timestamp` after `stats`, unless it says `max(@timestamp) as @timestamp`", "latest(b)"),
    ],
)  # fmt: skip
def test_what_is_wrong_and_where(refused, text, message, part):
    assert refused(text) == (message, part)
