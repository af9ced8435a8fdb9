from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from refapp.query.cloudwatch.commands import commands, histogram_query
from refapp.query.cloudwatch.spans import Span

START = datetime(2026, 3, 1, tzinfo=UTC)
ARTICLE = """fields @timestamp, @message
| filter kubernetes.container_name = "service-f"
and @message like "error"
| sort @timestamp desc
| limit 20"""


def span(seconds):
    return Span(START, START + timedelta(seconds=seconds))


def test_commands_are_parted_by_pipes():
    assert commands(" fields a\n| filter b = 1 |limit 3") == ["fields a", "filter b = 1", "limit 3"]


@pytest.mark.parametrize(
    "command",
    [
        'filter a = "x|y"',
        r'filter a = "x\"|y"',
        "filter a = 'x|y'",
        "fields `a|b`",
        "filter a like /x|y/",
        r"filter a =~ /x\/|y/",
        "filter a not like /(x|y)/",
        "parse @message /a|(?<b>.)/",
        "parse /a|(?<b>.)/",
        "parse `log|x` /a|(?<b>.)/",
        "fields replace(a, /x|y/, 'z')",
    ],
)
def test_a_pipe_within_a_text_or_an_expression_parts_nothing(command):
    assert commands(f"{command} | limit 3") == [command, "limit 3"]


def test_a_division_is_no_expression():
    assert commands("fields a/2 as x | filter x/2 > 3 | limit 1") == ["fields a/2 as x", "filter x/2 > 3", "limit 1"]


def test_comments_are_left_out():
    assert commands("# first | a\nfields a # all | of them\n| limit 3") == ["fields a", "limit 3"]


def test_a_hash_within_a_text_is_no_comment():
    assert commands('filter a = "#1" | limit 3') == ['filter a = "#1"', "limit 3"]


@given(st.text("ab|/'\"`#\\\n (,=~", max_size=30))
def test_any_text_has_commands(text):
    assert all(part and part == part.strip() for part in commands(text))


def test_the_histogram_counts_what_the_query_matches():
    assert histogram_query(ARTICLE, span(900)) == (
        "fields @timestamp, @message\n"
        '| filter kubernetes.container_name = "service-f"\nand @message like "error"\n'
        "| stats count(*) as events by bin(30s) as time\n"
        "| sort time asc"
    )


@pytest.mark.parametrize("ending", ["stats count(*) by a | sort a", "dedup a", "Stats count(*) | filter n > 1"])
def test_what_is_made_of_the_events_does_not_count(ending):
    query = histogram_query(f"filter a = 1 | {ending}", span(60))
    assert query == "filter a = 1\n| stats count(*) as events by bin(1s) as time\n| sort time asc"


@pytest.mark.parametrize(
    ("seconds", "period"), [(1, "1s"), (61, "5s"), (3600, "1m"), (3601, "5m"), (86_400, "30m"), (10**9, "30d")]
)
def test_there_are_at_most_sixty_bars(seconds, period):
    assert f"bin({period})" in histogram_query("", span(seconds))
