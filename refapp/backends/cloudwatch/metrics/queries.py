"""What GetMetricData and an alarm ask for: metrics, and expressions over them.

Source: MetricDataQuery and MetricStat in the CloudWatch API reference.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter
from typing import Any

from refapp.backends.cloudwatch.metrics.datum import Metric
from refapp.backends.cloudwatch.metrics.errors import ValidationError
from refapp.backends.cloudwatch.metrics.expressions import Node, parse, references
from refapp.backends.cloudwatch.metrics.labels import check_label
from refapp.backends.cloudwatch.metrics.listing import from_member
from refapp.backends.cloudwatch.metrics.periods import is_period
from refapp.backends.cloudwatch.metrics.statistics import Statistic, parse_statistic

_ID = re.compile(r"[a-z][A-Za-z0-9_]*")

Members = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Reading:
    """A statistic of a metric in periods of some seconds; of all units when there is none."""

    metric: Metric
    statistic: Statistic
    period: int
    unit: str | None = None


@dataclass(frozen=True, slots=True)
class Query:
    """A metric or an expression that a request names by an Id."""

    id: str
    what: Reading | Node
    label: str | None = None
    period: int | None = None
    returned: bool = True


def parse_queries(members: Sequence[Members]) -> list[Query]:
    """The queries of a request: the metrics, then the expressions, each after those that it names.

    Raises:
        ValidationError: one of them is none, or they name each other in a circle.
    """
    queries = {}
    for no, member in enumerate(members, 1):
        query = _query(member, f"MetricDataQueries.member.{no}")
        if query.id in queries:
            raise ValidationError(f"The Id {query.id} is there twice.")
        queries[query.id] = query
    needs = {query.id: _named(query) for query in queries.values()}
    for id_, named in needs.items():
        if unknown := sorted(named - queries.keys()):
            raise ValidationError(f"Error in expression '{id_}': {unknown[0]} is the Id of no metric or expression.")
    try:
        order = list(TopologicalSorter(needs).static_order())
    except CycleError as error:
        circle = " -> ".join(error.args[1])
        raise ValidationError(f"Expressions depend on each other in a circle: {circle}.") from None
    metrics = [query for query in queries.values() if isinstance(query.what, Reading)]
    return metrics + [queries[id_] for id_ in order if not isinstance(queries[id_].what, Reading)]


def parse_statistic_name(name: str) -> Statistic:
    """The statistic of that name.

    Raises:
        ValidationError: there is none.
    """
    try:
        return parse_statistic(name)
    except ValueError as error:
        raise ValidationError(f"{error}.") from None


def check_period(period: int) -> int:
    """A period in which data can be asked for.

    Raises:
        ValidationError: it is none.
    """
    if not is_period(period):
        raise ValidationError(f"Period must be 1, 5, 10, 20 or 30, or a multiple of 60, in seconds; it is {period}.")
    return period


def _query(member: Members, where: str) -> Query:
    id_ = member["Id"]
    if not _ID.fullmatch(id_):
        raise ValidationError(f"The Id {id_!r} must be of letters, digits and _, and start with a lower-case letter.")
    if member.get("AccountId") is not None:
        raise ValidationError(f"The parameter {where}.AccountId is not supported here: there is one account.")
    expression, reading = member.get("Expression"), member.get("MetricStat")
    if (expression is None) == (reading is None):
        raise ValidationError(f"{where} must have either MetricStat or Expression.")
    label, period = member.get("Label"), member.get("Period")
    if label is not None:
        check_label(label)
    if period is not None:
        check_period(period)
    returned = member.get("ReturnData", True)
    if reading is not None:
        if period is not None:
            raise ValidationError(f"{where}.Period is of an expression; a metric has it in MetricStat.")
        return Query(id_, _reading(reading, where), label, None, returned)
    try:
        return Query(id_, parse(str(expression)), label, period, returned)
    except ValidationError as error:
        raise ValidationError(f"Error in expression '{id_}': {error}") from None


def _reading(member: Members, where: str) -> Reading:
    metric = member["Metric"]
    for name in ("Namespace", "MetricName"):
        if not metric.get(name):
            raise ValidationError(f"The parameter {where}.MetricStat.Metric.{name} is required.")
    period = check_period(member["Period"])
    return Reading(from_member(metric), parse_statistic_name(member["Stat"]), period, member.get("Unit"))


def _named(query: Query) -> set[str]:
    return set() if isinstance(query.what, Reading) else references(query.what)
