"""The platform's logs, of all pods, as one stream ordered by time."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cached_property
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

import orjson

from refapp.deploy.target import ContainerLine, Target
from refapp.mesh.identity import INGRESS, SIDECAR
from refapp.services.logs import LEVELS, parse_level

if TYPE_CHECKING:
    import pandas as pd

# mongod: https://www.mongodb.com/docs/manual/reference/log-messages/#severity-levels
_MONGODB_LEVELS = {"F": "fatal", "E": "error", "W": "warning", "I": "info"}
# RabbitMQ: https://www.rabbitmq.com/docs/logging#log-levels
_RABBITMQ = re.compile(r"\S+ \S+ \[(\w+)\] (?:<[\d.]+> )?(.*)")
_RABBITMQ_LEVELS = {"critical": "fatal", "notice": "info"}
ALL = "*"
"""Selects the lines of all containers."""

_OWN_KEYS = ("time", "level", "msg", "service", "pod")
_AHEAD = timedelta(minutes=1)  # as far as the clock in a line may be ahead of that of the node


@dataclass(frozen=True, kw_only=True)
class LogLine:
    """One line, with what could be read from it.

    `level` is one of the seven of the services; `fields` holds the rest of a JSON object; `text` is the line as
    it was written.
    """

    time: datetime
    level: str
    workload: str
    pod: str
    container: str
    msg: str
    fields: dict[str, Any] = field(default_factory=dict)
    text: str


@dataclass(frozen=True, kw_only=True)
class Selection:
    """Which lines are wanted: of a workload or pod, of a level and above, since a time, containing a text.

    Without a `container` those of sidecars are left out, as `kubectl logs` does; with `ALL` none is.
    """

    workload: str | None = None
    pod: str | None = None
    container: str | None = None
    level: str | None = None
    since: datetime | None = None
    contains: str | None = None

    def __post_init__(self) -> None:
        if self.level is not None:
            parse_level(self.level)

    def takes(self, line: ContainerLine) -> bool:
        """Whether a line may be wanted, as far as can be told without reading it."""
        return (
            self.workload in (None, line.workload)
            and self.pod in (None, line.pod)
            and self._takes_container(line)
            and (self.contains is None or self.contains in line.text)
            and (line.time >= self._received or not line.time.endswith("Z"))
        )

    @cached_property
    def _received(self) -> str:
        """The earliest time, as the runtime writes it, at which a wanted line was received."""
        return f"{(self.since - _AHEAD).astimezone(UTC):%Y-%m-%dT%H:%M:%S}" if self.since else ""

    def _takes_container(self, line: ContainerLine) -> bool:
        if self.container is None:
            return line.container != SIDECAR or line.workload == INGRESS
        return self.container in (ALL, line.container)

    @property
    def whose(self) -> str | None:
        """The pod or workload whose lines are enough to look at; None for all."""
        return self.pod or self.workload

    def __contains__(self, line: LogLine) -> bool:
        return (self.level is None or LEVELS.index(line.level) >= LEVELS.index(parse_level(self.level))) and (
            self.since is None or line.time >= self.since
        )


class Logs:
    """What the pods of a platform have written to their standard output and error.

    The keyword arguments of every method are those of `Selection`.
    """

    def __init__(self, target: Target) -> None:
        self._target = target

    def lines(self, **selection: Any) -> list[LogLine]:
        """The selected lines of all pods, ordered by time.

        Raises:
            ValueError: the level is none of the seven.
        """
        wanted = Selection(**selection)
        lines = (parse(line) for line in self._target.log_lines(of=wanted.whose) if line and wanted.takes(line))
        return sorted((line for line in lines if line in wanted), key=lambda line: line.time)

    def follow(self, **selection: Any) -> Iterator[LogLine]:
        """The selected lines that there are, then those that come, for ever; each batch ordered by time."""
        wanted = Selection(**selection)
        batch: list[LogLine] = []
        for line in self._target.log_lines(of=wanted.whose, follow=True):
            if line is None:
                yield from sorted(batch, key=lambda line: line.time)
                batch.clear()
            elif wanted.takes(line) and (parsed := parse(line)) in wanted:
                batch.append(parsed)

    def frame(self, **selection: Any) -> "pd.DataFrame":
        """The selected lines as a data frame: time, level, workload, pod, msg, and a column a field."""
        import pandas as pd  # noqa: PLC0415

        columns = ["time", "level", "workload", "pod", "msg"]
        rows = [{name: getattr(line, name) for name in columns} | line.fields for line in self.lines(**selection)]
        frame = pd.DataFrame(rows, columns=None if rows else columns)
        return frame.assign(time=pd.to_datetime(frame["time"], utc=True))


def parse(line: ContainerLine) -> LogLine:
    """Read a line: JSON of a service or of mongod, text of RabbitMQ, or any other text."""
    record = _json(line.text)
    reader: Callable[[ContainerLine, dict[str, Any]], LogLine]
    if record is None:
        return _from_text(line)
    if "msg" in record and record.get("level") in LEVELS:
        reader = _from_service
    elif "s" in record and "msg" in record:
        reader = _from_mongodb
    elif "upstream_cluster" in record:
        reader = _from_envoy
    else:
        reader = _from_json
    return reader(line, record)


def _json(text: str) -> dict[str, Any] | None:
    if not text.startswith("{"):
        return None
    try:
        record = orjson.loads(text)
    except orjson.JSONDecodeError:
        return None
    return record if isinstance(record, dict) else None


def _from_service(line: ContainerLine, record: dict[str, Any]) -> LogLine:
    fields = {key: value for key, value in record.items() if key not in _OWN_KEYS}
    return _line(line, record["level"], record["msg"], fields, time=record.get("time"))


def _from_mongodb(line: ContainerLine, record: dict[str, Any]) -> LogLine:
    level = _MONGODB_LEVELS.get(str(record["s"])[:1], "debug")
    time, attributes = record.get("t"), record.get("attr")
    return _line(
        line,
        level,
        record["msg"],
        attributes if isinstance(attributes, dict) else {},
        time=time.get("$date") if isinstance(time, dict) else None,
    )


def _from_envoy(line: ContainerLine, record: dict[str, Any]) -> LogLine:
    """A line of Envoy's access log: a request, or a connection that ended."""
    fields = {key: value for key, value in record.items() if value is not None}
    if "method" not in record:
        return _line(line, "info", f"connection to {record['upstream_cluster']} ended", fields)
    code = record.get("response_code") or 0
    failed = code >= HTTPStatus.INTERNAL_SERVER_ERROR or record.get("grpc_status") not in (None, "OK")
    return _line(line, "error" if failed else "info", f"{record['method']} {record.get('path')} {code}", fields)


def _from_json(line: ContainerLine, record: dict[str, Any]) -> LogLine:
    return _line(line, "info", line.text, record)


def _from_text(line: ContainerLine) -> LogLine:
    match = _RABBITMQ.fullmatch(line.text)
    level = _RABBITMQ_LEVELS.get(match[1], match[1]) if match else ""
    if match and level in LEVELS:
        return _line(line, level, match[2], {})
    return _line(line, "error" if line.stream == "stderr" else "info", line.text, {})


def _line(line: ContainerLine, level: str, msg: object, fields: dict[str, Any], *, time: object = None) -> LogLine:
    return LogLine(
        time=_time(time) or datetime.fromisoformat(line.time),
        level=level,
        workload=line.workload,
        pod=line.pod,
        container=line.container,
        msg=str(msg),
        fields=fields,
        text=line.text,
    )


def _time(text: object) -> datetime | None:
    """The time that a line itself tells, if it can be compared with others."""
    try:
        time = datetime.fromisoformat(str(text))
    except ValueError:
        return None
    return time if time.tzinfo else None
