"""How a stream is cut into batches, and what becomes of them."""

import time
from pathlib import Path
from types import SimpleNamespace

import pytest

from refapp.backends.shipper import stream as module
from refapp.backends.shipper.endpoint import Answer

HOUR = 3600
DAY = 24 * HOUR


def test_a_batch_has_so_many_events(situation, monkeypatch):
    monkeypatch.setattr(module, "MAX_EVENTS", 10)
    situation.write(*(f"{number}" for number in range(25)))
    situation.finish()
    assert situation.endpoint.batches == [10, 10, 5]


def test_a_batch_has_so_many_bytes(situation):
    situation.write(*(["x" * 10_000] * 300))
    situation.finish()
    messages = [len(message) + 26 for _, message in situation.endpoint.events]
    place = 0
    for batch in situation.endpoint.batches:
        assert sum(messages[place : place + batch]) <= 1_048_576
        place += batch
    assert len(situation.endpoint.batches) == 3


def test_a_batch_has_less_than_a_day(situation):
    for age in (3 * DAY, 3 * DAY - HOUR, 2 * DAY - 1, 1, 0):
        situation.write(f"{age}", at=-age)
    situation.finish()
    assert situation.endpoint.batches == [2, 1, 2]


def test_lines_of_the_future_are_of_now(situation):
    situation.write("tomorrow", at=DAY)
    situation.write("now")
    situation.finish()
    times = [timestamp for timestamp, _ in situation.endpoint.events]
    assert max(times) <= time.time() * 1000


def test_events_that_are_refused_are_dropped_alone(situation):
    lines = [f"bad {number}" if number in (3, 4, 9) else f"{number}" for number in range(10)]
    situation.write(*lines)
    situation.finish()
    assert situation.endpoint.lines == [line for line in lines if "bad" not in line]
    assert situation.value("dropped", "refused") == 3
    assert (situation.value("sent"), situation.value("read"), situation.value("retries")) == (7, 10, 0)


@pytest.mark.parametrize(
    ("answer", "dropped", "kept"),
    [
        ({"old": 2}, {"too_old": 2}, 8),
        ({"old": 2, "expired": 5}, {"too_old": 2, "expired": 3}, 5),
        ({"new": 7}, {"too_new": 3}, 7),
        ({"old": 1, "expired": 1, "new": 9}, {"too_old": 1, "too_new": 1}, 8),
        ({"old": 10}, {"too_old": 10}, 0),
        ({"new": 0}, {"too_new": 10}, 0),
    ],
)
def test_events_that_the_endpoint_rejects_are_counted(situation, monkeypatch, answer, dropped, kept):
    situation.write(*(f"{number}" for number in range(10)))
    monkeypatch.setattr(situation.endpoint, "put", lambda *_: Answer(**{"old": 0, "expired": 0, "new": 10, **answer}))
    situation.finish()
    reasons = ("too_old", "expired", "too_new")
    assert {reason: situation.value("dropped", reason) for reason in reasons} == dict.fromkeys(reasons, 0) | dropped
    assert situation.value("sent") == kept
    assert situation.stream.checkpoint.place.offset == situation.source.files[0].size()


def test_each_event_is_counted_once_however_often_it_is_tried(situation):
    situation.write("a", "b")
    for outcome in ("throttled", "throttled", "lost"):
        situation.endpoint.outcomes = [outcome]
        situation.turn()
        situation.write("c")
    situation.finish()
    assert (situation.value("read"), situation.value("sent")) == (5, 5)
    assert situation.value("retries") == situation.value("errors") == 3
    assert situation.value("retried") == 2 + 3 + 4
    assert situation.value("asked") == 1


def test_pauses_grow_at_random_and_are_forgotten_after_a_success(situation, monkeypatch):
    longest = []
    monkeypatch.setattr(module, "_FIRST_PAUSE", 0.2)
    monkeypatch.setattr(module, "_LONGEST_PAUSE", 10)
    monkeypatch.setattr(module.random, "uniform", lambda _, most: longest.append(most) or 0)
    situation.write("a")
    situation.endpoint.outcomes = ["throttled"] * 8 + ["taken", "throttled"]
    for _ in range(9):
        situation.turn()
    assert longest == pytest.approx([0.2, 0.4, 0.8, 1.6, 3.2, 6.4, 10, 10])
    assert situation.stream.failure == ""
    situation.write("b")
    situation.turn()
    assert longest[-1] == pytest.approx(0.2)
    assert situation.stream.failure == "throttled"


def test_a_file_is_given_up(situation):
    situation.write("a", "b")
    situation.finish()
    situation.endpoint.outcomes = ["throttled"] * 3
    situation.write("c", "d")
    situation.rotate()
    situation.write("e")
    situation.turn()
    assert situation.stream.backlog() == situation.source.files[0].size() // 2
    situation.stream.give_up()
    situation.finish()
    assert situation.endpoint.lines == ["a", "b", "e"]
    assert situation.value("dropped", "backlog") == 2
    assert (situation.value("read"), situation.value("sent")) == (5, 3)


@pytest.mark.parametrize("outcome", ["lost", "failed"])
@pytest.mark.parametrize("again", [True, False])
def test_what_is_given_up_may_have_been_taken(situation, outcome, again):
    situation.write("a", "b")
    situation.rotate()
    situation.endpoint.outcomes = [outcome]
    situation.turn()
    situation.stream.give_up()
    assert situation.turn()
    if again:
        situation.start_again()
    situation.write("c", "d")
    situation.finish()
    assert situation.endpoint.lines == (["a", "b", "c", "d"] if outcome == "lost" else ["c", "d"])


def test_a_file_is_let_go_when_that_is_written_down(situation):
    situation.write("a")
    situation.rotate()
    situation.write("b")
    situation.disk.full = True
    situation.finish()
    situation.stream.release()
    assert len(situation.source.files) == 2
    situation.disk.full = False
    situation.write("c")
    situation.finish()
    situation.stream.release()
    assert [file.number for file in situation.source.files] == [2]


def test_a_source_that_is_gone_is_done_when_all_is_delivered(situation):
    situation.write("a")
    situation.source.finished = situation.source.gone = True
    assert not situation.stream.is_done()
    situation.endpoint.outcomes = ["throttled"]
    situation.turn()
    assert not situation.stream.is_done()
    situation.finish()
    assert situation.stream.is_done()


def test_what_is_finished_and_delivered_is_not_looked_at_again(situation, monkeypatch):
    situation.write("a")
    situation.source.finished = True
    situation.finish()
    monkeypatch.setattr(situation.source, "extent", None)
    assert not situation.stream.has_new()


def test_a_file_that_cannot_be_read_is_tried_again(situation, monkeypatch):
    situation.write("a")
    broken = SimpleNamespace(number=1, inode=0, size=lambda: 1, opened=Path("/nowhere").open)
    with monkeypatch.context() as context:
        context.setattr(situation.source, "files", [broken])
        assert not situation.turn()
    assert "No such file" in situation.stream.failure
    situation.finish()
    assert situation.endpoint.lines == ["a"]
