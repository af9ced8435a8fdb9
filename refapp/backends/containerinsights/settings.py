"""What the agent is told by its environment."""

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from refapp.backends.containerinsights.events import Place
from refapp.monitoring.cluster import NAME, NODE
from refapp.services.settings import SettingsError, listen_address, whole_number

BUFFER = 16 * 2**20
"""Bytes of events that may wait for the endpoint, unless it is told otherwise."""

# As a log group and a log stream may be named: API_CreateLogGroup, API_CreateLogStream.
_GROUP_PART = re.compile(r"[\w.\-/#]{1,400}", re.ASCII)
_STREAM_PART = re.compile(r"[^:*,=\s]{1,512}")
_URL = re.compile(r"http://([^\s/?#@:]+|\[[0-9a-fA-F:.]+\]):([0-9]{1,5})/?")
_SWITCH = {"on": True, "off": False}


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
        return f"/aws/containerinsights/{self.place.cluster}/performance"

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
                cluster=_name(environ, "CLUSTER", NAME, _GROUP_PART),
                node=_name(environ, "NODE", NODE, _STREAM_PART),
                instance_id=environ.get("INSTANCE_ID", ""),
                instance_type=environ.get("INSTANCE_TYPE", ""),
                auto_scaling_group=environ.get("AUTO_SCALING_GROUP", ""),
            ),
            enhanced=_switch(environ, "ENHANCED", "on"),
            period=_seconds(environ, "PERIOD", "60"),
            endpoint=environ.get("ENDPOINT") or None,
            region=environ.get("REGION") or None,
            timeout=_seconds(environ, "TIMEOUT", "10"),
            grace=_seconds(environ, "GRACE", "5"),
            buffer=whole_number("BUFFER", environ.get("BUFFER") or f"{BUFFER}", digits=12),
        )


def _server(environ: Mapping[str, str], variable: str, default: str) -> tuple[str, int]:
    url = environ.get(variable) or default
    match = _URL.fullmatch(url)
    if match is None:
        raise SettingsError(f"{variable} is {url!r}: it must be a URL such as {default}")
    return match[1].strip("[]"), int(match[2])


def _name(environ: Mapping[str, str], variable: str, default: str, form: re.Pattern[str]) -> str:
    name = environ.get(variable) or default
    if not form.fullmatch(name):
        raise SettingsError(f"{variable} is {name!r}: a log group or stream cannot be named so")
    return name


def _switch(environ: Mapping[str, str], variable: str, default: str) -> bool:
    text = environ.get(variable) or default
    if text.lower() not in _SWITCH:
        raise SettingsError(f"{variable} is {text!r}: it must be on or off")
    return _SWITCH[text.lower()]


def _seconds(environ: Mapping[str, str], variable: str, default: str) -> float:
    text = environ.get(variable) or default
    try:
        seconds = float(text)
    except ValueError:
        seconds = math.nan
    if not 0 < seconds < math.inf:
        raise SettingsError(f"{variable} is {text!r}: it must be a number of seconds greater than 0")
    return seconds
