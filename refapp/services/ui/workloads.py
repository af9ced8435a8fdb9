"""The call tree that the app draws, as the environment tells it."""

from collections.abc import Iterable, Mapping
from graphlib import CycleError, TopologicalSorter
from typing import Any, NamedTuple

import orjson

from refapp.services.settings import SettingsError

_FORM = 'WORKLOADS must be a JSON list of objects such as {"name": "service-a", "title": "Service A", "calls": []}'


class CalledWorkload(NamedTuple):
    """A workload, those that it calls in the order of its answer, and its queues; these are empty where it has none."""

    name: str
    title: str
    calls: tuple[str, ...] = ()
    publishes: str = ""
    consumes: str = ""


def parse_workloads(text: str) -> tuple[CalledWorkload, ...]:
    """Read the variable WORKLOADS. A title that is missing is the name; null stands for no queue.

    Raises:
        SettingsError: it has another form, two workloads share a name, or calls lead nowhere or round in a circle.
    """
    try:
        items = orjson.loads(text)
    except orjson.JSONDecodeError as error:
        raise SettingsError(f"{_FORM}; it is no JSON: {error}") from None
    if not isinstance(items, list):
        raise SettingsError(_FORM)
    workloads = tuple(_workload(item) for item in items)
    _check(workloads)
    return workloads


def _workload(item: Any) -> CalledWorkload:
    if not isinstance(item, dict) or item.keys() - set(CalledWorkload._fields):
        raise SettingsError(f"{_FORM}; there is {_shown(item)}")
    name = _text(item, "name")
    calls = item.get("calls") or []
    if not name or not isinstance(calls, list) or not all(isinstance(callee, str) for callee in calls):
        raise SettingsError(f"{_FORM}; there is {_shown(item)}")
    return CalledWorkload(
        name, _text(item, "title") or name, tuple(calls), _text(item, "publishes"), _text(item, "consumes")
    )


def _text(item: Mapping[str, Any], key: str) -> str:
    value = item.get(key)
    if not isinstance(value, str | None):
        raise SettingsError(f"{_FORM}; {key} is {_shown(value)}")
    return value or ""


def _check(workloads: Iterable[CalledWorkload]) -> None:
    calls: dict[str, tuple[str, ...]] = {}
    for workload in workloads:
        if workload.name in calls:
            raise SettingsError(f"WORKLOADS names {workload.name!r} twice")
        calls[workload.name] = workload.calls
    for name, callees in calls.items():
        for callee in callees:
            if callee not in calls:
                raise SettingsError(f"WORKLOADS: {name} calls {callee!r}, which is no workload")
    try:
        TopologicalSorter(calls).prepare()
    except CycleError as error:
        raise SettingsError(f"WORKLOADS: calls form a circle: {' → '.join(reversed(error.args[1]))}") from None


def _shown(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 80 else f"{text[:80]}…"  # noqa: PLR2004 - characters that a line has room for
