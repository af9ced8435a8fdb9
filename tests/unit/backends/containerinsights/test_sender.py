import json
import logging
import threading
import time

import pytest

from refapp.backends.containerinsights import sender as module
from refapp.backends.containerinsights.buffer import Buffer, batches
from refapp.backends.containerinsights.sender import Sender
from refapp.backends.containerinsights.telemetry import Telemetry
from refapp.backends.shipper.endpoint import Endpoint

GROUP, STREAM = "/aws/containerinsights/demo/performance", "ip-1"


class Sending:
    """A sender of what is put into its buffer."""

    def __init__(self, logs, timeout=5.0):
        self.logs = logs
        self.buffer = Buffer(1 << 20)
        self.telemetry = Telemetry()
        endpoint = Endpoint(url=logs.url, region="us-east-1", connections=1, timeout=timeout)
        self.sender = Sender(endpoint, GROUP, STREAM, self.buffer, self.telemetry)
        self.sender.start()

    def put(self, *numbers):
        """One batch of two events for each number, which is their time."""
        for number in numbers:
            for batch in batches([{"n": number, "part": part} for part in "ab"], number):
                self.buffer.put(batch)

    def count(self, name):
        return self.telemetry.registry.get_sample_value(f"containerinsights_{name}_total")


@pytest.fixture
def sending(logs, monkeypatch):
    """A maker of senders, which end with the test."""
    monkeypatch.setattr(module, "_FIRST_WAIT", 0.01)
    monkeypatch.setattr(module, "_LONGEST_WAIT", 0.05)
    made = []

    def sending(**fields):
        made.append(Sending(logs, **fields))
        return made[-1]

    yield sending
    logs.ill = lambda *_: None
    for one in made:
        one.sender.end(10.0)


def numbers(logs):
    return [(event["n"], event["part"]) for event in logs.events()]


def expected(*numbers):
    return [(number, part) for number in numbers for part in "ab"]


def test_the_group_and_the_stream_are_made_when_they_are_missing(sending, logs, eventually):
    sending().put(1)
    eventually(lambda: numbers(logs) == expected(1))
    assert list(logs.groups) == [GROUP]
    assert list(logs.groups[GROUP]) == [STREAM]
    assert [timestamp for timestamp, _ in logs.groups[GROUP][STREAM]] == [1, 1]


def test_batches_are_sent_in_their_order(sending, logs, eventually):
    one = sending()
    one.put(*range(20))
    eventually(lambda: numbers(logs) == expected(*range(20)))
    eventually(lambda: one.count("events_sent") == 40)
    assert one.sender.failure == ""


def test_an_endpoint_that_was_killed_loses_and_doubles_nothing(sending, logs, eventually, caplog):
    one = sending()
    with caplog.at_level(logging.INFO):
        one.put(1)
        eventually(lambda: one.count("events_sent") == 2)
        logs.stop()
        one.put(2, 3)
        eventually(lambda: one.count("send_failures") >= 5)
        assert one.sender.failure
        again = logs.again()
        try:
            eventually(lambda: one.count("events_sent") == 6)
        finally:
            again.stop()
    assert numbers(again) == expected(1, 2, 3)
    told = [record.getMessage() for record in caplog.records if record.name == module.__name__]
    assert len(told) == 2
    assert told[0].startswith(f"events wait until {GROUP} can be written to: ")
    assert told[1] == f"{GROUP} can be written to again"
    assert one.sender.failure == ""


def test_an_answer_that_was_lost_doubles_nothing(sending, logs, eventually):
    logs.lost = 3
    one = sending()
    one.put(1, 2, 3, 4)
    eventually(lambda: one.count("events_sent") == 8)
    assert numbers(logs) == expected(1, 2, 3, 4)
    assert logs.calls["GetLogEvents"] >= 3


def test_batches_of_the_same_time_are_told_apart(sending, logs, eventually):
    """The stream holds the first, so that as many events of that time are there as the second has."""
    one = sending()
    first, second = (
        batch._replace(before=before)
        for before, batch in zip((0, 2), 2 * list(batches([{"n": 1, "part": part} for part in "ab"], 1)), strict=True)
    )
    one.buffer.put(first)
    eventually(lambda: one.count("events_sent") == 2)
    fails = iter([True])

    def ill(operation, _):
        if operation == "PutLogEvents" and next(fails, False):
            raise ConnectionAbortedError

    logs.ill = ill
    one.buffer.put(second)
    eventually(lambda: one.count("events_sent") == 4)
    assert numbers(logs) == expected(1, 1)


