import asyncio
import errno
import json
import logging
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from refapp.services import logs

log = logs.get_logger()
METHODS = {name: getattr(log, name) for name in logs.LEVELS}
FIXED_KEYS = ["time", "level", "msg", "function", "line", "service", "pod"]


async def first(lines, wanted):
    async with asyncio.timeout(10):
        while True:
            if found := [line for line in lines() if line["msg"] == wanted]:
                return found[0]
            await asyncio.sleep(0.01)


def test_a_line(lines):
    before = datetime.now(UTC)
    log.info("greeting served", greetings=7, trace_id="463ac35c9f6413ad")
    number = sys._getframe().f_lineno - 1
    (line,) = lines()
    assert list(line) == [*FIXED_KEYS, "greetings", "trace_id"]
    assert (line["level"], line["msg"], line["greetings"]) == ("info", "greeting served", 7)
    assert (line["service"], line["pod"]) == ("service-a", "service-a-1")
    assert (line["function"], line["line"]) == ("test_a_line", number)
    assert isinstance(line["line"], int)
    time = datetime.strptime(line["time"], "%Y-%m-%dT%H:%M:%S.%fZ").replace(tzinfo=UTC)
    assert before <= time <= datetime.now(UTC)


@pytest.mark.parametrize("name", logs.LEVELS)
def test_what_a_level_lets_through(lines, name):
    logs.set_level(name)
    for method in METHODS.values():
        method("a line")
    assert [line["level"] for line in lines()] == list(logs.LEVELS[logs.LEVELS.index(name) :])
    assert logs.level() == name
    assert [log.is_enabled(other) for other in logs.LEVELS] == [
        logs.LEVELS.index(other) >= logs.LEVELS.index(name) for other in logs.LEVELS
    ]


@pytest.mark.parametrize(
    ("text", "name"), [("info", "info"), (" WARN\n", "warning"), ("Warning", "warning"), ("PANIC", "panic")]
)
def test_parse_level(text, name):
    assert logs.parse_level(text) == name


@pytest.mark.parametrize("text", ["", "loud", "info debug", "20"])
def test_no_level(text):
    with pytest.raises(ValueError, match="trace, debug, info, warning, error, fatal, panic"):
        logs.parse_level(text)
    with pytest.raises(ValueError, match="trace, debug, info, warning, error, fatal, panic"):
        logs.set_level(text)


@pytest.mark.usefixtures("lines")
def test_text_that_is_not_ascii_stays_readable(capsysbinary):
    log.info("Namasté (नमस्ते)", greeting="שָׁלוֹם")
    raw = capsysbinary.readouterr().out.decode()
    assert "Namasté (नमस्ते)" in raw
    assert "שָׁלוֹם" in raw


def test_an_exception_is_one_line(lines):
    try:
        raise ValueError("first\nsecond")  # noqa: TRY301
    except ValueError as error:
        caught = error
        METHODS["error"]("failed", exc_info=True)
    METHODS["error"]("failed", exc_info=caught)
    during, after = lines()
    assert during["error"] == after["error"] == "ValueError: first\nsecond"
    assert during["stacktrace"].startswith("Traceback")
    assert "test_an_exception_is_one_line" in after["stacktrace"]
    assert "exc_info" not in during


def test_exc_info_without_an_exception(lines):
    log.error("failed", exc_info=None)
    log.error("failed", exc_info=True)  # noqa: LOG014
    assert [list(line) for line in lines()] == [FIXED_KEYS] * 2


def test_own_keys_do_not_replace_the_fixed_ones(lines):
    log.info("a line", level="high", time=3, msg="other", event="kept", values=1, function="f")
    (line,) = lines()
    assert (line["level"], line["msg"], line["event"], line["values"]) == ("info", "a line", "kept", 1)
    assert (line["fields.level"], line["fields.time"], line["fields.msg"], line["fields.function"]) == (
        "high",
        3,
        "other",
        "f",
    )


class Unprintable:
    def __repr__(self):
        raise RuntimeError("no")


def test_values_that_json_does_not_know(lines):
    loop: list[object] = []
    loop.append(loop)
    log.info(
        "odd",
        text=b"abc",
        binary=b"\xff",
        when=datetime(2026, 3, 1, 12, tzinfo=UTC),
        span=timedelta(seconds=1),
        path=Path("/run"),
        names={"a"},
        half="\ud800",
        big=2**70,
        loop=loop,
        broken=Unprintable(),
        numbers={1: "one"},
        pairs={(1, 2): "x"},
    )
    (line,) = lines()
    assert (line["text"], line["binary"], line["when"]) == ("abc", "\\xff", "2026-03-01T12:00:00+00:00")
    assert (line["span"], line["path"], line["names"], line["half"]) == ("0:00:01", "/run", ["a"], "\\ud800")
    assert (line["big"], line["loop"], line["numbers"]) == (str(2**70), "[[...]]", {"1": "one"})
    assert (line["broken"], line["pairs"]) == ("<unprintable: RuntimeError>", "{(1, 2): 'x'}")


