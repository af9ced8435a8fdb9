import os

import pytest

from refapp.backends.shipper.files import HeldFile, LinkedFile, Shelf
from refapp.backends.shipper.layout import PodDirectory, log_files
from refapp.backends.shipper.origins import ContainerRun

RUN = ContainerRun(PodDirectory("dev", "pod-x-y", "uid"), "main", 3)


@pytest.fixture
def shelf(tmp_path):
    return Shelf(tmp_path / "kept")


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "pods" / "3.log"
    path.parent.mkdir()
    path.write_text("hello\n")
    return log_files(path.parent)[0]


def content(kept):
    with kept.opened() as descriptor:
        return os.pread(descriptor, 100, 0)


def test_a_kept_file_outlives_its_name(shelf, file):
    kept = shelf.keep(RUN, file, 1)
    file.path.unlink()
    assert (kept.number, kept.inode, kept.size(), content(kept)) == (1, file.inode, 6, b"hello\n")


def test_what_is_written_later_is_in_it(shelf, file):
    kept = shelf.keep(RUN, file, 1)
    renamed = file.path.rename(file.path.with_name("3.log.20261123-050000"))
    with renamed.open("a") as writer:
        writer.write("more\n")
    assert content(kept) == b"hello\nmore\n"


def test_a_released_file_is_gone(shelf, file, tmp_path):
    kept = shelf.keep(RUN, file, 1)
    kept.release()
    kept.release()
    assert file.path.stat().st_nlink == 1
    assert kept.size() == 0
    with pytest.raises(FileNotFoundError), kept.opened():
        pass
    shelf.clear(RUN)
    assert list((tmp_path / "kept").iterdir()) == []


def test_a_name_that_another_file_has_by_now(shelf, file):
    file.path.rename(file.path.with_name("3.log.20261123-050000"))
    assert shelf.keep(RUN, file, 1) is None
    file.path.write_text("another\n")
    assert shelf.keep(RUN, file, 1) is None
    assert shelf.files(RUN) == []


def test_what_is_kept_is_found_again(shelf, file, tmp_path):
    for number in (2, 10, 9):
        shelf.keep(RUN, file, number)
    again = Shelf(tmp_path / "kept")
    (tmp_path / "kept" / "dev_pod-x-y_uid" / "main" / "other").mkdir()
    assert list(again.runs()) == [RUN]
    assert [kept.number for kept in again.files(RUN)] == [2, 9, 10]
    assert {kept.inode for kept in again.files(RUN)} == {file.inode}


def test_clearing_a_run_leaves_others_alone(shelf, file):
    other = RUN._replace(run=4)
    for run in (RUN, other):
        shelf.keep(run, file, 1)
    shelf.clear(RUN)
    assert list(shelf.runs()) == [other]


def test_no_link_can_be_made(shelf, file, monkeypatch):
    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "link", full)
    with pytest.raises(OSError, match="No space"):
        shelf.keep(RUN, file, 1)


def test_a_held_file_outlives_its_name(file):
    held = HeldFile(7, file.path)
    file.path.unlink()
    assert (held.number, held.inode, held.size(), content(held)) == (7, file.inode, 6, b"hello\n")
    held.release()
    with pytest.raises(OSError, match="Bad file descriptor"):
        held.size()


def test_a_linked_file_is_numbered_by_its_name(tmp_path):
    (tmp_path / "12").touch()
    assert LinkedFile(tmp_path / "12").number == 12
