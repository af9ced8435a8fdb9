"""CloudWatch's metrics of one namespace, as data frames.

The calls are ListMetrics and GetMetricData of the CloudWatch API reference; "CloudWatch search expression syntax" and
"Using dynamic labels" of its user guide say how several series are found at once and told apart.
"""

import warnings
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import pandas as pd

from refapp.query.cloudwatch.cloud import Cloud
from refapp.query.cloudwatch.errors import CloudError, CloudWarning
from refapp.query.cloudwatch.spans import Span

PERIOD = timedelta(minutes=1)
"""The period of Container Insights' metrics."""

# The values of a series by their times.
Points = dict[datetime, float]

_BETWEEN = "/"  # is in no name of Kubernetes
_FAILED = frozenset(("InternalError", "Forbidden"))
_PROPERTIES = frozenset(("Namespace", "MetricName"))


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """Series of a metric: the one with exactly these `dimensions`, or those that tell the dimensions `by` apart.

    `statistic` is CloudWatch's: Average, Sum, Minimum, Maximum, SampleCount, p99, tm90 and so on.
    """

    metric: str
    statistic: str = "Average"
    dimensions: Mapping[str, str]
    by: tuple[str, ...] = ()


def list_metrics(cloud: Cloud, namespace: str, metric: str | None, dimensions: Mapping[str, str]) -> pd.DataFrame:
    """The metrics that have got values in the last two weeks: metric, and a column for each dimension.

    A metric that lacks a dimension has NaN there.
    """
    asked = {
        "Namespace": namespace,
        "MetricName": metric,
        "Dimensions": [{"Name": name, "Value": value} for name, value in dimensions.items()] or None,
    }
    found = [one for page in cloud.pages("cloudwatch", "list_metrics", **asked) for one in page["Metrics"]]
    rows = [
        {"metric": one["MetricName"], **{pair["Name"]: pair["Value"] for pair in one["Dimensions"]}} for one in found
    ]
    names = sorted({name for row in rows for name in row} - {"metric"})
    frame = pd.DataFrame(rows, columns=["metric", *names], dtype="str")
    return frame.drop_duplicates().sort_values(["metric", *names], ignore_index=True)


def read(
    cloud: Cloud, namespace: str, wanted: Mapping[str, Wanted], span: Span, period: timedelta = PERIOD
) -> dict[str, pd.DataFrame]:
    """The values of metrics, by the names they are wanted under: one row a period, and one column a series.

    A column is called by the values of the dimensions `by`, with `/` between them, or as the metric is. Where a series
    has no value there is NaN. `attrs` has the `metric`, the `statistic` and the `step` in seconds.
    """
    keys = {f"q{number}": name for number, name in enumerate(wanted)}
    asked = [_query(namespace, ident, wanted[name], period) for ident, name in keys.items()]
    found = query(cloud, asked, span)
    frames = {}
    for ident, name in keys.items():
        one = wanted[name]
        series = {label: points for label, points in found[ident].items() if _belongs(label, one)}
        frame = over_time(series, span, period)
        frame.attrs = {"metric": one.metric, "statistic": one.statistic, "step": period.total_seconds()}
        frames[name] = frame.rename(columns={label: _name(label, one) for label in series})
    return frames


def query(cloud: Cloud, queries: Sequence[Mapping[str, Any]], span: Span) -> dict[str, dict[str, Points]]:
    """What GetMetricData answers to its queries: values by time, of each series by its label, by the id of the query.

    Raises:
        CloudError: CloudWatch cannot be asked, or refuses.
    """
    found: dict[str, dict[str, Points]] = defaultdict(dict)
    asked = {"StartTime": span.start, "EndTime": span.end, "ScanBy": "TimestampAscending"}
    for page in cloud.pages("cloudwatch", "get_metric_data", MetricDataQueries=list(queries), **asked):
        for told in page.get("Messages", ()):
            warnings.warn(f"{told['Code']}: {told['Value']}", CloudWarning, stacklevel=2)
        for one in page["MetricDataResults"]:
            if one.get("StatusCode") in _FAILED:
                raise CloudError(f"the values of {one['Label']} cannot be read: {one['StatusCode']}")
            points = found[one["Id"]].setdefault(one["Label"], {})
            points.update(zip(one["Timestamps"], one["Values"], strict=True))
    return found


def over_time(series: Mapping[str, Mapping[datetime, float]], span: Span, period: timedelta) -> pd.DataFrame:
    """One row a period of the span, and one column a series, in the order of their names; NaN where it has no value."""
    times = [time for points in series.values() for time in points]
    index = pd.DatetimeIndex(_steps(times, span, period), name="time", tz="UTC")
    columns = {
        label: pd.Series(dict(points), dtype="float64").reindex(index)
        for label, points in sorted(series.items())
        if points
    }
    return pd.DataFrame(columns, index=index, dtype="float64")


def _steps(times: Iterable[datetime], span: Span, period: timedelta) -> list[datetime]:
    """The beginnings of the periods: those of CloudWatch, and as many between and around them as the span has."""
    first = min(times, default=None)
    if first is None:
        return []
    before = (first - span.start) // period
    first -= before * period
    count = (span.end - first) // period + 1
    return [first + number * period for number in range(max(count, 1))]


def _query(namespace: str, ident: str, one: Wanted, period: timedelta) -> dict[str, Any]:
    seconds = round(period.total_seconds())
    if one.by:
        label = _BETWEEN.join(f"${{PROP('Dim.{name}')}}" for name in _kept(one))
        return {"Id": ident, "Expression": _search(namespace, one, seconds), "Label": label, "ReturnData": True}
    metric = {
        "Namespace": namespace,
        "MetricName": one.metric,
        "Dimensions": [{"Name": name, "Value": value} for name, value in one.dimensions.items()],
    }
    stat = {"Metric": metric, "Period": seconds, "Stat": one.statistic}
    return {"Id": ident, "MetricStat": stat, "Label": one.metric}


def _search(namespace: str, one: Wanted, seconds: int) -> str:
    names = sorted({*one.by, *one.dimensions})
    # To CloudWatch `Namespace=` is the metric's namespace; a dimension of that name is found by its value alone.
    terms = [
        _quoted(value) if name in _PROPERTIES else f"{name}={_quoted(value)}" for name, value in one.dimensions.items()
    ]
    term = " ".join([f"MetricName={_quoted(one.metric)}", *terms])
    return f"SEARCH('{{{','.join([namespace, *names])}}} {term}', '{one.statistic}', {seconds})"


def _quoted(text: str) -> str:
    return '"{}"'.format(text.replace("\\", "\\\\").replace('"', '\\"').replace("'", "\\'"))


def _kept(one: Wanted) -> list[str]:
    """The dimensions that a label tells: those that tell series apart, and those that had to be searched by value."""
    return [*one.by, *(name for name in one.dimensions if name in _PROPERTIES)]


def _belongs(label: str, one: Wanted) -> bool:
    if not one.by:
        return True
    values = dict(zip(_kept(one), label.split(_BETWEEN), strict=False))
    return all(values.get(name, value) == value for name, value in one.dimensions.items())


def _name(label: str, one: Wanted) -> str:
    return _BETWEEN.join(label.split(_BETWEEN)[: len(one.by)]) if one.by else label