anything = st.recursive(
    st.one_of(
        st.none(), st.booleans(), st.integers(), st.floats(), st.binary(), st.datetimes(), st.builds(object),
        st.text(st.characters(exclude_categories=())), st.complex_numbers(), st.uuids(), st.builds(Unprintable),
    ),
    lambda inner: st.lists(inner) | st.dictionaries(st.one_of(st.text(), st.integers(), st.binary()), inner),
)  # fmt: skip


@given(msg=st.text(st.characters(exclude_categories=())), value=anything)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_value_raises(lines, msg, value):
    log.info(msg, value=value)
    (line,) = lines()
    assert list(line) == [*FIXED_KEYS, "value"]


def test_records_of_libraries(lines):
    library = logging.getLogger("aio_pika.connection")
    library.warning("closed by %s", "peer")
    try:
        raise OSError("reset")  # noqa: TRY301
    except OSError:
        library.exception("failed")
    library.critical("over")
    library.debug("hidden")
    closed, failed, over = lines()
    assert list(closed) == [*FIXED_KEYS, "logger"]
    assert (closed["level"], closed["msg"], closed["logger"]) == ("warning", "closed by peer", "aio_pika.connection")
    assert (closed["function"], closed["service"]) == ("test_records_of_libraries", "service-a")
    assert (failed["level"], failed["error"]) == ("error", "OSError: reset")
    assert "Traceback" in failed["stacktrace"]
    assert over["level"] == "fatal"


def test_debug_records_of_libraries_come_at_trace_only(lines):
    library = logging.getLogger("pymongo.command")
    for name in ("debug", "trace"):
        logs.set_level(name)
        library.debug("seen at %s", name)
        library.log(1, "very low at %s", name)
    assert [(line["level"], line["msg"]) for line in lines()] == [
        ("debug", "seen at trace"),
        ("trace", "very low at trace"),
    ]


def test_a_process_of_its_own():
    """What pytest keeps for itself: warnings, exceptions that nobody caught, a library's mistakes."""
    source = """
import logging, threading, warnings
from refapp.services import logs
logs.configure(service="service-a", pod="service-a-1", level="info")
warnings.warn("old", DeprecationWarning)
logging.getLogger("library").info("too %d", "few")
thread = threading.Thread(target=lambda: 1 / 0)
thread.start()
thread.join()
def fail():
    raise LookupError("nobody")
fail()
"""
    run = subprocess.run([sys.executable, "-W", "default", "-c", source], capture_output=True, check=False)
    warned, mistake, thread, main = (json.loads(line) for line in run.stdout.splitlines())
    assert (run.returncode, run.stderr) == (1, b"")
    assert (warned["level"], warned["logger"]) == ("warning", "py.warnings")
    assert "DeprecationWarning: old" in warned["msg"]
    assert mistake["msg"] == "too %d"
    assert thread["error"] == "ZeroDivisionError: division by zero"
    assert (main["level"], main["function"], main["error"]) == ("fatal", "fail", "LookupError: nobody")


@pytest.mark.usefixtures("lines")
@pytest.mark.parametrize("error", [OSError(errno.ENOSPC, "No space left on device"), ValueError("closed file")])
def test_standard_output_that_is_full_or_closed(monkeypatch, error):
    class Gone:
        def write(self, _):
            raise error

    monkeypatch.setattr(sys, "stdout", SimpleNamespace(buffer=Gone()))
    log.info("nobody reads this")


@pytest.fixture
async def follow(tmp_path):
    path = tmp_path / "level"
    tasks = []

    def start(text=None):
        if text is not None:
            path.write_text(text, encoding="utf-8")
        tasks.append(asyncio.create_task(logs.follow_level_file(path)))
        return path

    yield start
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


async def test_level_file_is_followed(lines, follow):
    path = follow("debug\n")
    assert (await first(lines, "log level set"))["log_level"] == "debug"
    path.write_text("error")
    assert (await first(lines, "log level set"))["previous"] == "debug"
    assert logs.level() == "error"


async def test_broken_level_file_is_told_once_and_ignored(lines, follow):
    path = follow("loud")
    said = await first(lines, "log level not changed")
    assert (said["level"], logs.level()) == ("error", "info")
    assert str(path) in said["detail"]
    assert ", ".join(logs.LEVELS) in said["detail"]
    path.unlink()
    path.write_bytes(b"\xff")
    await first(lines, "log level not changed")
    path.write_text("trace")
    assert [line["msg"] for line in [await first(lines, "log level set")]] == ["log level set"]


async def test_level_file_that_comes_later(lines, follow):
    path = follow()
    await asyncio.sleep(0)
    path.write_text("warn")
    assert (await first(lines, "log level set"))["log_level"] == "warning"
