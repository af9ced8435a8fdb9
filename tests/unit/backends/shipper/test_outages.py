"""What an endpoint may do to the shipper, and what is left of it in the end: each line once, in its order."""

import threading
import time

import pytest


def files(directory):
    return [path for path in directory.rglob("*") if path.is_file()]


async def test_a_killed_endpoint(logs, shipping, container, until, numbered):
    log = container()
    log.say(numbered(0, 50))
    async with shipping() as running:
        await until(lambda: running.sent() == 50)
        logs.stop()
        log.say(numbered(50, 100))
        await until(lambda: running.shipper.failure)
        assert running.value("fluentbit_output_proc_records_total") == 50
        assert running.value("fluentbit_output_retries_total") > 0
        again = logs.again()
        try:
            await until(lambda: running.sent() >= 100)
            await until(lambda: not running.shipper.failure)
        finally:
            again.stop()
        assert running.value("fluentbit_output_proc_records_total") == 100
        assert running.value("fluentbit_input_records_total") == 100
    assert logs.lines() == numbered(0, 100)


async def test_an_endpoint_that_is_killed_again_and_again_under_load(logs, shipping, container, until, numbered):
    written = []
    stop = threading.Event()

    def write():
        log = container()
        while not stop.wait(0.01):
            lines = numbered(len(written), len(written) + 20)
            log.say(lines)
            written.extend(lines)

    writer = threading.Thread(target=write)
    endpoint = logs
    async with shipping() as running:
        writer.start()
        for kill in range(5):
            await until(lambda goal=logs.taken + 200: logs.taken > goal)
            endpoint.lost = kill
            await until(lambda endpoint=endpoint: endpoint.lost == 0)
            endpoint.stop()
            endpoint = endpoint.again()
        stop.set()
        writer.join()
        await until(lambda: logs.taken >= len(written))
        await until(lambda: running.value("fluentbit_output_proc_records_total") == len(written))
    if endpoint is not logs:
        endpoint.stop()
    assert logs.lines() == written


async def test_a_slow_endpoint(logs, shipping, container, until, numbered):
    logs.ill = lambda *_: time.sleep(0.1)
    stop = threading.Event()
    written = []

    def write():
        log = container(size=20_000)
        while not stop.wait(0.01):
            lines = numbered(len(written), len(written) + 40)
            log.say(lines)
            written.extend(lines)

    writer = threading.Thread(target=write)
    writer.start()
    async with shipping() as running:
        await until(lambda: logs.calls["PutLogEvents"] > 8)
        stop.set()
        writer.join()
        await until(lambda: logs.taken >= len(written))
        assert running.value("fluentbit_output_errors_total") == 0
        assert running.value("refapp_shipper_gaps_total") == 0
    assert logs.lines() == written
    assert logs.most_at_a_time == 1


async def test_an_endpoint_that_does_not_answer_in_time(logs, shipping, container, until, numbered):
    slow = iter([True])

    def ill(operation, _):
        if operation == "PutLogEvents" and next(slow, False):
            time.sleep(1)

    logs.ill = ill
    container().say(numbered(0, 100))
    async with shipping(TIMEOUT="0.5", SETTLE="1.5") as running:
        await until(lambda: running.value("fluentbit_output_proc_records_total") == 100)
        assert running.value("refapp_shipper_asked_total") >= 1
    assert logs.lines() == numbered(0, 100)


async def test_an_endpoint_that_refuses_some_events(logs, shipping, container, until, problem):
    def ill(operation, body):
        if operation == "PutLogEvents" and any("bad" in event["message"] for event in body["logEvents"]):
            raise problem("InvalidParameterException")

    logs.ill = ill
    lines = [f"bad {number}" if number in (0, 7, 8, 99) else f"line {number}" for number in range(100)]
    container().say(lines)
    async with shipping() as running:
        await until(lambda: not running.value("refapp_shipper_pending_bytes") and logs.lines())
        assert running.value("fluentbit_output_proc_records_total") == 96
        assert running.value("fluentbit_output_dropped_records_total", reason="refused") == 4
        assert running.value("fluentbit_output_retries_total") == 0
    assert logs.lines() == [line for line in lines if "bad" not in line]


