"""What a metric alarm watches: a series, a threshold, and how many of the last data points have to cross it."""

import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Final

from refapp.backends.cloudwatch.metrics.alarms.verdicts import Criteria
from refapp.backends.cloudwatch.metrics.calculation import Calculation
from refapp.backends.cloudwatch.metrics.functions import series
from refapp.backends.cloudwatch.metrics.listing import from_member
from refapp.backends.cloudwatch.metrics.periods import Grid
from refapp.backends.cloudwatch.metrics.queries import Query, Reading, parse_queries, parse_statistic_name
from refapp.backends.cloudwatch.metrics.series import Series
from refapp.backends.cloudwatch.metrics.store import MetricStore

COMPARISONS: Final[dict[str, tuple[str, Callable[[float, float], bool]]]] = {
    "GreaterThanOrEqualToThreshold": ("greater than or equal to", operator.ge),
    "GreaterThanThreshold": ("greater than", operator.gt),
    "LessThanThreshold": ("less than", operator.lt),
    "LessThanOrEqualToThreshold": ("less than or equal to", operator.le),
}
"""How values are compared with a threshold, in words and as a function."""

EXTRA: Final = 2
"""How many periods beyond those it needs an alarm looks at, for data points that are missing.

The user guide has one example, of five for three; how many it are in general, it does not say.
"""


@dataclass(frozen=True, kw_only=True, slots=True)
class Watch:
    """What a metric alarm watches: the query `watched`, in periods of some seconds, by some criteria.

    `statistic` and `unit` are those of a single metric. `few` is how many published values a percentile needs, if the
    alarm is to keep its state when there are fewer.
    """

    queries: tuple[Query, ...]
    watched: str
    period: int
    criteria: Criteria
    comparison: str
    threshold: float
    statistic: str = ""
    unit: str = ""
    few: float = 0.0

    def read(self, store: MetricStore, end: int) -> Series:
        """The data points that the alarm looks at when its last period ends at a time.

        Raises:
            ValidationError: an expression cannot be computed.
        """
        grid = Grid(end - (self.criteria.periods + EXTRA) * self.period, end, self.period)
        # An alarm takes what is there, however long ago its first period is: as if it was read when that began.
        return series(Calculation(store, self.queries, lambda _: grid, now=grid.start).values[self.watched])


def watch(definition: Mapping[str, Any]) -> Watch:
    """What the alarm of a definition watches.

    Raises:
        ValidationError: a query is none.
    """
    if "Metrics" in definition:
        queries = tuple(parse_queries(definition["Metrics"]))
        watched = next(query for query in queries if query.returned)
        period = _period(queries)
        reading = None
    else:
        name = definition.get("Statistic") or definition["ExtendedStatistic"]
        reading = Reading(
            from_member(definition), parse_statistic_name(name), definition["Period"], definition.get("Unit")
        )
        watched, period = Query("m1", reading), reading.period
        queries = (watched,)
    threshold, comparison = float(definition["Threshold"]), definition["ComparisonOperator"]
    _, crosses = COMPARISONS[comparison]
    return Watch(
        queries=queries,
        watched=watched.id,
        period=period,
        criteria=Criteria(
            periods=definition["EvaluationPeriods"],
            needed=definition.get("DatapointsToAlarm", definition["EvaluationPeriods"]),
            breaches=lambda value: crosses(value, threshold),
            missing=definition.get("TreatMissingData", "missing"),
        ),
        comparison=comparison,
        threshold=threshold,
        statistic=reading.statistic.name if reading else "",
        unit=definition.get("Unit", ""),
        few=_few(definition, reading),
    )


def _period(queries: tuple[Query, ...]) -> int:
    """The period of the metrics, which have the same; of an expression without metrics, its own."""
    periods = {query.what.period for query in queries if isinstance(query.what, Reading)}
    periods |= {query.period for query in queries if query.period}
    return periods.pop() if periods else 0


def _few(definition: Mapping[str, Any], reading: Reading | None) -> float:
    """Source: "Percentile-based alarms and low data samples" in the user guide."""
    if definition.get("EvaluateLowSampleCountPercentile") != "ignore" or reading is None:
        return 0.0
    share = reading.statistic.percentile or Fraction(0)
    rare = min(share, 1 - share)
    return float(10 / rare) if rare > 0 else 0.0
