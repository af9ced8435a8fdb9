"""CloudWatch's alarms: what they watch, how they are, and how they have been.

The calls are DescribeAlarms, DescribeAlarmHistory, PutMetricAlarm and DeleteAlarms of the CloudWatch API reference.
"""

import time as clock
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import orjson
import pandas as pd

from refapp.query.cloudwatch import metrics
from refapp.query.cloudwatch.cloud import Cloud
from refapp.query.cloudwatch.errors import CloudError
from refapp.query.cloudwatch.settings import COMPARISONS, dimensions_of, settings
from refapp.query.cloudwatch.spans import Span

MISSING = ("missing", "notBreaching", "breaching", "ignore")
"""What a period without a value counts as."""

_COLUMNS = ("alarm", "state", "since", "watches", "comparison", "threshold", "dimensions", "reason")
_HISTORY = ("time", "type", "before", "after", "summary")
_TYPES = ["MetricAlarm", "CompositeAlarm"]
_POLL = 0.2  # seconds


@dataclass(frozen=True, kw_only=True)
class Alarm:
    """One alarm.

    Attributes:
        name: what it is called.
        state: `OK`, `ALARM` or `INSUFFICIENT_DATA`.
        since: when it went into that state.
        reason: why, in CloudWatch's words.
        watches: the metric, the expression, or the rule of a composite alarm.
        statistic: of the metric's values in a period; empty without a metric.
        comparison: `>`, `>=`, `<`, `<=`, or CloudWatch's word for another one.
        threshold: what is compared with; NaN for a composite alarm.
        period: of a value; None for a composite alarm.
        dimensions: of the metric; of an expression those that its metrics share.
        actions: what is notified when it goes into `ALARM`.
        start: the first time that is told of.
        end: the last one.
        history: what became of it: time, type, before, after (states, empty for other changes), summary.
        measured: what was compared with the threshold: one column, indexed by time; none for a composite alarm.
    """

    name: str
    state: str
    since: datetime
    reason: str
    watches: str
    statistic: str
    comparison: str
    threshold: float
    period: timedelta | None
    dimensions: Mapping[str, str]
    actions: tuple[str, ...]
    start: datetime
    end: datetime
    history: pd.DataFrame
    measured: pd.DataFrame

    @property
    def states(self) -> pd.DataFrame:
        """The states in the time that is told of, one after the other: state, start, end."""
        changes = self.history[self.history["type"] == "StateUpdate"].sort_values("time", kind="stable")
        times = [*(time.to_pydatetime() for time in changes["time"])]
        names = [changes["before"].iloc[0], *changes["after"]] if times else [self.state]
        edges = [self.start, *(min(max(time, self.start), self.end) for time in times), self.end]
        rows = [row for row in zip(names, edges, edges[1:], strict=False) if row[1] < row[2]]
        return pd.DataFrame(rows, columns=["state", "start", "end"])


def describe(cloud: Cloud, prefix: str | None = None) -> pd.DataFrame:
    """The alarms in the order of their names, composite ones included; `dimensions` is a dictionary."""
    found = _described(cloud, AlarmNamePrefix=prefix)
    rows = [[settings(one)[name] for name in _COLUMNS] for one in found]
    frame = pd.DataFrame(rows, columns=list(_COLUMNS)).sort_values("alarm", ignore_index=True)
    return frame.assign(since=pd.to_datetime(frame["since"], utc=True), threshold=frame["threshold"].astype("float64"))


def read(cloud: Cloud, name: str, time: Span) -> Alarm:
    """An alarm with what became of it in a time.

    Raises:
        CloudError: there is none of that name, CloudWatch cannot be asked, or it refuses.
    """
    for one in _described(cloud, AlarmNames=[name]):
        known = settings(one)
        measured = _measured(cloud, one, time, known["period"])
        history = _history(cloud, name, time)
        known["name"] = known.pop("alarm")
        return Alarm(**known, start=time.start, end=time.end, history=history, measured=measured)
    raise CloudError(f"there is no alarm {name!r}", code="ResourceNotFound")


