"""Logs of a service: one JSON object a line on standard output.

structlog runs the chain of processors, orjson writes the line. Records of the standard library's `logging`, which the
libraries use, go through the same chain.
"""

import asyncio
import contextlib
import logging
import os
import sys
import threading
import traceback
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from types import MappingProxyType, TracebackType
from typing import Any

import orjson


@contextlib.contextmanager
def _without(module: str) -> Iterator[None]:
    absent = module not in sys.modules
    if absent:
        sys.modules[module] = None  # type: ignore[assignment]
    try:
        yield
    finally:
        if absent:
            del sys.modules[module]


# structlog draws on rich when it is installed: 40 ms and 5 MB in each process for colours that JSON has not.
with _without("rich"):
    import structlog
    from structlog.typing import EventDict

LEVELS = ("trace", "debug", "info", "warning", "error", "fatal", "panic")
"""The names of the levels, rising. Source: Logrus, `logrus.AllLevels`."""

_NUMBERS = MappingProxyType(dict(zip(LEVELS, (5, 10, 20, 30, 40, 50, 60), strict=True)))
_TRACE, _DEBUG, _INFO, _WARNING, _ERROR, _FATAL, _PANIC = _NUMBERS.values()
_RESERVED = frozenset({"time", "level", "msg", "function", "line", "service", "pod"})
_POLL_SECONDS = 0.5
_JSON = orjson.OPT_NON_STR_KEYS | orjson.OPT_APPEND_NEWLINE


def parse_level(text: str) -> str:
    """The level that a text names, in any case and with blanks around; `warn` is short for `warning`.

    Raises:
        ValueError: it names none; the message lists the seven.
    """
    name = text.strip().lower()
    name = "warning" if name == "warn" else name
    if name not in _NUMBERS:
        raise ValueError(f"{text.strip()!r} is no log level; the levels are {', '.join(LEVELS)}")
    return name


class _Process:
    """What holds for every line of this process."""

    threshold = _INFO
    service = ""
    pod = ""


class Logger(structlog.BoundLoggerBase):
    """Writes lines; a level below the one that is set costs a comparison.

    Keyword arguments become keys of the line. `exc_info` (true, or an exception) adds `error` and `stacktrace`.
    No level ends the process, unlike in Logrus.
    """

    def trace(self, msg: str, /, **values: object) -> None:
        """Write a line of level trace."""
        if _Process.threshold <= _TRACE:
            self._write("trace", msg, values)

    def debug(self, msg: str, /, **values: object) -> None:
        """Write a line of level debug."""
        if _Process.threshold <= _DEBUG:
            self._write("debug", msg, values)

    def info(self, msg: str, /, **values: object) -> None:
        """Write a line of level info."""
        if _Process.threshold <= _INFO:
            self._write("info", msg, values)

    def warning(self, msg: str, /, **values: object) -> None:
        """Write a line of level warning."""
        if _Process.threshold <= _WARNING:
            self._write("warning", msg, values)

    def error(self, msg: str, /, **values: object) -> None:
        """Write a line of level error."""
        if _Process.threshold <= _ERROR:
            self._write("error", msg, values)

    def fatal(self, msg: str, /, **values: object) -> None:
        """Write a line of level fatal."""
        if _Process.threshold <= _FATAL:
            self._write("fatal", msg, values)

    def panic(self, msg: str, /, **values: object) -> None:
        """Write a line of level panic, the highest."""
        self._write("panic", msg, values)

    def is_enabled(self, level: str) -> bool:
        """Whether a line of that level would be written; asked before values are worked out only for the line."""
        return _Process.threshold <= _NUMBERS[level]

    def _write(self, level: str, msg: str, values: dict[str, Any]) -> None:
        frame = sys._getframe(2)  # noqa: SLF001 - the caller of info(), error(), ...
        self._emit(level, msg, frame.f_code.co_name, frame.f_lineno, values)

    def _emit(self, level: str, msg: str, function: str, line: int, values: dict[str, Any]) -> None:
        call = {"function": function, "line": line, "values": values}
        args, _ = self._process_event(level, msg, call)
        self._logger.msg(*args)


def get_logger() -> Logger:
    """The logger of this process."""
    return _LOGGER


def level() -> str:
    """The level that is set: the lowest one that is written."""
    return next(name for name, number in _NUMBERS.items() if number == _Process.threshold)


def set_level(name: str) -> None:
    """Write lines of this level and above, from now on.

    Libraries follow, with one exception: their debug records, which are many, are written at level trace only.

    Raises:
        ValueError: there is no such level.
    """
    _Process.threshold = _NUMBERS[parse_level(name)]
    logging.getLogger().setLevel(logging.NOTSET if _Process.threshold == _TRACE else max(_Process.threshold, _INFO))


def configure(*, service: str, pod: str, level: str) -> None:
    """Name the service and the pod in every line, set the level, and take over the logs of libraries.

    `logging`, `warnings` and exceptions that nobody caught are written as lines from here on.

    Raises:
        ValueError: there is no such level.
    """
    set_level(level)
    _Process.service, _Process.pod = service, pod
    root = logging.getLogger()
    root.handlers = [_Records()]
    logging.captureWarnings(capture=True)
    sys.excepthook = _uncaught
    threading.excepthook = lambda args: _uncaught(args.exc_type, args.exc_value, args.exc_traceback)


