"""All alarms: they are defined, evaluated, and act."""

import logging
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from time import time
from typing import Any, Final, Self

import orjson

from refapp.backends.cloudwatch.metrics.alarms import history
from refapp.backends.cloudwatch.metrics.alarms.alarm import Alarm, Standing, State
from refapp.backends.cloudwatch.metrics.alarms.book import AlarmBook, Choice
from refapp.backends.cloudwatch.metrics.alarms.changes import Changes, composites, rule, suppressor
from refapp.backends.cloudwatch.metrics.alarms.definitions import composite_definition, metric_definition, tags
from refapp.backends.cloudwatch.metrics.alarms.history import Item
from refapp.backends.cloudwatch.metrics.alarms.reasons import CREATED, explain
from refapp.backends.cloudwatch.metrics.alarms.verdicts import Point, Verdict, judge
from refapp.backends.cloudwatch.metrics.alarms.watch import Watch, watch
from refapp.backends.cloudwatch.metrics.errors import InvalidFormat, NotFound, ResourceConflict, ValidationError
from refapp.backends.cloudwatch.metrics.periods import Clock
from refapp.backends.cloudwatch.metrics.store import MetricStore

SLIDE: Final = 1
"""By how many seconds the periods of an alarm move on when they are shorter than a minute.

In CloudWatch these are 10: an alarm of 10 seconds may be 20 seconds late there, and two or three here.
"""

_LOG = logging.getLogger(__name__)

EVERYTHING: Final = Choice()

Members = Mapping[str, Any]
Publish = Callable[[str, str, str], None]
"""Publishes to a topic, by its ARN, a subject and a message; raises anything when it cannot."""


