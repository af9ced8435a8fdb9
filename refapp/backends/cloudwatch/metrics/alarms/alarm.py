"""An alarm: how it is defined, and in which state it is.

Source of the members: MetricAlarm and CompositeAlarm in the CloudWatch API reference.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Literal

from refapp.backends.cloudwatch.metrics.times import utc

Members = Mapping[str, Any]
Kind = Literal["MetricAlarm", "CompositeAlarm"]


class State(StrEnum):
    """The states of an alarm."""

    OK = "OK"
    ALARM = "ALARM"
    INSUFFICIENT_DATA = "INSUFFICIENT_DATA"


@dataclass(frozen=True, kw_only=True, slots=True)
class Standing:
    """The state of an alarm and why it is in it, as text and as JSON; times are in seconds since 1970.

    `updated` is when it was set, `since` when it became another one.
    """

    state: State
    reason: str
    data: str = ""
    updated: float
    since: float


@dataclass(frozen=True, kw_only=True, slots=True)
class Alarm:
    """An alarm. `definition` has the members of the request that defined it, by the API's names.

    `acted` is the state for which actions were taken last, or would have been; it is behind the state while actions are
    suppressed. `resumed` is when the alarm that suppresses them left ALARM.
    """

    definition: Members
    arn: str
    configured: float
    standing: Standing
    tags: Mapping[str, str] = field(default_factory=dict)
    acted: State = State.INSUFFICIENT_DATA
    resumed: float | None = None

    @property
    def name(self) -> str:
        """Its name, which no other alarm has."""
        return str(self.definition["AlarmName"])

    @property
    def kind(self) -> Kind:
        """Whether it watches metrics or other alarms."""
        return "CompositeAlarm" if "AlarmRule" in self.definition else "MetricAlarm"

    @property
    def state(self) -> State:
        """The state it is in."""
        return self.standing.state

    def actions(self, state: State) -> list[str]:
        """The ARNs of the actions to take when it gets into a state; none while they are disabled."""
        members = {
            State.OK: "OKActions",
            State.ALARM: "AlarmActions",
            State.INSUFFICIENT_DATA: "InsufficientDataActions",
        }
        return list(self.definition[members[state]]) if self.definition["ActionsEnabled"] else []


def alarm_name(name_or_arn: str) -> str:
    """The name of the alarm that a rule or a request means by its name or by its ARN."""
    return name_or_arn.split(":alarm:", 1)[1] if name_or_arn.startswith("arn:") else name_or_arn


def as_member(alarm: Alarm) -> dict[str, Any]:
    """An alarm as the API describes it, without what is only of composite ones."""
    standing = alarm.standing
    return {
        **alarm.definition,
        "AlarmArn": alarm.arn,
        "AlarmConfigurationUpdatedTimestamp": utc(alarm.configured),
        "StateValue": standing.state.value,
        "StateReason": standing.reason,
        "StateUpdatedTimestamp": utc(standing.updated),
        "StateTransitionedTimestamp": utc(standing.since),
        **({"StateReasonData": standing.data} if standing.data else {}),
    }
