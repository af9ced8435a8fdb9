from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from refapp.backends.cloudwatch.events.store import Event

MOMENT = datetime(2024, 5, 17, 13, 47, 28, 123000, UTC)
MS = int(MOMENT.timestamp() * 1000)


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("bin(100ms)", "2024-05-17 13:47:28.100"),
        ("bin(5s)", "2024-05-17 13:47:25.000"),
        ("bin(5m)", "2024-05-17 13:45:00.000"),
        ("bin(5 minutes)", "2024-05-17 13:45:00.000"),
        ("bin(300s)", "2024-05-17 13:47:00.000"),
        ("bin(90m)", "2024-05-17 13:00:00.000"),
        ("bin(48h)", "2024-05-17 00:00:00.000"),
        ("bin(5000ms)", "2024-05-17 13:47:28.000"),
        ("bin(1d)", "2024-05-17 00:00:00.000"),
        ("bin(1w)", "2024-05-16 00:00:00.000"),
        ("bin(1mo)", "2024-05-01 00:00:00.000"),
        ("bin(2mo)", "2024-05-01 00:00:00.000"),
        ("bin(4mo)", "2024-05-01 00:00:00.000"),
        ("bin(1q)", "2024-04-01 00:00:00.000"),
        ("bin(1y)", "2024-01-01 00:00:00.000"),
        ("bin(5y)", "2020-01-01 00:00:00.000"),
        ("bin(9999999y)", "1970-01-01 00:00:00.000"),
        ("dateFloor(@timestamp, 1h)", "2024-05-17 13:00:00.000"),
        ("dateFloor(fromMillis(1), 1s)", "1970-01-01 00:00:00.000"),
        ("dateFloor(1500, 1s)", "1970-01-01 00:00:01.000"),
        ("dateFloor(fromMillis(0 - 1), 1s)", "1969-12-31 23:59:59.000"),
        ("dateFloor(fromMillis(0 - 1), 1mo)", "1969-12-01 00:00:00.000"),
        ("dateFloor('no time', 1s)", None),
        ("dateFloor(missing, 1y)", None),
        ("dateCeil(@timestamp, 1h)", "2024-05-17 14:00:00.000"),
        ("dateCeil(@timestamp, 1mo)", "2024-06-01 00:00:00.000"),
        ("dateCeil(@timestamp, 1q)", "2024-07-01 00:00:00.000"),
        ("dateCeil(bin(1mo), 1mo)", "2024-05-01 00:00:00.000"),
        ("dateCeil(bin(1h), 1h)", "2024-05-17 13:00:00.000"),
        ("dateCeil(missing, 1h)", None),
        ("toMillis(@timestamp)", f"{MS}"),
        ("fromMillis(toMillis(@timestamp))", "2024-05-17 13:47:28.123"),
        ("fromMillis('x')", None),
        ("now()", "1700000100"),
        ("queryEndTime() > queryStartTime()", "1"),
        ("parseDate('2024-05-17 13:47:28.123', 'yyyy-MM-dd HH:mm:ss.SSS')", f"{MS}"),
        ("parseDate('2024-05-17 15:47:28.123', 'yyyy-MM-dd HH:mm:ss.SSS', 'Europe/Berlin')", f"{MS}"),
        ("parseDate('2024-05-17T13:47:28Z', \"yyyy-MM-dd'T'HH:mm:ssX\")", f"{MS - 123}"),
        ("parseDate('2024-05-17T15:47:28+02:00', \"yyyy-MM-dd'T'HH:mm:ssXXX\")", f"{MS - 123}"),
        ("parseDate('2024-05-17T15:47:28+0200', \"yyyy-MM-dd'T'HH:mm:ssZ\", 'Asia/Tokyo')", f"{MS - 123}"),
        ("parseDate('17/5/24 1:47 PM', 'd/M/yy h:mm a')", f"{MS - 28_123}"),
        ("parseDate('Fri 17 May 2024', 'EEE dd MMM yyyy')", "1715904000000"),
        ("parseDate('17.05.2024', '%d.%m.%Y')", "1715904000000"),
        ("parseDate('2024-05-17 123456789', 'yyyy-MM-dd SSSSSSSSS')", "1715904000123"),
        ("parseDate('2024-05-17 123456789 +0100', '%Y-%m-%d %n %z')", "1715900400123"),
        ("parseDate('no date', 'yyyy')", None),
        ("parseDate(missing, 'yyyy')", None),
        ("formatDate(@timestamp, \"EEEE, d MMMM yyyy 'at' HH:mm:ss.SSS\")", "Friday, 17 May 2024 at 13:47:28.123"),
        ("formatDate(@timestamp, \"yyyy-MM-dd'T'HH:mm:ssX\")", "2024-05-17T13:47:28Z"),
        ("formatDate(@timestamp, \"h 'o''clock' a\")", "1 o'clock PM"),
        ("formatDate(@timestamp, 'yyyy-MM-dd HH:mm', 'Europe/Berlin')", "2024-05-17 15:47"),
        ("formatDate(@timestamp, 'HH:mm', 'Asia/Kolkata')", "19:17"),
        ("strftime(@timestamp, '%Y/%m/%d %H%% %z')", "2024/05/17 13% +0000"),
        ("strftime(@timestamp, '%Y%%z')", "2024%z"),
        ("strftime(1500, 'ss.SSS')", "01.500"),
        ("strftime(missing, '%Y')", None),
        ("strftime('word', '%Y')", None),
    ],
)
def test_functions(value, expression, expected):
    assert value(expression, timestamp=MS) == expected


