"""How Grafana makes one number of a series.

https://grafana.com/docs/grafana/latest/panels-visualizations/query-transform-data/calculation-types/
"""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

Values: TypeAlias = NDArray[np.float64]

# Before Grafana 7: `valueName` of singlestat, and the columns of a graph's legend.
_OLD = MappingProxyType({"current": "lastNotNull", "avg": "mean", "total": "sum"})
_TITLES = MappingProxyType(
    {
        "lastNotNull": "Last *",
        "firstNotNull": "First *",
        "sum": "Total",
        "stdDev": "StdDev",
        "diffperc": "Difference percent",
        "diff": "Difference",
        "logmin": "Min (above zero)",
        "changeCount": "Change count",
        "distinctCount": "Distinct count",
        "allIsZero": "All zeros",
        "allIsNull": "All nulls",
    }
)


def reduce(values: Values, name: str) -> float | None:
    """The number that a calculation makes of the values; nulls are NaN and left out, as Grafana leaves them out.

    Returns:
        None when there is nothing to calculate with.

    Raises:
        ValueError: there is no calculation of that name.
    """
    name = _OLD.get(name, name)
    if name in _WITH_NULLS:
        return _number(_WITH_NULLS[name](values))
    calculation = _CALCULATIONS.get(name) or _percentile(name)
    if calculation is None:
        raise ValueError(f"no calculation is named {name!r}; there are {', '.join(sorted(known()))} and p1 to p99")
    there = values[~np.isnan(values)]
    with np.errstate(all="ignore"):  # infinite values are allowed, and so is what comes of them
        return _number(calculation(there)) if len(there) else None


def known() -> frozenset[str]:
    """The names of all calculations but the percentiles, which are `p1` to `p99`."""
    return frozenset((*_CALCULATIONS, *_WITH_NULLS, *_OLD))


def title(name: str) -> str:
    """What heads the column of a calculation."""
    name = _OLD.get(name, name)
    return _TITLES.get(name, name[:1].upper() + name[1:])


def _number(value: float | None) -> float | None:
    return None if value is None or np.isnan(value) else float(value)


def _percentile(name: str) -> Callable[[Values], float] | None:
    percent = name.removeprefix("p")
    if not (name.startswith("p") and percent.isdecimal() and 0 < int(percent) < 100):  # noqa: PLR2004 (per cent)
        return None
    return lambda values: float(np.percentile(values, int(percent)))


def _delta(values: Values) -> float:
    """How much a counter has grown; where it falls it was reset, and what it shows then is growth."""
    steps = np.diff(values)
    return float(np.where(steps >= 0, steps, values[1:]).sum())


def _above_zero(values: Values) -> float:
    positive = values[values > 0]
    return float(positive.min()) if len(positive) else float("nan")


def _relative(values: Values) -> float:
    return float((values[-1] - values[0]) / values[0]) if values[0] else float("nan")


_CALCULATIONS: Mapping[str, Callable[[Values], float]] = MappingProxyType(
    {
        "lastNotNull": lambda values: values[-1],
        "firstNotNull": lambda values: values[0],
        "min": np.min,
        "max": np.max,
        "mean": np.mean,
        "sum": np.sum,
        "median": np.median,
        "range": np.ptp,
        "delta": _delta,
        "step": lambda values: float(np.diff(values).min()) if len(values) > 1 else float("nan"),
        "diff": lambda values: values[-1] - values[0],
        "diffperc": _relative,
        "logmin": _above_zero,
        "variance": np.var,
        "stdDev": np.std,
        "changeCount": lambda values: float(np.count_nonzero(np.diff(values))),
        "distinctCount": lambda values: float(len(np.unique(values))),
        "allIsZero": lambda values: float(not values.any()),
    }
)
_WITH_NULLS: Mapping[str, Callable[[Values], float | None]] = MappingProxyType(
    {
        "last": lambda values: values[-1] if len(values) else None,
        "first": lambda values: values[0] if len(values) else None,
        "count": lambda values: float(len(values)),
        "allIsNull": lambda values: float(np.isnan(values).all()),
    }
)
