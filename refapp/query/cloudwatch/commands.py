"""The commands of a query of Logs Insights, and the query for the histogram that the console draws above a result."""

import re
from datetime import timedelta

from refapp.query.cloudwatch.spans import Span

# What may hold a `|` that ends no command: texts, names in backticks, comments, and regular expressions. A slash begins
# one where a value is expected, as no division does.
_TOKEN = re.compile(
    r"""
    (?P<quoted> "(?:\\.|[^"\\])*" | '(?:\\.|[^'\\])*' | `[^`]*` )
    | (?P<comment> \#[^\n]* )
    | (?P<regex> (?: (?<=\blike) | (?<==~) | (?<=[(,]) | (?<=\bparse) | (?<=\bin) ) \s* /(?:\\.|[^/\\\n])*/ )
    | (?P<pipe> \| )
    | (?P<other> . )
    """,
    re.VERBOSE | re.DOTALL | re.IGNORECASE,
)
_PARSED = re.compile(r"\s*parse\s+(?:`[^`]*`|[\w.@]+)\s+$", re.IGNORECASE)
_EXPRESSION = re.compile(r"/(?:\\.|[^/\\\n])*/")
_NAME = re.compile(r"\s*(\w+)")
# They choose, order or show what is there; how many events match is not changed by them.
_SKIPPED = frozenset(("sort", "limit", "display"))
# What follows them is about other things than events.
_ENDING = frozenset(("stats", "dedup", "pattern", "diff", "anomaly", "unnest"))
_BARS = 60
_PERIODS = ("1s", "5s", "10s", "30s", "1m", "5m", "10m", "30m", "1h", "3h", "6h", "12h", "1d", "7d", "30d")
_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86_400}


def commands(text: str) -> list[str]:
    """The commands of a query, without comments and the pipes between them."""
    parts = [""]
    place = 0
    while place < len(text):
        match = _TOKEN.match(text, place)
        if _PARSED.fullmatch(parts[-1]) and (expression := _EXPRESSION.match(text, place)):
            match = expression
            parts[-1] += expression[0]
        elif match is None:  # the pattern takes any character
            break
        elif match["pipe"]:
            parts.append("")
        elif not match["comment"]:
            parts[-1] += match[0]
        place = match.end()
    return [part.strip() for part in parts if part.strip()]


def histogram_query(text: str, span: Span) -> str:
    """The query that counts, in at most sixty parts of a time, the events that a query matches."""
    kept = []
    for command in commands(text):
        name = _NAME.match(command)
        word = name[1].lower() if name else ""
        if word in _ENDING:
            break
        if word not in _SKIPPED:
            kept.append(command)
    kept.append(f"stats count(*) as events by bin({_period(span.end - span.start)}) as time")
    return "\n| ".join([*kept, "sort time asc"])


def _period(length: timedelta) -> str:
    """A round period of which a time has at most sixty, in the units of the query language."""
    return next(
        (one for one in _PERIODS if int(one[:-1]) * _SECONDS[one[-1]] * _BARS >= length.total_seconds()), _PERIODS[-1]
    )
