"""What an alarm tells an SNS topic.

Source of the document: alarm messages that CloudWatch sent, as published with bug reports and integrations.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, Final

import orjson
from botocore.loaders import create_loader

from refapp.backends.cloudwatch.metrics.alarms.alarm import Alarm, Kind, Standing
from refapp.backends.cloudwatch.metrics.times import iso

LONGEST_SUBJECT: Final = 100
"""How many characters SNS allows a subject."""

_OF_TRIGGER = ("Period", "EvaluationPeriods", "DatapointsToAlarm", "ComparisonOperator", "Threshold")


@dataclass(frozen=True, kw_only=True, slots=True)
class Notification:
    """What to publish, and where, because of an alarm."""

    alarm: str
    kind: Kind
    topic: str
    subject: str
    message: str


def notification(alarm: Alarm, old: Standing, topic: str) -> Notification:
    """What an alarm tells a topic when it left a state for the one it is in."""
    *_, region, account = alarm.arn.split(":")[:5]
    place, new = _region_name(region), alarm.standing
    message = {
        "AlarmName": alarm.name,
        "AlarmDescription": alarm.definition.get("AlarmDescription"),
        "AWSAccountId": account,
        "AlarmConfigurationUpdatedTimestamp": iso(alarm.configured),
        "NewStateValue": new.state,
        "NewStateReason": new.reason,
        "StateChangeTime": iso(new.since),
        "Region": place,
        "AlarmArn": alarm.arn,
        "OldStateValue": old.state,
        **{name: alarm.definition[name] for name in ("OKActions", "AlarmActions", "InsufficientDataActions")},
        **(_children(alarm) if alarm.kind == "CompositeAlarm" else {"Trigger": _trigger(alarm.definition)}),
    }
    # SNS takes no subject that is too long; CloudWatch shortens the name in it.
    around = len(f'{new.state}: "" in {place}')
    name = (
        alarm.name
        if len(alarm.name) + around <= LONGEST_SUBJECT
        else alarm.name[: LONGEST_SUBJECT - around - 3] + "..."
    )
    return Notification(
        alarm=alarm.name,
        kind=alarm.kind,
        topic=topic,
        subject=f'{new.state}: "{name}" in {place}',
        message=orjson.dumps(message).decode(),
    )


def _children(alarm: Alarm) -> dict[str, Any]:
    try:
        causes = orjson.loads(alarm.standing.data)["triggeringAlarms"]
        children = [
            {"Arn": cause["arn"], "State": {"Value": cause["state"]["value"], "Timestamp": cause["state"]["timestamp"]}}
            for cause in causes
        ]
    except (orjson.JSONDecodeError, LookupError, TypeError):  # SetAlarmState may say anything
        children = []
    return {"AlarmRule": alarm.definition["AlarmRule"], "TriggeringChildren": children}


def _trigger(definition: Mapping[str, Any]) -> dict[str, Any]:
    what = (
        {"Metrics": [_query(query) for query in definition["Metrics"]]}
        if "Metrics" in definition
        else _metric(definition)
    )
    return {
        **what,
        **{name: definition[name] for name in _OF_TRIGGER if name in definition},
        "TreatMissingData": definition.get("TreatMissingData", ""),
        "EvaluateLowSampleCountPercentile": definition.get("EvaluateLowSampleCountPercentile", ""),
    }


def _metric(definition: Mapping[str, Any]) -> dict[str, Any]:
    statistic = definition.get("Statistic")
    if statistic:
        kind = {"StatisticType": "Statistic", "Statistic": _STATISTICS.get(statistic, statistic.upper())}
    else:
        kind = {"StatisticType": "ExtendedStatistic", "ExtendedStatistic": definition["ExtendedStatistic"]}
    return {
        "MetricName": definition["MetricName"],
        "Namespace": definition["Namespace"],
        **kind,
        "Unit": definition.get("Unit"),
        "Dimensions": _dimensions(definition),
    }


def _query(query: Mapping[str, Any]) -> dict[str, Any]:
    if "MetricStat" not in query:
        return dict(query)
    reading = query["MetricStat"]
    metric = {**reading["Metric"], "Dimensions": _dimensions(reading["Metric"])}
    return {**query, "MetricStat": {**reading, "Metric": metric}}


def _dimensions(metric: Mapping[str, Any]) -> list[dict[str, str]]:
    return [{"value": item["Value"], "name": item["Name"]} for item in metric.get("Dimensions") or []]


_STATISTICS = {"SampleCount": "SAMPLE_COUNT"}


@cache
def _region_name(region: str) -> str:
    """What AWS calls a region, such as `US East (N. Virginia)`."""
    for partition in create_loader().load_data("endpoints")["partitions"]:
        if region in partition["regions"]:
            return str(partition["regions"][region]["description"])
    return region
