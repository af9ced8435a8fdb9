"""What the agent is told by its environment."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from refapp.backends.containerinsights.events import Place
from refapp.backends.settings import GROUP_PART, log_name, seconds, switch
from refapp.monitoring.cluster import NAME, NODE
from refapp.monitoring.loggroups import PERFORMANCE, log_group
from refapp.services.settings import SettingsError, listen_address, whole_number

BUFFER = 16 * 2**20
"""Bytes of events that may wait for the endpoint, unless it is told otherwise."""

# As a part of the name of a log stream may be: API_CreateLogStream.
_STREAM_PART = re.compile(r"[^:*,=\s]{1,512}")
_URL = re.compile(r"http://([^\s/?#@:]+|\[[0-9a-fA-F:.]+\]):([0-9]{1,5})/?")


@dataclass(frozen=True, kw_only=True)
class AgentSettings:
    """What the agent is told by its environment; the module `server` describes it. Times are in seconds."""

    address: tuple[str, int]
    kubelet: tuple[str, int]
    inventory: Path
    place: Place
    enhanced: bool
    period: float
    endpoint: str | None
    region: str | None
    timeout: float
    grace: float
    buffer: int

    @property
    def group(self) -> str:
        """The log group of the events."""
        return log_group(PERFORMANCE, self.place.cluster)

    @classmethod
    def from_environ(cls, environ: Mapping[str, str]) -> Self:
        """Read the settings; a variable that is empty counts as not set.

        Raises:
            SettingsError: a value cannot be used; the message names the variable and what it may hold.
        """
        return cls(
            address=listen_address(environ.get("PORT") or "127.0.0.1:8888"),
            kubelet=_server(environ, "KUBELET", "http://127.0.0.1:10250"),
            inventory=Path(environ.get("INVENTORY") or "inventory.json"),
            place=Place(
                cluster=log_name("CLUSTER", environ.get("CLUSTER") or NAME, GROUP_PART),
                node=log_name("NODE", environ.get("NODE") or NODE, _STREAM_PART),
                instance_id=environ.get("INSTANCE_ID", ""),
                instance_type=environ.get("INSTANCE_TYPE", ""),
                auto_scaling_group=environ.get("AUTO_SCALING_GROUP", ""),
            ),
            enhanced=switch("ENHANCED", environ.get("ENHANCED") or "on"),
            period=seconds("PERIOD", environ.get("PERIOD") or "60"),
            endpoint=environ.get("ENDPOINT") or None,
            region=environ.get("REGION") or None,
            timeout=seconds("TIMEOUT", environ.get("TIMEOUT") or "10"),
            grace=seconds("GRACE", environ.get("GRACE") or "5"),
            buffer=whole_number("BUFFER", environ.get("BUFFER") or f"{BUFFER}", digits=12),
        )


def _server(environ: Mapping[str, str], variable: str, default: str) -> tuple[str, int]:
    url = environ.get(variable) or default
    match = _URL.fullmatch(url)
    if match is None:
        raise SettingsError(f"{variable} is {url!r}: it must be a URL such as {default}")
    return match[1].strip("[]"), int(match[2])
