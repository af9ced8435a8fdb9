"""Functions of times, and periods.

After "Datetime functions" in the CloudWatch Logs User Guide: bins begin at multiples of their period since 1970 in UTC,
those of months, quarters and years with the calendar; a period of more milliseconds, seconds, minutes or hours than the
next unit has is cut to that, so that `bin(300s)` is `bin(60s)`. What the guide leaves open, and what is chosen here: a
week begins on Thursday, as 1970 did; `now` is in seconds, and the same in a whole query; a time zone is a name of the
tz database, and UTC when none is given; a format with `%` is one of `strftime`, any other one of Java's
`DateTimeFormatter`, of which letters that have no equal are refused.
"""

import re
from dataclasses import replace
from functools import cache
from zoneinfo import available_timezones

from refapp.backends.cloudwatch.insights import tree
from refapp.backends.cloudwatch.insights.arguments import Arguments, Function, number, text, time
from refapp.backends.cloudwatch.insights.values import Kind, Value

_MILLISECONDS = {"ms": 1, "s": 1000, "m": 60_000, "h": 3_600_000, "d": 86_400_000, "w": 7 * 86_400_000}
_MONTHS = {"mo": 1, "q": 3, "y": 12}
_MOST = {"ms": 1000, "s": 60, "m": 60, "h": 24}
_LONGEST = 1_000_000  # of any other unit
_EPOCH = "TIMESTAMP '1970-01-01'"
# Java's letters and their equals in DuckDB's formats; a single one is a number without zeros in front.
_JAVA = {
    "yyyy": "%Y", "uuuu": "%Y", "y": "%Y", "u": "%Y", "yy": "%y", "M": "%-m", "MM": "%m", "MMM": "%b", "MMMM": "%B",
    "d": "%-d", "dd": "%d", "D": "%-j", "DDD": "%j", "H": "%-H", "HH": "%H", "h": "%-I", "hh": "%I", "m": "%-M",
    "mm": "%M", "s": "%-S", "ss": "%S", "SSS": "%g", "SSSSSS": "%f", "SSSSSSSSS": "%n", "a": "%p", "E": "%a",
    "EE": "%a", "EEE": "%a", "EEEE": "%A",
}  # fmt: skip
_ZONES = ("X", "XX", "XXX", "Z", "x", "xx", "xxx")
_DIRECTIVE = re.compile(r"[aAbBcdfgGHIjmMnpSuUVwWxXyYz%]|-[dHIjmMSy]")
_TOKEN = re.compile(r"'(?P<quoted>(?:[^']|'')*)'|(?P<letters>(?P<letter>[A-Za-z])(?P=letter)*)|(?P<other>.)", re.DOTALL)


def timestamp(given: Arguments) -> str:
    """The time of the rows, in SQL.

    Raises:
        MalformedQuery: they have none.
    """
    column = given.rows.names.get("@timestamp")
    if column is None:
        given.refuse_call("there is no `@timestamp` after `stats`, unless it says `max(@timestamp) as @timestamp`")
    return column.sql if column.kind is Kind.TIME else f"TRY_CAST({column.sql} AS BIGINT)"


def _bin(given: Arguments) -> Value:
    return time(_floor(given.let(timestamp(given)), given.period(0)))


def _datefloor(given: Arguments) -> Value:
    return time(_floor(given.let(given.time(0)), given.period(1)))


def _dateceil(given: Arguments) -> Value:
    moment, period = given.let(given.time(0)), given.period(1)
    floor = given.let(_floor(moment, period))
    return time(f"CASE WHEN {floor} = {moment} THEN {moment} ELSE {_next(floor, period)} END")


def _floor(moment: str, period: tree.Period) -> str:
    length = _length(period)
    if period.unit in _MONTHS:
        months = f"floor(date_diff('month', {_EPOCH}, epoch_ms({moment})) / {length}.0) * {length}"
        return f"TRY(epoch_ms({_EPOCH} + to_months(({months})::INTEGER)))"
    return f"TRY({moment} - ({moment} % {length} + {length}) % {length})"


