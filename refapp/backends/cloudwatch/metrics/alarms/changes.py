"""What happens to alarms at one time, and what follows from it."""

from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from refapp.backends.cloudwatch.metrics.alarms.alarm import Alarm, Standing, State, alarm_name
from refapp.backends.cloudwatch.metrics.alarms.book import AlarmBook
from refapp.backends.cloudwatch.metrics.alarms.history import Item, configured, moved
from refapp.backends.cloudwatch.metrics.alarms.notifications import Notification, notification
from refapp.backends.cloudwatch.metrics.alarms.reasons import rule_reason
from refapp.backends.cloudwatch.metrics.alarms.rules import Rule, parse_rule
from refapp.backends.cloudwatch.metrics.alarms.suppression import Suppressor, suppressed_by


class Changes:
    """Changes of alarms at a time, in seconds since 1970. They hold when they are recorded.

    `alarms` are all alarms as they will be then.
    """

    def __init__(self, alarms: Mapping[str, Alarm], now: float) -> None:
        self.alarms = dict(alarms)
        self._before = alarms
        self._now = now
        self._history: list[Item] = []
        self._notifications: list[Notification] = []
        self._moved: deque[tuple[str, State]] = deque()  # alarms, and the states that they left

    def record(self, book: AlarmBook) -> bool:
        """Write the changes into the book, if there are any, and say whether there were.

        Raises:
            AlarmBookError: they cannot be written; then none of them holds.
        """
        alarms = [alarm for name, alarm in self.alarms.items() if self._before.get(name) is not alarm]
        removed = self._before.keys() - self.alarms.keys()
        if not (alarms or removed or self._history):
            return False
        book.record(alarms=alarms, removed=removed, history=self._history, notifications=self._notifications)
        return True

    def define(self, alarm: Alarm) -> None:
        """Create an alarm, or replace the one of that name; a composite one is evaluated."""
        is_new = alarm.name not in self.alarms
        self.alarms[alarm.name] = alarm
        self._history.append(configured(alarm, "Create" if is_new else "Update", self._now))
        if alarm.kind == "CompositeAlarm":
            self._evaluate(alarm, self._children(alarm), "created" if is_new else "updated")
            self._follow()

    def remove(self, name: str) -> None:
        """Delete an alarm."""
        self._history.append(configured(self.alarms.pop(name), "Delete", self._now))

    def update(self, alarm: Alarm) -> None:
        """Replace an alarm by one that differs in what is no part of its history, such as its tags."""
        self.alarms[alarm.name] = alarm

    def move(self, name: str, state: State, reason: str, data: str = "") -> None:
        """Bring an alarm into a state: it acts, and the composite alarms that name it are evaluated."""
        self._move(name, state, reason, data)
        self._follow()

    def act(self, name: str, old: Standing | None = None) -> None:
        """Take the actions that an alarm owes for its state, unless they are suppressed now."""
        alarm = self.alarms[name]
        if alarm.acted == alarm.state or suppression(alarm, self.alarms, self._now):
            return
        left = old or replace(alarm.standing, state=alarm.acted)
        self._notifications += [notification(alarm, left, topic) for topic in alarm.actions(alarm.state)]
        self.alarms[name] = replace(alarm, acted=alarm.state)

    def _follow(self) -> None:
        """Evaluate what depends on alarms that changed their state, until nothing changes any more."""
        while self._moved:
            moved_name, left = self._moved.popleft()
            for other in composites(self.alarms.values()):
                if suppressor(other) == moved_name and left == State.ALARM:
                    self.alarms[other.name] = replace(other, resumed=self._now)
                if moved_name in rule(other).names:
                    self._evaluate(self.alarms[other.name], [self.alarms[moved_name]], "")

    def _move(self, name: str, state: State, reason: str, data: str) -> None:
        alarm = self.alarms[name]
        old = alarm.standing
        since = old.since if state == old.state else self._now
        standing = Standing(state=state, reason=reason, data=data, updated=self._now, since=since)
        self.alarms[name] = alarm = replace(alarm, standing=standing)
        if state != old.state:
            self._history.append(moved(alarm, old))
            self.act(name, old)
            self._moved.append((name, old.state))

    def _evaluate(self, composite: Alarm, causes: Sequence[Alarm], event: str) -> None:
        holds = rule(composite).holds(lambda name: self.alarms[name].state)
        state = State.ALARM if holds else State.OK
        if state != composite.state:
            self._move(composite.name, state, *rule_reason(composite, causes, state, event))

    def _children(self, composite: Alarm) -> list[Alarm]:
        return [self.alarms[name] for name in sorted(rule(composite).names)]


def composites(alarms: Iterable[Alarm]) -> list[Alarm]:
    """The composite alarms among some."""
    return [alarm for alarm in alarms if alarm.kind == "CompositeAlarm"]


def rule(composite: Alarm) -> Rule:
    """The rule of a composite alarm."""
    return parse_rule(composite.definition["AlarmRule"])


def suppressor(composite: Alarm) -> str | None:
    """The name of the alarm that suppresses the actions of a composite alarm."""
    name = composite.definition.get("ActionsSuppressor")
    return None if name is None else alarm_name(name)


def suppression(alarm: Alarm, alarms: Mapping[str, Alarm], now: float) -> Suppressor | None:
    """What keeps an alarm from taking the actions that it owes for its state."""
    name = suppressor(alarm)
    if name is None or alarm.acted == alarm.state:
        return None
    return suppressed_by(
        now,
        on=alarms[name].state == State.ALARM,
        resumed=alarm.resumed,
        changed=alarm.standing.since,
        wait=alarm.definition["ActionsSuppressorWaitPeriod"],
        extension=alarm.definition["ActionsSuppressorExtensionPeriod"],
    )
