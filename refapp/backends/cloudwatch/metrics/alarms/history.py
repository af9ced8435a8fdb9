"""The history of alarms: what DescribeAlarmHistory tells.

Source of the documents: examples of DescribeAlarmHistory in the AWS CLI's reference, and answers of CloudWatch that
were published with bug reports.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import orjson

from refapp.backends.cloudwatch.metrics.alarms.alarm import Alarm, Kind, Standing, as_member
from refapp.backends.cloudwatch.metrics.times import iso, utc

ItemType = Literal["ConfigurationUpdate", "StateUpdate", "Action"]
Event = Literal["Create", "Update", "Delete"]

_PAST = {"Create": "created", "Update": "updated", "Delete": "deleted"}


@dataclass(frozen=True, kw_only=True, slots=True)
class Item:
    """Something that happened to an alarm, at a time in seconds since 1970; `data` is JSON."""

    alarm: str
    kind: Kind
    type: ItemType
    time: float
    summary: str
    data: str

    def as_member(self) -> dict[str, Any]:
        """The item as the API writes it."""
        return {
            "AlarmName": self.alarm,
            "AlarmType": self.kind,
            "Timestamp": utc(self.time),
            "HistoryItemType": self.type,
            "HistorySummary": self.summary,
            "HistoryData": self.data,
        }


def configured(alarm: Alarm, event: Event, now: float) -> Item:
    """An alarm was created, updated or deleted."""
    past = _PAST[event]
    data = {"version": "1.0", "type": event, f"{past}Alarm": _camel(as_member(alarm))}
    return _item(alarm, "ConfigurationUpdate", now, f'Alarm "{alarm.name}" {past}', data)


def moved(alarm: Alarm, old: Standing) -> Item:
    """An alarm left a state for the one it is in."""
    new = alarm.standing
    data = {"version": "1.0", "oldState": _state(old), "newState": _state(new)}
    return _item(alarm, "StateUpdate", new.updated, f"Alarm updated from {old.state} to {new.state}", data)


def acted(alarm: str, kind: Kind, arn: str, message: str, now: float, error: str = "") -> Item:
    """An action was taken, or could not be."""
    data = {
        "actionState": "Failed" if error else "Succeeded",
        "notificationResource": arn,
        "publishedMessage": orjson.dumps({"default": message}).decode(),
        "error": error or None,
    }
    summary = (
        f"Failed to execute action {arn}. Received error: {error}" if error else f"Successfully executed action {arn}"
    )
    return Item(alarm=alarm, kind=kind, type="Action", time=now, summary=summary, data=orjson.dumps(data).decode())


def _item(alarm: Alarm, type_: ItemType, now: float, summary: str, data: Mapping[str, Any]) -> Item:
    text = orjson.dumps(data).decode()
    return Item(alarm=alarm.name, kind=alarm.kind, type=type_, time=now, summary=summary, data=text)


def _state(standing: Standing) -> dict[str, Any]:
    state: dict[str, Any] = {"stateValue": standing.state, "stateReason": standing.reason}
    return state | ({"stateReasonData": orjson.loads(standing.data)} if standing.data else {})


def _camel(value: Any) -> Any:
    """The members of a structure by the names that they have in these documents."""
    if isinstance(value, Mapping):
        return {_lower(name): _camel(member) for name, member in value.items()}
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [_camel(item) for item in value]
    return iso(value.timestamp()) if hasattr(value, "timestamp") else value


def _lower(name: str) -> str:
    return "okactions" if name == "OKActions" else name[:1].lower() + name[1:]