async def test_what_is_wrong_with_the_request_drops_no_event(logs, shipping, container, until, problem, numbered):
    def ill(*_):
        raise problem(failing)

    logs.ill, failing = ill, "AccessDeniedException"
    container().say(numbered(0, 10))
    async with shipping() as running:
        await until(lambda: running.value("fluentbit_output_retries_total") >= 2)
        assert "AccessDenied" in running.shipper.failure
        logs.ill = lambda *_: None
        await until(lambda: logs.taken == 10)
        assert running.value("fluentbit_output_dropped_records_total") == 0


@pytest.mark.parametrize(("code", "status"), [("ThrottlingException", 400), ("ServiceUnavailableException", 503)])
async def test_an_endpoint_that_has_too_much_to_do(logs, shipping, container, until, problem, code, status, numbered):
    refusals = iter([True, True, False, True, True, True])

    def ill(operation, _):
        if operation == "PutLogEvents" and next(refusals, False):
            raise problem(code, status)

    logs.ill = ill
    log = container()
    async with shipping() as running:
        for first in range(0, 30, 10):
            log.say(numbered(first, first + 10))
            await until(lambda expected=first + 10: logs.taken >= expected)
        await until(lambda: running.value("fluentbit_output_proc_records_total") == 30)
        assert running.value("fluentbit_output_retries_total") == 5
        assert running.value("fluentbit_output_retried_records_total") >= 50
    assert logs.lines() == numbered(0, 30)


async def test_answers_that_are_lost(logs, shipping, container, until):
    log = container()
    async with shipping() as running:
        for first in range(0, 100, 10):
            logs.lost = 1
            # All alike: no event can be told from another.
            log.say(["alike"] * 10)
            await until(lambda expected=first + 10: running.value("fluentbit_output_proc_records_total") == expected)
        assert running.value("refapp_shipper_asked_total") >= 10
    assert logs.lines() == ["alike"] * 100


async def test_an_endpoint_that_has_forgotten_all(logs, shipping, container, until, numbered):
    log = container()
    log.say(numbered(0, 10))
    async with shipping() as running:
        await until(lambda: logs.taken == 10)
        logs.groups.clear()
        log.say(numbered(10, 20))
        await until(lambda: logs.taken == 10)
        logs.lost = 1
        log.say(numbered(20, 30))
        await until(lambda: running.value("fluentbit_output_proc_records_total") == 30)
    assert logs.lines() == numbered(10, 30)


async def test_what_the_kubelet_removes_while_nobody_answers(logs, shipping, container, until, tmp_path, numbered):
    log = container(size=2000, files=2)
    log.say(["first"])
    async with shipping(GRACE="0.1"):
        await until(lambda: logs.lines() == ["first"])
        logs.stop()
        for first in range(0, 500, 10):
            log.say(numbered(first, first + 10))
            await until(log.is_seen)
        assert len(list(log.path.parent.iterdir())) == 2
    again = logs.again()
    try:
        async with shipping():
            await until(lambda: logs.taken >= 501)
            await until(lambda: len(files(tmp_path / "state" / "kept")) == 1)
    finally:
        again.stop()
    assert logs.lines() == ["first", *numbered(0, 500)]


async def test_more_waits_than_there_may(logs, shipping, container, until, numbered):
    log = container(size=2000)
    async with shipping(BACKLOG="8000") as running:
        logs.stop()
        for first in range(0, 500, 10):
            log.say(numbered(first, first + 10))
            await until(lambda: log.is_seen() and running.shipper.pending() < 14_000)
        again = logs.again()
        try:
            await until(lambda: running.value("refapp_shipper_pending_bytes") == 0)
        finally:
            again.stop()
        dropped = running.value("fluentbit_output_dropped_records_total", reason="backlog")
        assert running.value("fluentbit_output_proc_records_total") == 500 - dropped
        assert running.value("fluentbit_input_records_total") == 500
    assert logs.lines() == numbered(int(dropped), 500)
    assert dropped > 100
