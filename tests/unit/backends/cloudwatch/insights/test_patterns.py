import json

import pytest

from refapp.backends.cloudwatch.insights.patterns import Found, clustered


def test_texts_that_are_alike_have_one_pattern():
    found = clustered(
        [("user joe logged in", 3), ("user ann logged in", 2), ("user bob logged out", 1), ("disk full", 4)]
    )
    assert found == [
        Found("user <*> logged in", 0.5, 5, None),
        Found("disk full", 0.4, 4, None),
        Found("user bob logged out", 0.1, 1, None),
    ]
    assert clustered([]) == []


def test_patterns_that_become_the_same_are_one():
    found = clustered([("a b c d", 1), ("x y z w", 1), ("a b z w", 1)])
    assert sum(pattern.count for pattern in found) == 3
    assert len({pattern.text for pattern in found}) == len(found)


@pytest.mark.parametrize(
    ("text", "severity"),
    [
        ("ERROR cannot connect", "ERROR"),
        ("[warn] slow", "WARN"),
        ('{"level":"info","event":"x"}', "INFO"),
        ("a fatal error", "FATAL"),
        ("errors everywhere", None),
        ("debug: x", "DEBUG"),
        ("request failed", "ERROR"),
    ],
)
def test_severities(text, severity):
    assert clustered([(text, 1)])[0].severity == severity


def test_the_number_of_patterns_is_bounded():
    words = [f"{chr(97 + number % 26)}{chr(97 + number // 26)}" for number in range(200)]
    found = clustered((f"{word} {word} {word}", 1) for word in words)
    assert len(found) <= 50
    assert sum(pattern.count for pattern in found) == 200


@pytest.fixture
def filled(ask):
    ask.add(
        *(
            f"2024-05-17T13:47:{number:02}.123Z INFO GET /orders/{number} took {number}.5ms from 10.0.0.{number}"
            for number in range(20)
        ),
        *(f"ERROR id=0a1b2c3d-0000-4000-8000-00000000000{number} timed out" for number in range(5)),
        json.dumps({"log": "in JSON"}),
    )
    return ask


def test_pattern(filled):
    found = filled("pattern @message")
    assert found.columns == ("@pattern", "@ratio", "@sampleCount", "@severityLabel")
    assert found.rows == [
        ("<*> INFO GET /orders/<*> took <*> from <*>", str(20 / 26), "20", "INFO"),
        ("ERROR id=<*> timed out", str(5 / 26), "5", "ERROR"),
        ('{"log": "in JSON"}', str(1 / 26), "1", None),
    ]
    assert (found.statistics.scanned, found.statistics.matched) == (26, 26)


def test_pattern_among_other_commands(filled):
    found = filled(
        "filter @message like /ERROR/ | parse @message '* id=*' as level, rest | pattern rest "
        "| display @sampleCount, @pattern"
    )
    assert found.rows == [("5", "<*> timed out")]
    assert found.statistics.matched == 5
    assert filled("pattern @message | filter @sampleCount < 10 | sort @sampleCount asc | limit 1").rows[0][2] == "1"
    assert filled("pattern log").rows == [("in JSON", "1", "1", None)]
    assert filled("pattern missing").rows == []
    assert filled("pattern @message | stats sum(@sampleCount) as n").rows == [("26",)]


def test_what_is_rare_among_thousands_of_texts_is_one_pattern(ask):
    words = [
        f"{first}{second}{third}"
        for first in "abcdefghijklmno"
        for second in "abcdefghijklmno"
        for third in "abcdefghijklmno"
    ]
    ask.add(*["x"] * 5, *words)
    rows = ask("pattern @message | sort @sampleCount desc").rows
    assert sum(int(row[2]) for row in rows) == 5 + len(words)
    assert len(rows) <= 60


def test_long_texts_are_cut(ask):
    ask.add("word " * 10_000)
    assert ask("fields strlen(@message) as n | display n").values == [("50000",)]
    assert len(ask("pattern @message").rows[0][0]) == 2000
