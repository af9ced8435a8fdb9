import sqlite3

import pytest

from refapp.backends.shipper.checkpoints import Checkpoint, CheckpointError, Checkpoints
from refapp.backends.shipper.origins import Origin
from refapp.backends.shipper.record import Line
from refapp.backends.shipper.tail import Place

ORIGIN = Origin(kind="application", stream="stream", form="container", about={"pod_name": "é"})
PART = Line("T", "stdout", "P", bytes(range(256)))
CHECKPOINT = Checkpoint(
    place=Place(3, 2**40, (PART,), 17, 0xFFFFFFFF), inode=2**40, timestamp=2**41, same=3, discarded=4, sure=False
)


@pytest.fixture
def path(tmp_path):
    return tmp_path / "state" / "checkpoints.db"


def test_what_is_saved_is_loaded(path):
    with Checkpoints(path) as checkpoints:
        assert checkpoints.load() == {}
        assert checkpoints.save("a", ORIGIN, Checkpoint(place=Place(1)))
        assert checkpoints.save("a", ORIGIN, CHECKPOINT)
        assert checkpoints.save("b", ORIGIN, Checkpoint(place=Place(1)))
        checkpoints.forget("b")
    with Checkpoints(path) as checkpoints:
        assert checkpoints.load() == {"a": (ORIGIN, CHECKPOINT)}


def test_an_end_that_is_not_clean_is_known(path):
    with Checkpoints(path) as checkpoints:
        assert checkpoints.was_clean
    first = Checkpoints(path)
    assert first.was_clean
    first.save("a", ORIGIN, CHECKPOINT)
    first._connection.close()  # as the end of the process does
    with Checkpoints(path) as again:
        assert not again.was_clean
        assert again.load() == {"a": (ORIGIN, CHECKPOINT)}
    with Checkpoints(path) as again:
        assert again.was_clean


@pytest.fixture
def full(path):
    """Checkpoints whose disk is full until they are told otherwise."""
    with Checkpoints(path) as checkpoints:
        (pages,) = checkpoints._connection.execute("PRAGMA page_count").fetchone()
        checkpoints._connection.execute(f"PRAGMA max_page_count={pages}")
        yield checkpoints


def grown(checkpoints):
    checkpoints._connection.execute("PRAGMA max_page_count=1000000")


LARGE = Checkpoint(place=Place(1, 5, (Line("T", "stdout", "P", b"x" * 100_000),)))


def test_a_full_disk_is_said_once_and_what_waits_is_written_later(full, caplog):
    assert not full.save("a", ORIGIN, LARGE)
    assert not full.save("a", ORIGIN, LARGE)
    full.forget("b")
    assert full.errors == 3
    assert caplog.text.count("full") == 1
    assert full.load() == {}
    grown(full)
    assert full.save("c", ORIGIN, CHECKPOINT)
    assert full.load() == {"a": (ORIGIN, LARGE), "c": (ORIGIN, CHECKPOINT)}


def test_an_end_without_room_is_not_clean(path):
    with Checkpoints(path) as checkpoints:
        (pages,) = checkpoints._connection.execute("PRAGMA page_count").fetchone()
        checkpoints._connection.execute(f"PRAGMA max_page_count={pages}")
        assert not checkpoints.save("a", ORIGIN, LARGE)
    with Checkpoints(path) as checkpoints:
        assert not checkpoints.was_clean


def test_after_the_end_nothing_is_written_and_nothing_breaks(path):
    with Checkpoints(path) as checkpoints:
        pass
    assert not checkpoints.save("a", ORIGIN, CHECKPOINT)


def test_a_file_that_holds_something_else(path, tmp_path):
    path.parent.mkdir()
    path.write_text("This is no database, and it is long enough to be one." * 100)
    with pytest.raises(CheckpointError, match=r"checkpoints.db: file is not a database; name another directory"):
        Checkpoints(path)
    (tmp_path / "file").touch()
    with pytest.raises(CheckpointError, match="File exists"):
        Checkpoints(tmp_path / "file" / "checkpoints.db")


def test_only_one_process_has_them(path):
    with Checkpoints(path), pytest.raises(CheckpointError, match="database is locked"):
        Checkpoints(path)


def test_the_journal_survives(path):
    checkpoints = Checkpoints(path)
    mode = checkpoints._connection.execute("PRAGMA journal_mode").fetchone()
    checkpoints.close()
    assert mode == ("wal",)
    with pytest.raises(sqlite3.ProgrammingError):
        checkpoints._connection.execute("SELECT 1")
