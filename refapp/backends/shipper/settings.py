"""What the shipper is told by its environment."""

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from refapp.backends.settings import GROUP_PART, log_name, seconds, switch
from refapp.monitoring.cluster import NAME, NODE
from refapp.services.settings import SettingsError, listen_address, whole_number
from refapp.topology import NAMESPACE

_MOST_CONNECTIONS = 64
# As a part of the name of a log stream may be: API_CreateLogStream.
_STREAM_PART = re.compile(r"[^:*,=\s]{1,128}")


@dataclass(frozen=True, kw_only=True)
class ShipperSettings:
    """What the shipper is told by its environment; the module `server` describes it. Times are in seconds."""

    address: tuple[str, int]
    logs: Path
    state: Path
    inventory: Path | None
    cluster: str
    node: str
    namespace: str
    labels: bool
    units: Mapping[str, Path]
    host_files: tuple[Path, ...]
    endpoint: str | None
    region: str | None
    flush: float
    poll: float
    timeout: float
    settle: float
    grace: float
    backlog: int
    connections: int

    @classmethod
    def from_environ(cls, environ: Mapping[str, str]) -> Self:
        """Read the settings; a variable that is empty counts as not set.

        Raises:
            SettingsError: a value cannot be used; the message names the variable and what it may hold.
        """
        inventory = environ.get("INVENTORY")
        units, host_files = _units(environ.get("UNITS", "")), _host_files(environ.get("HOST_FILES", ""))
        if len({*units.values(), *host_files}) < len(units) + len(host_files):
            raise SettingsError("UNITS and HOST_FILES name a file twice: it can be of one kind alone")
        return cls(
            address=listen_address(environ.get("PORT") or "127.0.0.1:2020"),
            logs=Path(environ.get("LOGS") or "pods"),
            state=Path(environ.get("STATE") or "shipper"),
            inventory=Path(inventory) if inventory else None,
            cluster=log_name("CLUSTER", environ.get("CLUSTER") or NAME, GROUP_PART),
            node=log_name("NODE", environ.get("NODE") or NODE, _STREAM_PART),
            namespace=environ.get("NAMESPACE") or NAMESPACE,
            labels=switch("LABELS", environ.get("LABELS") or "off"),
            units=units,
            host_files=host_files,
            endpoint=environ.get("ENDPOINT") or None,
            region=environ.get("REGION") or None,
            flush=seconds("FLUSH", environ.get("FLUSH") or "1"),
            poll=seconds("POLL", environ.get("POLL") or "0.25"),
            timeout=seconds("TIMEOUT", environ.get("TIMEOUT") or "30"),
            settle=seconds("SETTLE", environ.get("SETTLE") or "2"),
            grace=seconds("GRACE", environ.get("GRACE") or "5"),
            backlog=whole_number("BACKLOG", environ.get("BACKLOG") or f"{1024**3}", digits=15),
            connections=_connections(environ.get("CONNECTIONS") or "8"),
        )

    def check_state(self) -> None:
        """Raise SettingsError where no file of `logs` can have a second name in `state`."""
        if not self.logs.exists():
            return
        self.state.mkdir(parents=True, exist_ok=True)
        if os.stat(self.logs).st_dev != os.stat(self.state).st_dev:  # noqa: PTH116 - two numbers
            raise SettingsError(f"STATE is {str(self.state)!r}: it must be on the same file system as {self.logs}")


def _units(text: str) -> dict[str, Path]:
    units: dict[str, Path] = {}
    for pair in filter(None, text.split(",")):
        name, _, path = pair.partition("=")
        if not _STREAM_PART.fullmatch(name) or not path or name in units:
            raise SettingsError(f"UNITS is {text!r}: it must be like supervisor.service=/a/file, with commas between")
        units[name] = Path(path)
    return units


def _host_files(text: str) -> tuple[Path, ...]:
    paths = [Path(path) for path in text.split(",") if path]
    names = [path.stem for path in paths]
    if len(set(names)) < len(names) or not all(map(_STREAM_PART.fullmatch, names)):
        raise SettingsError(f"HOST_FILES is {text!r}: it must be paths of different names, with commas between")
    return tuple(paths)


def _connections(text: str) -> int:
    number = whole_number("CONNECTIONS", text, digits=4)
    if number > _MOST_CONNECTIONS:
        raise SettingsError(f"CONNECTIONS is {text!r}: it must be at most {_MOST_CONNECTIONS}")
    return number