def put(
    cloud: Cloud,
    name: str,
    namespace: str,
    metric: str,
    threshold: float,
    *,
    comparison: str = ">",
    statistic: str = "Average",
    dimensions: Mapping[str, str],
    period: timedelta = metrics.PERIOD,
    periods: int = 1,
    breaching: int | None = None,
    missing: str = "missing",
    description: str = "",
    notify: Sequence[str] = (),
) -> None:
    """Make an alarm on a metric, or change the one of that name.

    Args:
        cloud: where.
        name: what it is called.
        namespace: of the metric.
        metric: its name.
        threshold: what its values are compared with.
        comparison: one of `COMPARISONS`.
        statistic: of the values in a period: `Average`, `Maximum`, or a percentile such as `p99`.
        dimensions: of the metric, all of them.
        period: of a value.
        periods: how many of the last are looked at.
        breaching: how many of them have to be beyond the threshold; all without.
        missing: one of `MISSING`.
        description: what it is for.
        notify: ARNs of topics that are told when it goes into `ALARM`, and when it comes back.

    Raises:
        ValueError: there is no such comparison.
        CloudError: CloudWatch cannot be asked, or refuses.
    """
    if comparison not in COMPARISONS:
        raise ValueError(f"{comparison!r} is no comparison; there are {', '.join(COMPARISONS)}")
    plain = statistic in ("Average", "Sum", "Minimum", "Maximum", "SampleCount")
    cloud.call(
        "cloudwatch",
        "put_metric_alarm",
        AlarmName=name,
        AlarmDescription=description or None,
        Namespace=namespace,
        MetricName=metric,
        Dimensions=[{"Name": key, "Value": value} for key, value in dimensions.items()],
        **{"Statistic" if plain else "ExtendedStatistic": statistic},
        Period=round(period.total_seconds()),
        EvaluationPeriods=periods,
        DatapointsToAlarm=breaching,
        Threshold=threshold,
        ComparisonOperator=COMPARISONS[comparison],
        TreatMissingData=missing,
        AlarmActions=list(notify),
        OKActions=list(notify),
    )


def delete(cloud: Cloud, name: str) -> None:
    """Delete an alarm; nothing happens when there is none of that name."""
    cloud.call("cloudwatch", "delete_alarms", AlarmNames=[name])


def wait(cloud: Cloud, name: str, state: str, within: float) -> None:
    """Wait until an alarm is in a state.

    Raises:
        TimeoutError: it is not, after so many seconds; the message says in which it is and why.
        CloudError: there is no such alarm, CloudWatch cannot be asked, or it refuses.
    """
    deadline = clock.monotonic() + within
    while True:
        found = [settings(one) for one in _described(cloud, AlarmNames=[name])]
        if not found:
            raise CloudError(f"there is no alarm {name!r}", code="ResourceNotFound")
        if found[0]["state"] == state:
            return
        if clock.monotonic() >= deadline:
            now, why = found[0]["state"], found[0]["reason"]
            raise TimeoutError(f"{name} was not in {state} within {within:g} s but in {now}: {why}")
        clock.sleep(_POLL)


def _described(cloud: Cloud, **which: Any) -> list[dict[str, Any]]:
    pages = cloud.pages("cloudwatch", "describe_alarms", AlarmTypes=_TYPES, **which)
    return [one for page in pages for kind in _TYPES for one in page.get(f"{kind}s", ())]


def _measured(cloud: Cloud, one: Mapping[str, Any], time: Span, period: timedelta | None) -> pd.DataFrame:
    """What an alarm compares with its threshold, over a time."""
    if period is None:
        return pd.DataFrame(index=pd.DatetimeIndex([], tz="UTC", name="time"))
    if "MetricName" in one:
        wanted = metrics.Wanted(
            metric=one["MetricName"],
            statistic=one.get("Statistic") or one["ExtendedStatistic"],
            dimensions=dimensions_of(one.get("Dimensions", ())),
        )
        return metrics.read(cloud, one["Namespace"], {"values": wanted}, time, period)["values"]
    found = metrics.query(cloud, one["Metrics"], time)
    (shown,) = (query["Id"] for query in one["Metrics"] if query.get("ReturnData", True))
    return metrics.over_time(found[shown], time, period)


def _history(cloud: Cloud, name: str, time: Span) -> pd.DataFrame:
    asked = {"AlarmName": name, "StartDate": time.start, "EndDate": time.end, "AlarmTypes": _TYPES}
    pages = cloud.pages("cloudwatch", "describe_alarm_history", **asked, ScanBy="TimestampAscending")
    rows = [
        (one["Timestamp"], one["HistoryItemType"], *_change(one), one["HistorySummary"])
        for page in pages
        for one in page["AlarmHistoryItems"]
    ]
    frame = pd.DataFrame(rows, columns=list(_HISTORY))
    return frame.assign(time=pd.to_datetime(frame["time"], utc=True))


def _change(one: Mapping[str, Any]) -> tuple[str, str]:
    """The states before and after a change, which CloudWatch tells as JSON."""
    try:
        data = orjson.loads(one.get("HistoryData", ""))
        return data["oldState"]["stateValue"], data["newState"]["stateValue"]
    except (orjson.JSONDecodeError, KeyError, TypeError):
        return "", ""
