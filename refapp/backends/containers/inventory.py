"""What runs on the node: pods, containers and their processes, in a JSON file that the supervisor replaces.

The fields of the JSON are those of the data classes; one with a default may be left out.
"""

import logging
import math
import os
from collections.abc import Mapping
from dataclasses import MISSING, dataclass, field, fields, is_dataclass
from functools import cache
from pathlib import Path
from types import NoneType, UnionType
from typing import Any, get_args, get_origin, get_type_hints

import orjson

from refapp.mesh.files import replace
from refapp.topology import NAMESPACE

VERSION = "v1"
"""The label `version` of every pod."""

_log = logging.getLogger(__name__)


class InventoryError(ValueError):
    """What is said of the node cannot be used; the message tells which value, and why."""


@dataclass(frozen=True, kw_only=True)
class Container:
    """One container of a pod.

    `pid` is its first process, None while there is none, and `others` are those that joined it, as by `kubectl exec`;
    all that descend from them belong to the container, too. `started` is when that process started, in seconds since
    1970. `reason` is why its process last ended, in Kubernetes' words (`OOMKilled`, `Error`, `Completed`), empty when
    none has. Memory is in bytes, CPU in cores; None for no limit or request. `cgroup` is the directory of the
    container's own cgroup (version 2), empty when it has none.
    """

    name: str
    image: str = ""
    pid: int | None = None
    others: tuple[int, ...] = ()
    started: float = 0.0
    restarts: int = 0
    running: bool = False
    reason: str = ""
    memory_limit: int | None = None
    memory_request: int | None = None
    cpu_limit: float | None = None
    cpu_request: float | None = None
    cgroup: str = ""

    def __post_init__(self) -> None:
        _check_least("pid", self.pid, 1)
        for name in ("started", "restarts", "memory_limit", "memory_request", "cpu_limit", "cpu_request"):
            _check_least(name, getattr(self, name), 0)

    @property
    def terminations(self) -> int:
        """How often a process of it has ended."""
        return self.restarts + (not self.running and bool(self.reason))


@dataclass(frozen=True, kw_only=True)
class Pod:
    """One pod.

    `started` is in seconds since 1970; `reason` is why it is in trouble, in Kubernetes' words (`Evicted`). `service` is
    the Service that leads to it: None for that of its workload's name, empty for none.
    """

    name: str
    workload: str
    namespace: str = NAMESPACE
    uid: str = ""
    tier: str = ""
    started: float = 0.0
    ready: bool = False
    reason: str = ""
    service: str | None = None
    containers: tuple[Container, ...] = ()

    def __post_init__(self) -> None:
        _check_least("started", self.started, 0)
        _check_names("containers", [container.name for container in self.containers])

    @property
    def replica_set(self) -> str:
        """The ReplicaSet that such a name comes from: the workload and the hash of its template."""
        return self.name.rpartition("-")[0] or self.name

    @property
    def labels(self) -> dict[str, str]:
        """The labels that its Deployment gives it; without a tier one less."""
        labels = {"app": self.workload, "tier": self.tier, "version": VERSION}
        return {name: value for name, value in labels.items() if value}

    @property
    def service_name(self) -> str:
        """The name of the Service that leads to it; empty when none does."""
        return self.workload if self.service is None else self.service


@dataclass(frozen=True, kw_only=True)
class Autoscaler:
    """A horizontal autoscaler: bounds, replicas now and wanted, and CPU in per cent of the request.

    `utilisation` is what was measured last, None when nothing was.
    """

    workload: str
    min: int
    max: int
    current: int
    desired: int
    target_utilisation: float
    utilisation: float | None = None


@dataclass(frozen=True, kw_only=True)
class Inventory:
    """A node and all that runs on it; `replicas` is how many pods are wanted of each workload.

    `namespace` is that of a workload or autoscaler of which there is no pod.

    Raises:
        InventoryError: two pods of a namespace or two containers of a pod share a name, or a number is out of range.
    """

    node: str = ""
    cluster: str = ""
    namespace: str = NAMESPACE
    pods: tuple[Pod, ...] = ()
    replicas: Mapping[str, int] = field(default_factory=dict)
    autoscalers: tuple[Autoscaler, ...] = ()

    def __post_init__(self) -> None:
        _check_names("pods", [f"{pod.namespace}/{pod.name}" for pod in self.pods])

    def namespace_of(self, workload: str) -> str:
        """The namespace of a workload's pods."""
        return next((pod.namespace for pod in self.pods if pod.workload == workload), self.namespace)


