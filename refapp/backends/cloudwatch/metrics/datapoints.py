"""GetMetricStatistics: statistics of one metric.

Source: GetMetricStatistics in the CloudWatch API reference.
"""

from collections.abc import Mapping
from typing import Any, Final

from refapp.backends.cloudwatch.metrics.distribution import Distribution
from refapp.backends.cloudwatch.metrics.errors import InvalidParameterCombination, InvalidParameterValue
from refapp.backends.cloudwatch.metrics.listing import from_member
from refapp.backends.cloudwatch.metrics.periods import grid, is_kept, is_period
from refapp.backends.cloudwatch.metrics.statistics import Statistic, parse_statistic
from refapp.backends.cloudwatch.metrics.store import MetricStore
from refapp.backends.cloudwatch.metrics.times import seconds, utc

MOST_POINTS: Final = 1440
"""How many data points one request may ask for."""

Members = Mapping[str, Any]


def get_metric_statistics(store: MetricStore, request: Members, now: float) -> dict[str, Any]:
    """The data points of a metric, in the order of time; when it has several units, those of each.

    Raises:
        InvalidParameterValue: a statistic, the period or the times are not what they may be.
        InvalidParameterCombination: there is no statistic, or there are two kinds of them, or too many data points.
    """
    basic, extended = _statistics(request)
    start, end, period = seconds(request["StartTime"]), seconds(request["EndTime"]), request["Period"]
    if start >= end:
        raise InvalidParameterValue("The parameter StartTime must be less than the parameter EndTime.")
    if not is_period(period):
        raise InvalidParameterValue(
            f"The parameter Period must be 1, 5, 10, 20 or 30, or a multiple of 60, in seconds; it is {period}."
        )
    if (count := int((end - start) / period)) > MOST_POINTS:
        raise InvalidParameterCombination(
            f"You have requested up to {count:,} datapoints, which exceeds the limit of {MOST_POINTS:,}."
            " You may reduce the datapoints requested by increasing Period, or decreasing the time range."
        )
    times = grid(start, end, period, now)
    found = store.read(from_member(request), times, spread=bool(extended)) if is_kept(times, now) else {}
    points = [
        point | {"Timestamp": utc(time), "Unit": unit}
        for unit, values in found.items()
        if request.get("Unit") in (None, unit)
        for time, distribution in values.items()
        if (point := _point(distribution, basic, extended))
    ]
    return {"Label": request["MetricName"], "Datapoints": sorted(points, key=lambda point: point["Timestamp"])}


def _statistics(request: Members) -> tuple[list[Statistic], list[Statistic]]:
    basic, extended = request.get("Statistics") or [], request.get("ExtendedStatistics") or []
    if not basic and not extended:
        raise InvalidParameterCombination("Must specify either Statistics or ExtendedStatistics")
    if basic and extended:
        raise InvalidParameterCombination("Must specify either Statistics or ExtendedStatistics, but not both")
    try:
        found = [parse_statistic(name) for name in extended]
    except ValueError as error:
        raise InvalidParameterValue(f"A value for parameter ExtendedStatistics is invalid: {error}.") from None
    if unfit := [statistic.name for statistic in found if not statistic.spread]:
        raise InvalidParameterValue(f"The value {unfit[0]} for parameter ExtendedStatistics belongs to Statistics.")
    return [parse_statistic(name) for name in basic], found


def _point(values: Distribution, basic: list[Statistic], extended: list[Statistic]) -> dict[str, Any]:
    """What the data point says; nothing when there is nothing to say."""
    point: dict[str, Any] = {statistic.name: statistic.measure(values) for statistic in basic}
    measured = {statistic.name: value for statistic in extended if (value := statistic.measure(values)) is not None}
    return point | ({"ExtendedStatistics": measured} if measured else {})
