"""Times as the API and its documents write them. Inside they are seconds since 1970."""

from datetime import UTC, datetime


def seconds(time: datetime) -> float:
    """A time of a request in seconds since 1970; without a zone it is of UTC, as moto hands it over."""
    return (time if time.tzinfo else time.replace(tzinfo=UTC)).timestamp()


def milliseconds(time: datetime) -> int:
    """A time of a request in milliseconds since 1970."""
    return round(seconds(time) * 1000)


def utc(time: float) -> datetime:
    """A time for an answer."""
    return datetime.fromtimestamp(time, UTC)


def iso(time: float) -> str:
    """A time as alarms write it: `2023-10-26T16:42:00.000+0000`."""
    return utc(time).isoformat(timespec="milliseconds").replace("+00:00", "+0000")
