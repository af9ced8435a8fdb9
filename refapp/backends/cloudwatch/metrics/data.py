"""GetMetricData: data points of many metrics and of expressions over them.

Source: GetMetricData in the CloudWatch API reference.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from refapp.backends.cloudwatch.metrics.calculation import MOST_FOUND, Calculation, returned
from refapp.backends.cloudwatch.metrics.errors import ValidationError
from refapp.backends.cloudwatch.metrics.labels import Surroundings, is_dynamic, parse_zone, render
from refapp.backends.cloudwatch.metrics.pages import position, token
from refapp.backends.cloudwatch.metrics.periods import grid
from refapp.backends.cloudwatch.metrics.queries import Query, Reading, parse_queries
from refapp.backends.cloudwatch.metrics.series import Array, Series
from refapp.backends.cloudwatch.metrics.store import MetricStore
from refapp.backends.cloudwatch.metrics.times import seconds, utc

MOST_QUERIES: Final = 500
"""How many queries a request may have."""

MOST_POINTS: Final = 100_800
"""How many data points a page may have."""

Members = Mapping[str, Any]


def get_metric_data(store: MetricStore, request: Members, now: float, properties: Mapping[str, str]) -> dict[str, Any]:
    """The results of a request's queries; `properties` are what labels may say beside the metric, such as `Region`.

    Raises:
        ValidationError: a query, a time or a limit is not what it may be.
        InvalidNextToken: the token belongs to another request.
    """
    members = request["MetricDataQueries"]
    if len(members) > MOST_QUERIES:
        raise ValidationError(f"MetricDataQueries must have at most {MOST_QUERIES} members; it has {len(members)}.")
    size = request.get("MaxDatapoints", MOST_POINTS)
    if not 1 <= size <= MOST_POINTS:
        raise ValidationError(f"MaxDatapoints must be between 1 and {MOST_POINTS:,}; it is {size:,}.")
    start, end = seconds(request["StartTime"]), seconds(request["EndTime"])
    if start >= end:
        raise ValidationError("The parameter StartTime must be less than the parameter EndTime.")
    zone = parse_zone((request.get("LabelOptions") or {}).get("Timezone", "+0000"))
    around = Surroundings(now=now, zone=zone, properties=properties)
    queries = parse_queries(members)
    calculation = Calculation(store, queries, lambda period: grid(start, end, period, now), now)
    by_id = {query.id: query for query in queries}
    results = [
        (query, series, _label(query, series, around, is_alone=not isinstance(value, Array)))
        for query in (by_id[member["Id"]] for member in members)
        if query.returned
        for value in [calculation.values[query.id]]
        for series in returned(query, value)
    ]
    crowd = {"Code": "MaxMetricsExceeded", "Value": f"Maximum number of allowed metrics exceeded: {MOST_FOUND}"}
    return _page(results, request, size) | {"Messages": [crowd] if calculation.crowded else []}


def _label(query: Query, series: Series, around: Surroundings, *, is_alone: bool) -> str:
    template = query.label
    if template is not None and is_dynamic(template):
        return render(template, series, around)
    if isinstance(query.what, Reading) or is_alone or not template:
        return series.label
    return f"{template} {series.label}".strip()


def _page(results: Sequence[tuple[Query, Series, str]], request: Members, size: int) -> dict[str, Any]:
    """The results with the points of the page: all points in turn are cut into pages."""
    start = position(request)
    first, last = 0, start + size
    page = []
    for query, series, label in results:
        points = list(series.points.items())
        if request.get("ScanBy") != "TimestampAscending":
            points.reverse()
        shown = points[max(start - first, 0) : max(last - first, 0)]
        end = first + len(points)
        # What has no points is shown once, with the point before it.
        if shown or (not points and start <= max(first - 1, 0) < last):
            page.append(_result(query, series, label, shown, is_whole=end <= last))
        first = end
    return {"MetricDataResults": page, **({"NextToken": token(last, request)} if first > last else {})}


def _result(
    query: Query, series: Series, label: str, points: Sequence[tuple[int, float]], *, is_whole: bool
) -> dict[str, Any]:
    result: dict[str, Any] = {
        "Id": query.id,
        "Label": label,
        "Timestamps": [utc(time) for time, _ in points],
        "Values": [value for _, value in points],
        "StatusCode": "Complete" if is_whole else "PartialData",
    }
    if len(series.units) > 1:
        units = ", ".join(series.units)
        result["Messages"] = [{"Code": "MultipleUnits", "Value": f"Multiple units returned: '[{units}]'"}]
    return result