class AlarmPanel:
    """The alarms of an account in a region; safe to be used by many threads.

    The periods of an alarm end at whole minutes, or, when they are shorter than a minute, at multiples of `slide`
    seconds: with 1, an alarm follows the last seconds each second.

    Raises:
        AlarmBookError: the file cannot be opened, or holds something else.
    """

    def __init__(
        self, store: MetricStore, path: Path, *, publish: Publish, clock: Clock = time, slide: int = SLIDE
    ) -> None:
        self._store, self._publish, self._clock, self._slide = store, publish, clock, slide
        self._book = AlarmBook(path)
        self._alarms = self._book.alarms()
        self._watches: dict[str, tuple[Members, Watch]] = {}
        self._lock = threading.RLock()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the file, after what is being written or read."""
        with self._lock:
            self._book.close()

    @property
    def alarms(self) -> Mapping[str, Alarm]:
        """The alarms as they are now, by their names."""
        return self._alarms

    def history(self, choice: Choice = EVERYTHING) -> list[Item]:
        """What happened to alarms, the oldest first if nothing else is chosen.

        Raises:
            AlarmBookError: the file cannot be read.
        """
        return self._book.history(choice)

    def put_metric_alarm(self, request: Members, arn: str) -> None:
        """Create a metric alarm, or replace the one of that name; its state is kept.

        Raises:
            ValidationError: it cannot be defined so.
        """
        definition = metric_definition(request)
        # Whether its expressions can be computed is told by doing it.
        watch(definition).read(self._store, self._end(60))
        self._put(definition, arn, request)

    def put_composite_alarm(self, request: Members, arn: str) -> None:
        """Create a composite alarm, or replace the one of that name; its state is kept, and then evaluated.

        Raises:
            ValidationError: it cannot be defined so, it names an alarm that does not exist, or depends on itself.
        """
        self._put(composite_definition(request), arn, request)

    def delete(self, names: Sequence[str]) -> None:
        """Delete alarms; those that do not exist are passed over.

        Raises:
            ValidationError: there are several composite ones.
            ResourceConflict: another alarm depends on one of them.
        """
        with self._changing() as changes:
            meant = [name for name in dict.fromkeys(names) if name in changes.alarms]
            if len(composites(changes.alarms[name] for name in meant)) > 1:
                raise ValidationError("At most one composite alarm can be deleted in one request.")
            for name in meant:
                changes.remove(name)
            for other in composites(changes.alarms.values()):
                if lost := sorted(_named(other) & set(meant)):
                    raise ResourceConflict(f"The alarm {lost[0]} cannot be deleted: {other.name} depends on it.")

    def enable_actions(self, names: Sequence[str], enabled: bool) -> None:
        """Let alarms act, or not; those that do not exist are passed over."""
        with self._changing() as changes:
            for name in names:
                alarm = changes.alarms.get(name)
                if alarm and alarm.definition["ActionsEnabled"] != enabled:
                    definition = {**alarm.definition, "ActionsEnabled": enabled}
                    changes.define(replace(alarm, definition=definition, configured=self._clock()))

    def set_state(self, name: str, state: State, reason: str, data: str | None = None) -> None:
        """Bring an alarm into a state, for a test; a metric alarm returns to its own when it is evaluated.

        Raises:
            NotFound: there is no such alarm.
            InvalidFormat: the data are no JSON.
        """
        if data:
            try:
                orjson.loads(data)
            except orjson.JSONDecodeError:
                raise InvalidFormat("StateReasonData is no JSON") from None
        with self._changing() as changes:
            if name not in changes.alarms:
                raise NotFound(f"The alarm {name} does not exist")
            changes.move(name, state, reason, data or "")

    def set_tags(self, name: str, found: Mapping[str, str]) -> None:
        """Replace the tags of an alarm that exists.

        Raises:
            ValidationError: they are too many.
        """
        checked = tags([{"Key": key, "Value": value} for key, value in found.items()])
        with self._changing() as changes:
            changes.update(replace(changes.alarms[name], tags=checked))

    def evaluate(self) -> None:
        """Evaluate all metric alarms, and what depends on them, at this time.

        Raises:
            MetricStoreError, AlarmBookError: a file cannot be used; then all alarms stay as they are.
        """
        with self._changing() as changes:
            for alarm in list(changes.alarms.values()):
                if alarm.kind == "MetricAlarm":
                    try:
                        self._examine(alarm, changes)
                    except ValidationError:  # it was written by another version; the others are evaluated
                        _LOG.exception("The alarm %s cannot be evaluated.", alarm.name)
            for alarm in composites(list(changes.alarms.values())):
                changes.act(alarm.name)

    def notify(self) -> None:
        """Publish what alarms have to tell, and write down whether that went well.

        Raises:
            AlarmBookError: the file cannot be used.
        """
        for no, message in self._book.notifications():
            error = ""
            try:
                self._publish(message.topic, message.subject, message.message)
            except Exception as failure:  # noqa: BLE001 - whatever a subscriber does, the others are told
                error = str(failure) or type(failure).__name__
            item = history.acted(message.alarm, message.kind, message.topic, message.message, self._clock(), error)
            self._book.record(history=[item], done=[no])

    def _put(self, definition: dict[str, Any], arn: str, request: Members) -> None:
        now = self._clock()
        with self._changing() as changes:
            known = changes.alarms.get(definition["AlarmName"])
            if known is None:
                standing = Standing(state=State.INSUFFICIENT_DATA, reason=CREATED, updated=now, since=now)
                own = tags(request.get("Tags") or [])
                alarm = Alarm(definition=definition, arn=arn, configured=now, standing=standing, tags=own)
            else:
                alarm = replace(known, definition=definition, configured=now)
                if alarm.kind != known.kind:
                    raise ValidationError(f"There is a {known.kind} of the name {known.name}.")
            if alarm.kind == "CompositeAlarm":
                _check_names(alarm, changes.alarms)
            changes.define(alarm)

    def _examine(self, alarm: Alarm, changes: Changes) -> None:
        seen, now = self._watch(alarm), self._clock()
        end = self._end(seen.period)
        series = seen.read(self._store, end)
        points = [Point(time, series.points.get(time), series.samples.get(time)) for time in series.grid.times]
        verdict = judge(points, seen.criteria)
        if verdict.state in (None, alarm.state) or _is_too_little(verdict, seen):
            return
        counted = "DatapointsToAlarm" in alarm.definition
        changes.move(alarm.name, verdict.state, *explain(verdict, seen, now, counted=counted))

    def _watch(self, alarm: Alarm) -> Watch:
        definition, seen = self._watches.get(alarm.name, (None, None))
        if definition is not alarm.definition or seen is None:
            seen = watch(alarm.definition)
            self._watches[alarm.name] = alarm.definition, seen
        return seen

    def _end(self, period: int) -> int:
        step = 60 if period % 60 == 0 else self._slide
        return int(self._clock()) // step * step

    @contextmanager
    def _changing(self) -> Iterator[Changes]:
        """Changes that hold when the block ends without an error."""
        with self._lock:
            changes = Changes(self._alarms, self._clock())
            yield changes
            if changes.record(self._book):
                self._alarms = changes.alarms


def _is_too_little(verdict: Verdict, seen: Watch) -> bool:
    """Whether a percentile is of too few values for a state to follow from it."""
    return bool(verdict.points) and sum(point.samples or 0 for point in verdict.points) < seen.few


def _named(composite: Alarm) -> set[str]:
    """The names of the alarms that a composite one depends on."""
    other = suppressor(composite)
    return set(rule(composite).names) | ({other} if other else set())


def _check_names(composite: Alarm, alarms: Mapping[str, Alarm]) -> None:
    """That the alarms it depends on exist, and do not depend on it."""
    missing = sorted(name for name in _named(composite) if name not in alarms and name != composite.name)
    if missing:
        listed = ", ".join(missing)
        raise ValidationError(f"Could not save the composite alarm as alarms [{listed}] in the alarm rule do not exist")
    reached, ahead = set[str](), [composite]
    while ahead:
        for name in _named(ahead.pop()) - reached:
            if name == composite.name:
                raise ValidationError(f"The composite alarm {composite.name} would depend on itself.")
            reached.add(name)
            if alarms[name].kind == "CompositeAlarm":
                ahead.append(alarms[name])