def test_the_time_of_a_query(ask):
    ask.add("x", start=5000)
    found = ask("fields queryStartTime(), queryEndTime(), queryTimeRange(), now() as n | display `queryStartTime()`, "
                "`queryEndTime()`, `queryTimeRange()`, n", start=4000, end=9999)  # fmt: skip
    assert found.values == [("4000", "9999", "5999", "1700000100")]


MOMENTS = st.lists(st.integers(-(10**12), 4 * 10**12), min_size=1, max_size=20)


def computed(ask, moments, *expressions):
    """Expressions at some times."""
    ask.store.delete(ask.group)
    ask.store.append(ask.group, "s", [Event(ms, "x") for ms in moments], 0)
    return ask(f"sort @ingestionTime asc, @timestamp asc | fields {', '.join(expressions)}").values


@settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
@given(MOMENTS, st.integers(1, 70), st.sampled_from(["s", "m", "h", "d", "w", "mo", "q", "y"]))
def test_a_time_is_between_the_two_ends_of_its_bin(ask, moments, count, unit):
    period = f"{count}{unit}"
    capped = min(count, {"s": 60, "m": 60, "h": 24}.get(unit, count))
    seconds = {"s": 1, "m": 60, "h": 3600, "d": 86_400, "w": 7 * 86_400}
    for row in computed(ask, moments, f"bin({period})", "@timestamp", f"dateCeil(@timestamp, {period})"):
        floor, moment, ceil = map(datetime.fromisoformat, row)
        assert floor <= moment <= ceil
        assert (floor == moment) == (ceil == moment)
        if unit in seconds:
            length = timedelta(seconds=seconds[unit] * capped)
            assert (floor - datetime(1970, 1, 1)) % length == timedelta(0)  # noqa: DTZ001 - as the engine shows it
            assert ceil - floor in (length, timedelta(0))
        else:
            length = {"mo": 1, "q": 3, "y": 12}[unit] * capped
            assert (floor.day, (floor.year * 12 + floor.month - 1 - 1970 * 12) % length) == (1, 0)


@settings(max_examples=8, deadline=None, suppress_health_check=list(HealthCheck))
@given(MOMENTS, st.sampled_from(["Europe/Berlin", "America/New_York", "Asia/Kathmandu", "UTC"]))
def test_zones_are_those_of_the_database(ask, moments, zone):
    local = [datetime.fromtimestamp(ms // 1000, ZoneInfo(zone)) for ms in sorted(moments)]
    found = computed(ask, moments, f"formatDate(@timestamp, 'yyyy-MM-dd HH:mm:ss', '{zone}')")
    assert [text for (text,) in found] == [time.strftime("%Y-%m-%d %H:%M:%S") for time in local]


@pytest.mark.parametrize(
    ("text", "message", "part"),
    [
        ("fields formatDate(@timestamp, 'yyyy-MM-dd G')", "a format with `G` is not supported", "'yyyy-MM-dd G'"),
        ("fields formatDate(@timestamp, '%Z')", "a format has no `%Z`", "'%Z'"),
        ("fields formatDate(@timestamp, '%-z')", "a format has no `%-z`", "'%-z'"),
        ("fields formatDate(@timestamp, '%Q')", "a format has no `%Q`", "'%Q'"),
        ("fields formatDate(@timestamp, 'x%')", "a format has no `%`", "'x%'"),
        ("fields formatDate(@timestamp, '')", "a format is not empty", "''"),
        ("fields formatDate(@timestamp, a)", "this has to be a string", "a"),
        ("fields formatDate(@timestamp, 'yyyy', 'Mars')", "this is no time zone of the tz database", "'Mars'"),
        ("fields formatDate(@timestamp, 'yyyyX', 'Asia/Tokyo')", "an offset can only be shown of UTC", "'yyyyX'"),
        ("fields parseDate(a, 'yyyy', 'localtime')", "this is no time zone of the tz database", "'localtime'"),
        ("stats count(*) by a | stats count(*) by bin(5m)",
         "there is no `@timestamp` after `stats`, unless it says `max(@timestamp) as @timestamp`", "bin(5m)"),
        ("fields bin(5m, 2)", "`bin` takes 1 arguments, not 2", "bin(5m, 2)"),
        ("fields 5m", "a regular expression or a period cannot be here", "5m"),
    ],
)  # fmt: skip
def test_what_is_wrong_and_where(refused, text, message, part):
    assert refused(text) == (message, part)


def test_a_time_that_was_carried_through_stats(ask):
    ask.add("a", "b", "c", start=MS, step=60_000)
    found = ask("stats max(@timestamp) as @timestamp by @message | stats count(*) as n by bin(2m)")
    assert found.values == [("2024-05-17 13:46:00.000", "1"), ("2024-05-17 13:48:00.000", "2")]