def write(path: Path, inventory: Inventory) -> None:
    """Put the inventory into place by a rename, so that a reader sees the old one or the new one."""
    replace(path, orjson.dumps(inventory))


def read(path: Path) -> Inventory:
    """Read what `write` wrote.

    Raises:
        InventoryError: the file cannot be read, is not JSON, or holds what no inventory does.
    """
    try:
        return parse(path.read_bytes())
    except OSError as error:
        raise InventoryError(f"{path}: {error.strerror}") from error
    except InventoryError as error:
        raise InventoryError(f"{path}: {error}") from error


def parse(content: bytes) -> Inventory:
    """The inventory that is written as JSON.

    Raises:
        InventoryError: it is none.
    """
    try:
        data = orjson.loads(content)
    except orjson.JSONDecodeError as error:
        raise InventoryError(f"not JSON: {error}") from error
    inventory: Inventory = _decode(Inventory, data, "inventory")
    return inventory


class InventoryFile:
    """The inventory in a file, read anew when the file was replaced.

    A file that is missing or broken leaves the last good inventory in use; `errors` counts how often that began.
    """

    def __init__(self, path: Path) -> None:
        self.errors = 0
        self._path = path
        self._inventory = Inventory()
        self._signature: tuple[int, ...] | None = ()

    def current(self) -> Inventory:
        """The last good inventory; an empty one before there was any."""
        signature = _signature(self._path)
        if signature != self._signature:
            self._signature = signature
            self._read()
        return self._inventory

    def _read(self) -> None:
        try:
            self._inventory = read(self._path)
        except InventoryError as error:
            self.errors += 1
            _log.warning("the inventory before stays in use: %s", error)


def _signature(path: Path) -> tuple[int, ...] | None:
    try:
        status = os.stat(path)  # noqa: PTH116 - once a second
    except OSError:
        return None
    return status.st_ino, status.st_mtime_ns, status.st_size


def _check_least(name: str, value: float | None, least: int) -> None:
    if value is not None and not least <= value < math.inf:
        raise InventoryError(f"{name} is {value}: it must be {least} or more")


def _check_names(what: str, names: list[str]) -> None:
    if len(set(names)) != len(names):
        twice = sorted({name for name in names if names.count(name) > 1})
        raise InventoryError(f"{what} share a name: {', '.join(twice)}")


def _decode(kind: Any, data: Any, where: str) -> Any:
    """The value of a type that JSON data describes."""
    if is_dataclass(kind):
        return _decode_fields(kind, data, where)
    origin, arguments = get_origin(kind), get_args(kind)
    if origin is UnionType:
        (other,) = (argument for argument in arguments if argument is not NoneType)
        return None if data is None else _decode(other, data, where)
    if origin is tuple:
        _check_type(list, data, where)
        return tuple(_decode(arguments[0], item, f"{where}[{number}]") for number, item in enumerate(data))
    if origin is Mapping:
        _check_type(dict, data, where)
        return {key: _decode(arguments[1], value, f"{where}.{key}") for key, value in data.items()}
    if kind is float and type(data) is int:
        return float(data)
    _check_type(kind, data, where)
    return data


def _decode_fields(kind: Any, data: Any, where: str) -> Any:
    _check_type(dict, data, where)
    hints = _hints(kind)
    if unknown := data.keys() - hints.keys():
        raise InventoryError(f"{where} has no {', '.join(sorted(unknown))}")
    required = {item.name for item in fields(kind) if item.default is MISSING and item.default_factory is MISSING}
    if missing := required - data.keys():
        raise InventoryError(f"{where} lacks {', '.join(sorted(missing))}")
    return kind(**{name: _decode(hints[name], value, f"{where}.{name}") for name, value in data.items()})


@cache
def _hints(kind: Any) -> dict[str, Any]:
    return get_type_hints(kind)


def _check_type(kind: type, data: Any, where: str) -> None:
    if type(data) is not kind:
        raise InventoryError(f"{where} is {data!r}: it must be {_NAMES[kind]}")


_NAMES = {
    bool: "true or false",
    dict: "an object",
    float: "a number",
    int: "a whole number",
    list: "a list",
    str: "a text",
}
