"""When the actions of a composite alarm are suppressed by another alarm.

Source: ActionsSuppressedBy of CompositeAlarm in the CloudWatch API reference, and "Composite alarm action suppression"
in the user guide.
"""

from typing import Literal

Suppressor = Literal["Alarm", "ExtensionPeriod", "WaitPeriod"]


def suppressed_by(
    now: float, *, on: bool, resumed: float | None, changed: float, wait: float, extension: float
) -> Suppressor | None:
    """What suppresses the actions now, if anything does.

    Args:
        now: the time; all times are in seconds.
        on: whether the alarm that suppresses is in ALARM.
        resumed: when it left ALARM last.
        changed: when the composite alarm got into its state.
        wait: how long the composite alarm waits for the other to get into ALARM.
        extension: how long it waits after the other left ALARM.
    """
    if on:
        return "Alarm"
    if resumed is not None and now < resumed + extension:
        return "ExtensionPeriod"
    return "WaitPeriod" if now < changed + wait else None
