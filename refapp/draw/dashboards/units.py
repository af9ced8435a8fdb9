"""Numbers with their units, scaled and rounded as Grafana does.

The ids are those of `unit` in a panel's field configuration:
https://grafana.com/docs/grafana/latest/panels-visualizations/configure-standard-options/#unit
"""

import math
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from types import MappingProxyType
from typing import NamedTuple

from refapp.draw.dashboards.unitnames import BINARY, COUNTED, CURRENCIES, FIXED, METRIC

_LARGE = ("", "k", "M", "G", "T", "P", "E", "Z", "Y")
_TINY = ("", "m", "µ", "n", "p", "f")
_LARGE_BINARY = ("", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei", "Zi", "Yi")
_SHORT = ("", " K", " Mil", " Bil", " Tri", " Quadr", " Quint", " Sext", " Sept")
_COUNTS = ("", "K", "M", "B", "T")
# seconds, from which on, and name
_TIMES = (
    (1e-9, "ns"),
    (1e-6, "µs"),
    (1e-3, "ms"),
    (1.0, "s"),
    (60.0, "mins"),
    (3600.0, "hours"),
    (86_400.0, "days"),
    (604_800.0, "weeks"),
    (31_536_000.0, "years"),
)
_TIME_UNITS = MappingProxyType(
    {"ns": 1e-9, "µs": 1e-6, "us": 1e-6, "ms": 1e-3, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86_400.0}
)
_DIGITS = 3  # that a number has when no decimals are asked for
_SCIENTIFIC = 1e21  # from which on Grafana writes an exponent


class Scale(NamedTuple):
    """What a value is divided by, and what is written before and after it."""

    factor: float
    suffix: str = ""
    prefix: str = ""


def text(value: float, unit: str = "", decimals: int | None = None) -> str:
    """A value with its unit, such as `1.50 KiB`, `99.9%` or `12.0 req/s`.

    Without decimals it has three digits, and none after the point when it is whole. An unknown unit stands behind
    the value, as in Grafana. What is no number is `NaN`, `+Inf` or `-Inf`, as Prometheus writes it.
    """
    if not math.isfinite(value):
        return "NaN" if math.isnan(value) else f"{'+' if value > 0 else '-'}Inf"
    if special := _SPECIAL.get(unit):
        return special(value)
    if unit.startswith("time:"):
        return _moment(value / 1000)
    found = scale(unit, value)
    return f"{found.prefix}{fixed(value / found.factor, decimals)}{found.suffix}"


def tick(value: float, unit: str = "", decimals: int | None = None) -> str:
    """A value at an axis: without zeros at its end, unless so many decimals are asked for."""
    if decimals is not None or unit in _SPECIAL or not math.isfinite(value):
        return text(value, unit, decimals)
    found = scale(unit, value)
    return f"{found.prefix}{value / found.factor:.6g}{found.suffix}"


def scale(unit: str, value: float) -> Scale:
    """How a value of that size is written in that unit."""
    if unit in _TIME_UNITS:
        return _time(_TIME_UNITS[unit], abs(value))
    for table, scaled in ((METRIC, _metric), (BINARY, _binary)):
        if named := table.get(unit):
            return scaled(*named, abs(value))
    if unit in COUNTED:
        return _counted(COUNTED[unit], abs(value))
    return _simple(unit, abs(value))


def fixed(value: float, decimals: int | None = None) -> str:
    """A number with so many digits after the point, or with as many as Grafana shows on its own."""
    if abs(value) >= _SCIENTIFIC:
        return f"{value:.4g}"
    written = f"{value:.{_decimals(value) if decimals is None else max(0, min(decimals, 20))}f}"
    return written.removeprefix("-") if float(written) == 0 else written


def _decimals(value: float) -> int:
    if value == 0 or value == round(value):
        return 0
    return max(0, min(_DIGITS - 1 - math.floor(math.log10(abs(value))), 12))


def _time(size: float, value: float) -> Scale:
    """In the largest unit of which there is at least one, but in none smaller than its own, unless it is seconds."""
    least = 0.0 if size == 1 else size
    units = [(one, name) for one, name in _TIMES if one >= least]
    one, name = next((found for found in reversed(units) if value * size >= found[0]), units[0])
    if value == 0:
        one, name = next(found for found in _TIMES if found[0] == size)
    return Scale(one / size, f" {name}")


def _metric(symbol: str, offset: int, value: float) -> Scale:
    power = _power(value, 1000, least=1 - len(_TINY) - offset, most=len(_LARGE) - 1 - offset)
    place = power + offset
    return Scale(1000.0**power, f" {_LARGE[place] if place >= 0 else _TINY[-place]}{symbol}")


def _binary(symbol: str, offset: int, value: float) -> Scale:
    power = _power(value, 1024, least=-offset, most=len(_LARGE_BINARY) - 1 - offset)
    return Scale(1024.0**power, f" {_LARGE_BINARY[power + offset]}{symbol}")


def _counted(symbol: str, value: float) -> Scale:
    power = _power(value, 1000, least=0, most=len(_COUNTS) - 1)
    return Scale(1000.0**power, f"{_COUNTS[power]} {symbol}")


def _simple(unit: str, value: float) -> Scale:
    if unit == "short":
        power = _power(value, 1000, least=0, most=len(_SHORT) - 1)
        return Scale(1000.0**power, _SHORT[power])
    if unit == "percentunit":
        return Scale(0.01, "%")
    if unit in FIXED:
        return Scale(1, FIXED[unit])
    symbol = CURRENCIES.get(unit) or (unit.partition(":")[2] if unit.startswith("currency:") else "")
    if symbol:
        power = _power(value, 1000, least=0, most=len(_COUNTS) - 1)
        return Scale(1000.0**power, _COUNTS[power], symbol)
    return _custom(unit, value)


def _custom(unit: str, value: float) -> Scale:
    """A unit that the dashboard brings: `suffix:`, `prefix:`, `si:` and `count:`, else a text behind the value."""
    kind, _, symbol = unit.partition(":")
    if kind == "si" and symbol:
        return _metric(symbol, 0, value)
    if kind == "count" and symbol:
        return _counted(symbol, value)
    if kind == "prefix" and symbol:
        return Scale(1, prefix=symbol)
    suffix = symbol if kind == "suffix" else unit
    return Scale(1, f" {suffix}" if suffix else "")


def _power(value: float, base: int, *, least: int, most: int) -> int:
    if value == 0 or not math.isfinite(value):
        return 0
    power = math.floor(math.log(value, base) + 1e-12)
    return max(min(power, most), least)


def _boolean(true: str, false: str) -> Callable[[float], str]:
    return lambda value: true if value else false


def _moment(value: float, layout: str = "%Y-%m-%d %H:%M:%S") -> str:
    """A time in seconds since 1970, in UTC."""
    try:
        return datetime.fromtimestamp(value, UTC).strftime(layout)
    except (ValueError, OverflowError, OSError):
        return f"{value:g}"


def _ago(value: float) -> str:
    """How long ago a time in milliseconds was."""
    passed = datetime.now(UTC).timestamp() - value / 1000
    span = text(abs(passed), "s", 0)
    return f"{span} ago" if passed >= 0 else f"in {span}"


def _clock(value: float) -> str:
    """Seconds as days, hours, minutes and seconds."""
    try:
        span = timedelta(seconds=abs(value))
    except OverflowError:
        return f"{value:g}"
    hours, rest = divmod(span.seconds, 3600)
    days = f"{span.days} d " if span.days else ""
    return f"{'-' if value < 0 else ''}{days}{hours:02}:{rest // 60:02}:{rest % 60:02}"


_SPECIAL: Mapping[str, Callable[[float], str]] = MappingProxyType(
    {
        "bool": _boolean("True", "False"),
        "bool_yes_no": _boolean("Yes", "No"),
        "bool_on_off": _boolean("On", "Off"),
        "clocks": _clock,
        "dateTimeAsIso": lambda value: _moment(value / 1000),
        "dateTimeAsIsoNoDateIfToday": lambda value: _moment(value / 1000),
        "dateTimeAsLocal": lambda value: _moment(value / 1000),
        "dateTimeAsSystem": lambda value: _moment(value / 1000),
        "dateTimeAsUS": lambda value: _moment(value / 1000, "%m/%d/%Y %I:%M:%S %p"),
        "dateTimeFromNow": _ago,
        "dtdhms": _clock,
        "dtdurationms": lambda value: text(value, "ms"),
        "dtdurations": lambda value: text(value, "s"),
        "dthms": _clock,
        "hex": lambda value: f"{value:.0f}" if value != round(value) else f"{round(value):X}",
        "hex0x": lambda value: f"{value:.0f}" if value != round(value) else f"0x{round(value):X}",
        "locale": lambda value: f"{value:,.10g}",
        "sci": lambda value: f"{value:.4e}",
        "string": lambda value: f"{value:g}",
        "timeticks": lambda value: text(value / 100, "s"),
    }
)
