import os
import subprocess
import sys
from dataclasses import replace

import pytest

from refapp.backends.cloudwatch.metrics.alarms.alarm import State
from refapp.backends.cloudwatch.metrics.alarms.book import KEPT, AlarmBook, AlarmBookError, Choice
from refapp.backends.cloudwatch.metrics.alarms.history import Item
from refapp.backends.cloudwatch.metrics.alarms.notifications import Notification


@pytest.fixture
def book(tmp_path):
    with AlarmBook(tmp_path / "alarms.db") as book:
        yield book


def item(time, alarm="slow"):
    return Item(alarm=alarm, kind="MetricAlarm", type="StateUpdate", time=time, summary="s", data="{}")


def message(alarm="slow"):
    return Notification(alarm=alarm, kind="MetricAlarm", topic="arn:t", subject="s", message="{}")


def test_alarms_are_what_they_were(book, alarm, tmp_path):
    one = replace(alarm(Dimensions=[{"Name": "a", "Value": "b"}]), tags={"team": "x"}, resumed=5.5)
    other = alarm("any", "ALARM", rule="ALARM(slow)")
    book.record(alarms=[one, other])
    book.close()
    with AlarmBook(tmp_path / "alarms.db") as again:
        assert again.alarms() == {"any": other, "slow": one}
        assert again.alarms()["any"].standing.state is State.ALARM
        again.record(alarms=[replace(one, acted=State.ALARM)], removed=["any"])
        assert again.alarms() == {"slow": replace(one, acted=State.ALARM)}


def test_history_is_kept_for_a_month(book, hour):
    book.record(history=[item(hour), item(hour + 1, "other")])
    assert book.history(Choice()) == [item(hour), item(hour + 1, "other")]
    book.record(history=[item(hour + KEPT + 0.5)])
    assert book.history(Choice()) == [item(hour + 1, "other"), item(hour + KEPT + 0.5)]


def test_the_newest_items_of_the_history_are_kept(book, hour, monkeypatch):
    monkeypatch.setattr("refapp.backends.cloudwatch.metrics.alarms.book.MOST_ITEMS", 3)
    for number in range(5):
        book.record(history=[item(hour + number)])
    assert [found.time - hour for found in book.history(Choice())] == [2, 3, 4]


def test_notifications_are_kept_until_they_are_done(book):
    book.record(notifications=[message("a"), message("b")])
    (first, one), (_, other) = book.notifications()
    assert (one, other) == (message("a"), message("b"))
    book.record(done=[first])
    assert [found for _, found in book.notifications()] == [message("b")]


def test_all_or_nothing(book, alarm, hour):
    page_count = book._file.execute("PRAGMA page_count").fetchone()[0]
    book._file.execute(f"PRAGMA max_page_count = {page_count}")
    with pytest.raises(AlarmBookError, match=r"alarms\.db: database or disk is full"):
        book.record(alarms=[alarm()], history=[replace(item(hour), data="x" * 100_000)], notifications=[message()])
    assert (book.alarms(), book.history(Choice()), book.notifications()) == ({}, [], [])


def test_a_file_that_is_no_book_is_named(tmp_path):
    path = tmp_path / "other.db"
    path.write_text("no database, but long enough to be read as one" * 10)
    with pytest.raises(AlarmBookError, match=str(path)):
        AlarmBook(path)


KILLED = """
import os, sys
from pathlib import Path
from refapp.backends.cloudwatch.metrics.alarms.book import AlarmBook
from refapp.backends.cloudwatch.metrics.alarms.notifications import Notification
message = Notification(alarm="slow", kind="MetricAlarm", topic="arn:t", subject="s", message="{}")
AlarmBook(Path(sys.argv[1])).record(notifications=[message])
os.kill(os.getpid(), 9)
"""


def test_what_was_recorded_survives_the_end_of_the_process(tmp_path):
    path = tmp_path / "killed.db"
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
    assert subprocess.run([sys.executable, "-c", KILLED, str(path)], check=False, env=environment).returncode == -9
    with AlarmBook(path) as book:
        assert [found for _, found in book.notifications()] == [message()]
