"""What a service process is told by its environment."""

import math
import re
import socket
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple, Self

from refapp.services.logs import parse_level

FANOUTS = ("concurrent", "sequential")
"""The ways in which a service calls its downstreams."""

PARENT, LINK = "parent", "link"
MESSAGE_TRACES = (PARENT, LINK)
"""How the trace of a message's processing belongs to that of its publication: the same one, or one linked to it."""

_DOWNSTREAM = re.compile(r"SERVICE_([A-Z0-9]+(?:_[A-Z0-9]+)*)_URL")
_LONGEST_DEADLINE = 3600.0
_HIGHEST_PORT = 65535


class SettingsError(ValueError):
    """A variable of the environment holds a value that cannot be used."""


class Downstream(NamedTuple):
    """A service to call: its name as errors tell it, and its gRPC target."""

    name: str
    target: str


class Tracing(NamedTuple):
    """How messages and writes are traced, and where the spans go.

    `mode` is `parent` or `link`, `service` the name that the spans bear, `endpoint` the URL that takes them by OTLP
    over HTTP, and `delay` the milliseconds between two batches.
    """

    mode: str
    service: str
    endpoint: str
    delay: int


@dataclass(frozen=True, kw_only=True)
class ProcessSettings:
    """What the greeting services and the gateway have in common.

    `address` is a host (empty: all interfaces) and a port (0: any free one), and `metrics_address` where a Prometheus
    reads what the process counts, if one does. `deadline` is in seconds.
    """

    service_name: str
    pod: str
    log_level: str
    log_level_file: Path | None
    address: tuple[str, int]
    metrics_address: tuple[str, int] | None
    deadline: float

    @property
    def slug(self) -> str:
        """The service's name in logs, errors and databases: `service-a` for "Service A"."""
        return slug(self.service_name)


@dataclass(frozen=True, kw_only=True)
class Settings(ProcessSettings):
    """The settings of a greeting service."""

    greeting: str
    downstreams: tuple[Downstream, ...]
    fanout: str
    mongo_url: str | None
    amqp_url: str | None
    queue: str
    tracing: Tracing | None

    @property
    def stores(self) -> bool:
        """Whether it inserts the greetings it was sent into a database."""
        return self.mongo_url is not None and self.amqp_url is None

    @property
    def publishes(self) -> bool:
        """Whether it publishes its own greeting to a queue."""
        return self.amqp_url is not None and self.mongo_url is None

    @property
    def consumes(self) -> bool:
        """Whether it moves greetings from a queue into a database."""
        return self.amqp_url is not None and self.mongo_url is not None

    @classmethod
    def from_environ(cls, environ: Mapping[str, str]) -> Self:
        """Read the settings of a greeting service; a variable that is empty counts as not set.

        Raises:
            SettingsError: a value cannot be used; the message names the variable and what it may hold.
        """
        amqp_url = service_url(environ, "RABBITMQ_CONN", "amqp", "amqps")
        queue = environ.get("QUEUE_NAME", "")
        if amqp_url and not queue:
            raise SettingsError("QUEUE_NAME is not set: RABBITMQ_CONN needs the name of a queue beside it")
        common = common_settings(environ, service_name="Service A")
        return cls(
            **common,
            greeting=environ.get("GREETING") or "Hello, from Service A!",
            downstreams=_downstreams(environ),
            fanout=choice(environ, "FANOUT", FANOUTS) or FANOUTS[0],
            mongo_url=service_url(environ, "MONGO_CONN", "mongodb", "mongodb+srv"),
            amqp_url=amqp_url,
            queue=queue,
            tracing=_tracing(environ, slug(common["service_name"])),
        )


@dataclass(frozen=True, kw_only=True)
class GatewaySettings(ProcessSettings):
    """The settings of the gateway. `public_address` is a second address to listen on, shared among replicas."""

    upstream: Downstream
    public_address: tuple[str, int] | None

    @classmethod
    def from_environ(cls, environ: Mapping[str, str]) -> Self:
        """Read the settings of the gateway; a variable that is empty counts as not set.

        Raises:
            SettingsError: a value cannot be used; the message names the variable and what it may hold.
        """
        variable = "SERVICE_A_URL"
        if not environ.get(variable):
            raise SettingsError(f"{variable} is not set: the gateway needs the gRPC target of service-a")
        return cls(
            **common_settings(environ, service_name="rev-proxy"),
            upstream=Downstream("service-a", _target(variable, environ[variable])),
            public_address=_optional_address(environ, "PUBLIC_PORT"),
        )


def slug(title: str) -> str:
    """The title in lower-case ASCII letters and digits, joined by hyphens."""
    return "-".join(re.findall(r"[a-z0-9]+", title.lower()))


def whole_number(name: str, text: str, *, digits: int) -> int:
    """A number greater than 0 of at most so many digits.

    Raises:
        SettingsError: it is none; the message begins with `name`.
    """
    if not (text.isascii() and text.isdigit() and len(text) <= digits and int(text)):
        raise SettingsError(f"{name} is {text!r}: it must be a whole number greater than 0")
    return int(text)


