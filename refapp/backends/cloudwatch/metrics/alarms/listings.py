"""What the API tells of alarms: DescribeAlarms, DescribeAlarmsForMetric and DescribeAlarmHistory.

Source: these operations in the CloudWatch API reference.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from refapp.backends.cloudwatch.metrics.alarms.alarm import Alarm, alarm_name, as_member
from refapp.backends.cloudwatch.metrics.alarms.book import Choice
from refapp.backends.cloudwatch.metrics.alarms.changes import composites, rule, suppression
from refapp.backends.cloudwatch.metrics.alarms.panel import AlarmPanel
from refapp.backends.cloudwatch.metrics.errors import NotFound, ValidationError
from refapp.backends.cloudwatch.metrics.listing import from_member
from refapp.backends.cloudwatch.metrics.pages import page, position, token
from refapp.backends.cloudwatch.metrics.times import seconds

PAGE: Final = 50
"""How many alarms a page has when the request does not say."""

HISTORY_PAGE: Final = 100

Members = Mapping[str, Any]
Alarms = Mapping[str, Alarm]


def describe_alarms(alarms: Alarms, request: Members, now: float) -> dict[str, Any]:
    """The alarms that a request asks for, in the order of their names.

    Raises:
        ValidationError: it has parameters that exclude each other.
        NotFound: it asks for the parents or the children of an alarm that does not exist.
        InvalidNextToken: its token belongs to another request.
    """
    related = [name for name in ("ChildrenOfAlarmName", "ParentsOfAlarmName") if request.get(name)]
    if related:
        return _related(alarms, request, related[0])
    if request.get("AlarmNames") and request.get("AlarmNamePrefix"):
        raise ValidationError("AlarmNames and AlarmNamePrefix exclude each other.")
    kinds = request.get("AlarmTypes") or ["MetricAlarm"]
    found = [alarm for _, alarm in sorted(alarms.items()) if alarm.kind in kinds and _is_meant(alarm, request)]
    shown, more = page(found, request, request.get("MaxRecords", PAGE))
    described = [(alarm.kind, describe(alarm, alarms, now)) for alarm in shown]
    return _by_kind(described) | more


def describe(alarm: Alarm, alarms: Alarms, now: float) -> dict[str, Any]:
    """An alarm as the API describes it, with what suppresses its actions now."""
    by = suppression(alarm, alarms, now)
    reason = {"ActionsSuppressedBy": by, "ActionsSuppressedReason": f"Actions suppressed by {by}"} if by else {}
    return as_member(alarm) | reason


def describe_for_metric(alarms: Alarms, request: Members, now: float) -> dict[str, Any]:
    """The alarms that watch a metric by itself, not as a part of an expression."""
    metric = from_member(request)
    found = [
        describe(alarm, alarms, now)
        for _, alarm in sorted(alarms.items())
        if "MetricName" in alarm.definition
        and from_member(alarm.definition) == metric
        and all(
            request.get(name) in (None, alarm.definition.get(name))
            for name in ("Statistic", "ExtendedStatistic", "Period", "Unit")
        )
    ]
    return {"MetricAlarms": found}


def describe_history(panel: AlarmPanel, request: Members) -> dict[str, Any]:
    """What happened to alarms, the newest first unless the request says otherwise.

    Raises:
        ValidationError: it asks for contributors, which the alarms here do not have.
        InvalidNextToken: its token belongs to another request.
    """
    if request.get("AlarmContributorId"):
        raise ValidationError("The parameter AlarmContributorId is not supported here.")
    start, end = (seconds(request[name]) if request.get(name) else None for name in ("StartDate", "EndDate"))
    size, skip = request.get("MaxRecords", HISTORY_PAGE), position(request)
    choice = Choice(
        kinds=tuple(request.get("AlarmTypes") or ["MetricAlarm"]),
        alarm=request.get("AlarmName"),
        type=request.get("HistoryItemType"),
        start=start,
        end=end,
        newest_first=request.get("ScanBy") != "TimestampAscending",
        skip=skip,
        limit=size + 1,
    )
    items = panel.history(choice)
    more = {"NextToken": token(skip + size, request)} if len(items) > size else {}
    return {"AlarmHistoryItems": [item.as_member() for item in items[:size]], **more}


def _is_meant(alarm: Alarm, request: Members) -> bool:
    names, prefix, action = (request.get(name) for name in ("AlarmNames", "AlarmNamePrefix", "ActionPrefix"))
    actions = [
        arn for name in ("OKActions", "AlarmActions", "InsufficientDataActions") for arn in alarm.definition[name]
    ]
    return (
        (not names or alarm.name in names)
        and (not prefix or alarm.name.startswith(prefix))
        and (not action or any(arn.startswith(action) for arn in actions))
        and request.get("StateValue") in (None, alarm.state)
    )


def _related(alarms: Alarms, request: Members, relation: str) -> dict[str, Any]:
    others = sorted(request.keys() - {relation, "MaxRecords", "NextToken"})
    if others:
        raise ValidationError(f"{relation} excludes all other parameters but MaxRecords and NextToken: {others[0]}.")
    name = alarm_name(request[relation])
    if name not in alarms:
        raise NotFound(f"The alarm {name} does not exist")
    found: list[Alarm]
    if relation == "ParentsOfAlarmName":
        found = [alarm for alarm in composites(alarms.values()) if name in rule(alarm).names]
        members = ["AlarmName", "AlarmArn"]
    else:
        found = [alarms[child] for child in rule(alarms[name]).names] if composites([alarms[name]]) else []
        members = ["AlarmName", "AlarmArn", "StateValue", "StateUpdatedTimestamp"]
    shown, more = page(sorted(found, key=lambda alarm: alarm.name), request, request.get("MaxRecords", PAGE))
    described = [(alarm.kind, as_member(alarm)) for alarm in shown]
    return _by_kind([(kind, {key: member[key] for key in members}) for kind, member in described]) | more


def _by_kind(described: Sequence[tuple[str, dict[str, Any]]]) -> dict[str, Any]:
    return {
        "MetricAlarms": [member for kind, member in described if kind == "MetricAlarm"],
        "CompositeAlarms": [member for kind, member in described if kind == "CompositeAlarm"],
    }