async def follow_level_file(path: Path) -> None:
    """Keep the level at what the file says, for as long as the process runs: it is read twice a second.

    A file that is missing or holds no level changes nothing; the latter is logged as an error, once for each content.
    """
    seen: str | None = None
    while True:
        text = _read(path)
        if text is not None and text != seen:
            seen = text
            _adopt(text, path)
        await asyncio.sleep(_POLL_SECONDS)


def _read(path: Path) -> str | None:
    try:
        return path.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return None


def _adopt(text: str, path: Path) -> None:
    previous = level()
    new, complaint = _parsed(text)
    if new is None:
        _LOGGER.error("log level not changed", detail=f"{path}: {complaint}", log_level=previous)
    else:
        # Always said, whatever the levels: whoever reads the log has to know what it leaves out.
        set_level("info")
        _LOGGER.info("log level set", log_level=new, previous=previous)
        set_level(new)


def _parsed(text: str) -> tuple[str | None, str]:
    try:
        return parse_level(text), ""
    except ValueError as error:
        return None, str(error)


class _Records(logging.Handler):
    """Writes the records of libraries."""

    def emit(self, record: logging.LogRecord) -> None:
        try:
            msg = record.getMessage()
        except Exception:  # noqa: BLE001 - a library's mistake in its arguments must not cost the line
            msg = str(record.msg)
        values: dict[str, Any] = {"logger": record.name}
        if record.exc_info:
            values["exc_info"] = record.exc_info
        _LOGGER._emit(_level_of(record.levelno), msg, record.funcName or "", record.lineno, values)  # noqa: SLF001


def _level_of(number: int) -> str:
    return next((name for name in reversed(LEVELS[:-1]) if _NUMBERS[name] <= number), "trace")


def _uncaught(kind: type[BaseException], error: BaseException | None, trace: TracebackType | None) -> None:
    function, line = "", 0
    for frame, number in traceback.walk_tb(trace):
        function, line = frame.f_code.co_name, number
    _LOGGER._emit("fatal", "exception not caught", function, line, {"exc_info": error or kind()})  # noqa: SLF001


class _Output:
    """What is standard output at that moment. One that is closed or full loses lines; the service goes on."""

    @staticmethod
    def msg(line: bytes) -> None:
        try:
            sys.stdout.buffer.write(line)  # one call a line: the buffer's lock keeps threads apart
            sys.stdout.buffer.flush()
        except BrokenPipeError:
            # For good: nobody will ever read it. Python itself would try once more at exit, and fail.
            with contextlib.suppress(OSError, ValueError), Path(os.devnull).open("wb") as nowhere:
                os.dup2(nowhere.fileno(), sys.stdout.fileno())
        except (OSError, ValueError):
            pass


def _order(_: object, name: str, event: EventDict) -> EventDict:
    values = event["values"]
    line: EventDict = {
        "time": datetime.now(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z"),
        "level": name,
        "msg": event["event"],
        "function": event["function"],
        "line": event["line"],
        "service": _Process.service,
        "pod": _Process.pod,
    }
    if _RESERVED.isdisjoint(values):
        line.update(values)
    else:  # as Logrus does
        line.update((f"fields.{key}" if key in _RESERVED else key, value) for key, value in values.items())
    return line


def _explain(_: object, __: str, event: EventDict) -> EventDict:
    reason = event.pop("exc_info", None)
    error = sys.exc_info()[1] if reason is True else reason[1] if isinstance(reason, tuple) else reason
    if isinstance(error, BaseException):
        event.setdefault("error", _text(lambda: "".join(traceback.format_exception_only(error)).rstrip()))
        event["stacktrace"] = _text(lambda: "".join(traceback.format_exception(error)).rstrip())
    return event


def _render(_: object, __: str, event: EventDict) -> bytes:
    try:
        return orjson.dumps(event, default=_unknown, option=_JSON)
    except Exception:  # noqa: BLE001 - a line with odd values is better than none
        plain = {_utf8(str(key)): _plain(value) for key, value in event.items()}
        return orjson.dumps(plain, default=_unknown, option=_JSON)


def _plain(value: object) -> object:
    """The value itself where JSON knows it, otherwise what it looks like."""
    try:
        orjson.dumps(value, default=_unknown, option=_JSON)
    except Exception:  # noqa: BLE001
        return _utf8(value if isinstance(value, str) else _text(lambda: repr(value)))
    return value


def _unknown(value: object) -> object:
    if isinstance(value, bytes | bytearray | memoryview):
        return bytes(value).decode("utf-8", "backslashreplace")
    if isinstance(value, set | frozenset):
        return list(value)
    return _utf8(_text(lambda: str(value)))


def _utf8(text: str) -> str:
    return text.encode("utf-8", "backslashreplace").decode()


def _text(describe: Callable[[], str]) -> str:
    try:
        return describe()
    except Exception as error:  # noqa: BLE001 - a value whose __str__ fails
        return f"<unprintable: {type(error).__name__}>"


_LOGGER = Logger(_Output, (_order, _explain, _render), {})