def test_where_the_stream_may_not_be_read_events_are_sent_again(sending, logs, eventually, problem):
    def ill(operation, _):
        if operation == "GetLogEvents":
            raise problem("AccessDeniedException")

    logs.ill, logs.lost = ill, 1
    one = sending()
    one.put(1)
    eventually(lambda: one.count("events_sent") == 2)
    assert numbers(logs) == expected(1, 1)


@pytest.mark.parametrize("code", ["ThrottlingException", "ServiceUnavailableException", "AccessDeniedException"])
def test_a_refusal_that_may_pass_is_waited_for(sending, logs, eventually, problem, code):
    answers = iter([problem(code)] * 3)

    def ill(operation, _):
        if operation == "PutLogEvents" and (refusal := next(answers, None)):
            raise refusal

    logs.ill = ill
    one = sending()
    one.put(1, 2)
    eventually(lambda: one.count("events_sent") == 4)
    assert numbers(logs) == expected(1, 2)
    assert one.count("send_failures") == 3


def test_events_that_will_never_be_taken_do_not_keep_others_waiting(sending, logs, eventually, problem, caplog):
    refuse = iter([True])

    def ill(operation, _):
        if operation == "PutLogEvents" and next(refuse, False):
            raise problem("InvalidParameterException")

    logs.ill = ill
    one = sending()
    one.put(1, 2)
    eventually(lambda: one.count("events_sent") == 2)
    assert numbers(logs) == expected(2)
    assert one.count("events_refused") == 2
    assert "2 events are lost, as" in caplog.text
    assert "InvalidParameterException" in caplog.text


def test_events_that_are_too_old_are_counted(sending, logs, eventually, caplog):
    logs.rejected = lambda _: {"tooOldLogEventEndIndex": 1}
    one = sending()
    one.put(1)
    eventually(lambda: f"1 events are lost: {GROUP} finds them too old or too new" in caplog.text)
    assert (one.count("events_sent"), one.count("events_rejected")) == (1, 1)


def test_an_error_of_our_own_ends_nothing(sending, logs, eventually, monkeypatch):
    put, errors = Endpoint.put, iter([RuntimeError("a bug")])

    def broken(*arguments):
        if error := next(errors, None):
            raise error
        return put(*arguments)

    monkeypatch.setattr(Endpoint, "put", broken)
    one = sending()
    one.put(1)
    eventually(lambda: numbers(logs) == expected(1))
    assert one.count("send_failures") == 1


def test_a_slow_endpoint_delays_only_the_sender(sending, logs, eventually):
    go_on = threading.Event()
    logs.ill = lambda *_: go_on.wait(20)
    one = sending(timeout=30.0)
    started = time.monotonic()
    one.put(*range(100))
    assert time.monotonic() - started < 1
    eventually(lambda: logs.calls["PutLogEvents"] == 1)
    assert len(one.buffer) == 99
    go_on.set()
    eventually(lambda: numbers(logs) == expected(*range(100)))


def test_at_the_end_what_is_left_is_sent(sending, logs):
    one = sending()
    one.put(*range(10))
    assert one.sender.end(20.0) == 0
    assert numbers(logs) == expected(*range(10))


def test_at_the_end_nobody_waits_for_an_endpoint_that_is_not_there(sending, logs, eventually, problem):
    def ill(*_):
        raise problem("ServiceUnavailableException", 503)

    logs.ill = ill
    one = sending()
    one.put(*range(10))
    eventually(lambda: one.sender.failure)
    started = time.monotonic()
    assert one.sender.end(20.0) == 10
    assert time.monotonic() - started < 5
    assert numbers(logs) == []


def test_at_the_end_an_endpoint_that_does_not_answer_has_the_grace_and_no_more(sending, logs, eventually):
    go_on = threading.Event()
    logs.ill = lambda *_: go_on.wait(30)
    one = sending(timeout=60.0)
    one.put(1, 2)
    eventually(lambda: logs.calls["PutLogEvents"] == 1)
    assert one.sender.end(0.05) == 2
    go_on.set()


def test_events_arrive_as_they_were_written(sending, logs, eventually):
    event = {"Type": "Pod", "text": 'ü "quoted" \\', "number": 0.1, "nested": {"a": [1, None]}}
    one = sending()
    for batch in batches([event], 5):
        one.buffer.put(batch)
    eventually(lambda: logs.events() == [json.loads(json.dumps(event))])