def listen_address(port: str) -> tuple[str, int]:
    """Split an address in the form of Go's `net.Listen`, such as `:50051`, `127.0.0.1:50051` or `[::1]:50051`.

    Returns:
        The host, empty for all interfaces and without the brackets of IPv6; and the port, 0 for any free one.

    Raises:
        SettingsError: it has no such form.
    """
    return _address("PORT", port)


def _address(variable: str, text: str) -> tuple[str, int]:
    match = re.fullmatch(r"(\[[0-9a-fA-F:.]+\]|[^\s:\[\]]*):([0-9]{1,5})", text)
    if match is None or int(match[2]) > _HIGHEST_PORT:
        raise SettingsError(f"{variable} is {text!r}: it must be an address such as :50051 or 127.0.0.1:50051")
    return match[1].strip("[]"), int(match[2])


def _optional_address(environ: Mapping[str, str], variable: str) -> tuple[str, int] | None:
    text = environ.get(variable)
    return _address(variable, text) if text else None


def common_settings(environ: Mapping[str, str], *, service_name: str) -> dict[str, Any]:
    """What `ProcessSettings` holds, by its names; `service_name` is the name of a process that is told none.

    Raises:
        SettingsError: a value cannot be used.
    """
    title = environ.get("SERVICE_NAME") or service_name
    if not slug(title):
        raise SettingsError(f"SERVICE_NAME is {title!r}: it must hold at least one ASCII letter or digit")
    try:
        level = parse_level(environ.get("LOG_LEVEL") or "info")
    except ValueError as error:
        raise SettingsError(f"LOG_LEVEL is not usable: {error}") from None
    level_file = environ.get("LOG_LEVEL_FILE")
    return {
        "service_name": title,
        "pod": environ.get("POD_NAME") or socket.gethostname(),
        "log_level": level,
        "log_level_file": Path(level_file) if level_file else None,
        "address": _address("PORT", environ.get("PORT") or ":50051"),
        "metrics_address": _optional_address(environ, "METRICS_PORT"),
        "deadline": _deadline(environ.get("DEADLINE_SECONDS") or "5"),
    }


def _deadline(text: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        seconds = math.nan
    if not 0 < seconds <= _LONGEST_DEADLINE:
        raise SettingsError(f"DEADLINE_SECONDS is {text!r}: it must be a number above 0, at most {_LONGEST_DEADLINE:g}")
    return seconds


def _downstreams(environ: Mapping[str, str]) -> tuple[Downstream, ...]:
    return tuple(
        Downstream(f"service-{slug(match[1])}", _target(variable, environ[variable]))
        for variable in sorted(environ)
        if (match := _DOWNSTREAM.fullmatch(variable)) and environ[variable]
    )


def choice(environ: Mapping[str, str], variable: str, choices: tuple[str, ...]) -> str | None:
    """Which of some choices a variable names, in any case; None when it is not set.

    Raises:
        SettingsError: it names none of them.
    """
    chosen = environ.get(variable, "").lower()
    if chosen and chosen not in choices:
        raise SettingsError(f"{variable} is {chosen!r}: it must be one of {', '.join(choices)}")
    return chosen or None


def _tracing(environ: Mapping[str, str], service: str) -> Tracing | None:
    mode = choice(environ, "TRACE_MESSAGES", MESSAGE_TRACES)
    if mode is None:
        return None
    # These are OpenTelemetry's. It has others, which its SDK reads itself.
    collector = service_url(environ, "OTEL_EXPORTER_OTLP_ENDPOINT", "http", "https") or "http://localhost:4318"
    traces = service_url(environ, "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "http", "https")
    delay = environ.get("OTEL_BSP_SCHEDULE_DELAY") or "500"
    if not re.fullmatch(r"[1-9][0-9]{0,6}", delay):
        raise SettingsError(
            f"OTEL_BSP_SCHEDULE_DELAY is {delay!r}: it must be a whole number of milliseconds, 9999999 at most"
        )
    return Tracing(
        mode=mode,
        service=environ.get("OTEL_SERVICE_NAME") or service,
        endpoint=traces or f"{collector.rstrip('/')}/v1/traces",
        delay=int(delay),
    )


def _target(variable: str, target: str) -> str:
    if re.search(r"\s", target) or re.match(r"https?:", target):
        raise SettingsError(f"{variable} is {target!r}: it must be a gRPC target such as service-b:50051")
    return target


def service_url(environ: Mapping[str, str], variable: str, *schemes: str) -> str | None:
    """The URL in a variable; None when it is not set.

    Raises:
        SettingsError: it has another scheme.
    """
    url = environ.get(variable)
    if not url:
        return None
    if url.partition("://")[0] not in schemes:  # The value stays unsaid: it may hold a password.
        raise SettingsError(f"{variable} must be a URL that begins with {' or '.join(f'{s}://' for s in schemes)}")
    return url