def _next(floor: str, period: tree.Period) -> str:
    length = _length(period)
    if period.unit in _MONTHS:
        return f"TRY(epoch_ms(epoch_ms({floor}) + to_months({length})))"
    return f"TRY({floor} + {length})"


def _length(period: tree.Period) -> int:
    """In milliseconds, or, of calendar units, in months."""
    count = min(period.count, _MOST.get(period.unit, _LONGEST))
    return count * (_MILLISECONDS | _MONTHS)[period.unit]


def _parse_date(given: Arguments) -> Value:
    pattern, zoned = _format(given, 1)
    said = given.text(0)
    if zoned and pattern.endswith("%z"):
        said = f"regexp_replace({said}, 'Z$', '+0000')"
    parsed = f"try_strptime({said}, {given.parameter(pattern)})"
    zone = _zone(given, 2)
    moment = f"TRY_CAST({parsed} AS TIMESTAMPTZ)" if zoned else f"timezone({zone}, TRY_CAST({parsed} AS TIMESTAMP))"
    return number(f"epoch_ms({moment})::DOUBLE")


def _format_date(given: Arguments) -> Value:
    pattern, zoned = _format(given, 1)
    zone = _zone(given, 2)
    if zoned:
        if len(given) > 2 and given.said(2) not in ("UTC", "GMT"):  # noqa: PLR2004
            given.refuse("an offset can only be shown of UTC", 1)
        pattern = pattern.replace("%z", "Z" if "%" not in given.said(1) else "+0000")
    moment = f"timezone({zone}, make_timestamptz(TRY({given.time(0)} * 1000)))"
    shown = text(f"TRY(strftime({moment}, {given.parameter(pattern)}))")
    return replace(shown, growth=given.value(1).growth)


def _zone(given: Arguments, place: int) -> str:
    name = given.said(place) if len(given) > place else "UTC"
    if name not in _zones():
        given.refuse("this is no time zone of the tz database", place)
    return given.parameter(name)


@cache
def _zones() -> frozenset[str]:
    return frozenset(available_timezones() - {"localtime"})  # which DuckDB does not know


def _format(given: Arguments, place: int) -> tuple[str, bool]:
    """A format for DuckDB, and whether it has an offset from UTC."""
    said = given.said(place)
    if not said:
        given.refuse("a format is not empty", place)
    if "%" in said:
        for directive in re.findall(r"%(-?.?)", said, re.DOTALL):
            if not _DIRECTIVE.fullmatch(directive):
                given.refuse(f"a format has no `%{directive}`", place)
        return said, re.search(r"(?<!%)(%%)*%z", said) is not None
    translated = [_translated(match, given, place) for match in _TOKEN.finditer(said)]
    return "".join(translated), "%z" in translated


def _translated(match: re.Match[str], given: Arguments, place: int) -> str:
    if match["quoted"] is not None:
        return match["quoted"].replace("''", "'") or "'"
    letters = match["letters"]
    if letters is None:
        return "" if match["other"] == "'" else match["other"]
    if letters in _ZONES:
        return "%z"
    if letters not in _JAVA:
        given.refuse(f"a format with `{letters}` is not supported", place)
    return _JAVA[letters]


def _milliseconds(given: Arguments, moment: int) -> Value:
    return number(f"{given.parameter(float(moment))}::DOUBLE")


FUNCTIONS = {
    "bin": Function(1, 1, _bin),
    "dateFloor": Function(2, 2, _datefloor),
    "dateCeil": Function(2, 2, _dateceil),
    "fromMillis": Function(1, 1, lambda given: time(given.time(0))),
    "toMillis": Function(1, 1, lambda given: number(given.number(0))),
    "now": Function(0, 0, lambda given: _milliseconds(given, given.clock.now // 1000)),
    "queryStartTime": Function(0, 0, lambda given: _milliseconds(given, given.clock.start)),
    "queryEndTime": Function(0, 0, lambda given: _milliseconds(given, given.clock.end)),
    "queryTimeRange": Function(0, 0, lambda given: _milliseconds(given, given.clock.end - given.clock.start)),
    "parseDate": Function(2, 3, _parse_date),
    "formatDate": Function(2, 3, _format_date),
    "strftime": Function(2, 3, _format_date),
}
