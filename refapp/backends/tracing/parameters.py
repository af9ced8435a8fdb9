"""Parameters of a search, as they stand in the query of a URL."""

import math
import re
import time
from collections.abc import Mapping

MAX_LIMIT = 1500
"""The most traces that one search returns. Source: the largest limit of Jaeger's search form."""

_LARGEST = 2**63 - 1
_NANOSECONDS = {
    "ns": 1,
    "us": 10**3,
    "µs": 10**3,
    "μs": 10**3,
    "ms": 10**6,
    "s": 10**9,
    "m": 60 * 10**9,
    "h": 3600 * 10**9,
}
_PART = re.compile(r"([0-9]+(?:\.[0-9]*)?|\.[0-9]+)(ns|us|µs|μs|ms|s|m|h)")
_LONGEST = 64  # characters of a duration


class ParameterError(ValueError):
    """A parameter cannot be used; the text names it and says what it may be."""


def whole(query: Mapping[str, str], name: str, default: int) -> int:
    """A whole number that is not negative; the default when it is absent or empty.

    Raises:
        ParameterError: it is something else.
    """
    text = query.get(name, "")
    if not text:
        return default
    if not (text.isascii() and text.isdigit() and len(text) <= 19) or int(text) > _LARGEST:  # noqa: PLR2004
        raise ParameterError(f"{name} is {text!r:.80}: it must be a whole number between 0 and {_LARGEST}")
    return int(text)


def limit(query: Mapping[str, str], default: int) -> int:
    """How many traces to return at most.

    Raises:
        ParameterError: it is no number between 1 and `MAX_LIMIT`.
    """
    number = whole(query, "limit", default)
    if not 1 <= number <= MAX_LIMIT:
        raise ParameterError(f"limit is {number}: it must be between 1 and {MAX_LIMIT}")
    return number


def duration(query: Mapping[str, str], name: str) -> int | None:
    """A time span such as `1.2ms` or `1m30s`, in microseconds; None when it is absent or empty.

    Source of the form: Go's `time.ParseDuration`, without signs.

    Raises:
        ParameterError: it has no such form.
    """
    text = query.get(name, "")
    if not text:
        return None
    parts = _PART.findall(text)
    if text != "0" and (len(text) > _LONGEST or "".join(map("".join, parts)) != text):
        raise ParameterError(f"{name} is {text!r:.80}: it must be a duration such as 1.2ms, 100us or 1m30s")
    return min(math.floor(sum(float(number) * _NANOSECONDS[unit] for number, unit in parts) / 1000), _LARGEST)


def check_range(shortest: int | None, longest: int | None) -> None:
    """Refuse a range of durations that holds none.

    Raises:
        ParameterError: the longest is shorter than the shortest.
    """
    if shortest is not None and longest is not None and longest < shortest:
        raise ParameterError("maxDuration must not be shorter than minDuration")


def window(query: Mapping[str, str], lookback: int) -> tuple[int, int]:
    """The time that `endTs` and `lookback` name, both in milliseconds: its start and end in microseconds.

    The end is now, unless it is given; `lookback` is the default of that parameter.

    Raises:
        ParameterError: one of them is no number.
    """
    end = whole(query, "endTs", time.time_ns() // 10**6)
    start = max(end - whole(query, "lookback", lookback), 0)
    # To the last microsecond of that millisecond.
    return min(start * 1000, _LARGEST), min(end * 1000 + 999, _LARGEST)
