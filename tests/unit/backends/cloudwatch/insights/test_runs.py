import logging
import threading

import pytest

from refapp.backends.cloudwatch.events.database import StoreError
from refapp.backends.cloudwatch.insights import runs as module
from refapp.backends.cloudwatch.insights.arguments import Clock
from refapp.backends.cloudwatch.insights.compiler import Selection, compile_query
from refapp.backends.cloudwatch.insights.parser import parse
from refapp.backends.cloudwatch.insights.runs import Run, Status

LONG = " | ".join(f"parse @message /(?<a{number}>.)/ multi" for number in range(6)) + " | stats count(*)"


@pytest.fixture
def run(ask):
    ask.add(*["x" * 200] * 50)

    def make(text, timeout=3600):
        return Run(
            ask.store, compile_query(parse(text), Selection((ask.group,), "1", Clock(0, 10**13, 0)), None), timeout
        )

    return make


@pytest.fixture
def working():
    """Runs in a thread, which has come as far as running when this returns."""
    threads = []

    def start(run):
        threads.append(threading.Thread(target=run.work))
        threads[-1].start()
        while run.status is Status.SCHEDULED:
            threading.Event().wait(0.001)

    yield start
    for thread in threads:
        thread.join(20)
        assert not thread.is_alive()


def test_a_run(run):
    counting = run("stats count(*)")
    assert (counting.status, counting.ended) == (Status.SCHEDULED, False)
    counting.work()
    assert (counting.status, counting.ended, counting.statistics.rows) == (Status.COMPLETE, True, 1)
    assert counting.rows(0, 10) == [("50",)]
    assert counting.end(Status.CANCELLED) is False
    assert counting.status is Status.COMPLETE
    counting.forget()
    with pytest.raises(StoreError, match="forgotten"):
        counting.rows(0, 10)
    counting.forget()


def test_a_run_that_is_stopped(run, working):
    endless = run(LONG)
    working(endless)
    assert endless.end(Status.CANCELLED) is True
    assert (endless.status, endless.ended) == (Status.CANCELLED, True)
    assert endless.end(Status.CANCELLED) is False
    with pytest.raises(StoreError, match="forgotten"):
        endless.rows(0, 1)


def test_a_run_that_takes_too_long(run, working):
    endless = run(LONG, timeout=0.1)
    working(endless)
    assert endless._ended.wait(20)
    assert endless.status is Status.TIMEOUT


def test_a_run_that_is_stopped_before_it_runs(run):
    waiting = run(LONG)
    assert waiting.end(Status.CANCELLED) is True
    waiting.work()
    assert waiting.status is Status.CANCELLED


def test_a_run_that_is_stopped_between_two_statements(run, working, monkeypatch):
    entered, left = threading.Event(), threading.Event()

    def clustered(texts):
        entered.set()
        left.wait(20)
        return list(texts)

    monkeypatch.setattr("refapp.backends.cloudwatch.insights.execution.clustered", clustered)
    clustering = run("pattern @message")
    working(clustering)
    assert entered.wait(20)
    ending = threading.Thread(target=clustering.end, args=(Status.CANCELLED,))
    ending.start()
    while clustering._ending is None:
        threading.Event().wait(0.001)
    left.set()
    ending.join(20)
    assert clustering.status is Status.CANCELLED


def test_a_run_that_fails_says_so_in_the_log(run, monkeypatch, caplog):
    def fail(*_):
        raise ZeroDivisionError

    monkeypatch.setattr(module, "execute", fail)
    failing = run("stats count(*)")
    with caplog.at_level(logging.ERROR):
        failing.work()
    assert (failing.status, failing.ended) == (Status.FAILED, True)
    assert "ZeroDivisionError" in caplog.text
