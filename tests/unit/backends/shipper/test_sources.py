import logging
import os
import shutil

import pytest

from refapp.backends.shipper.files import Shelf
from refapp.backends.shipper.sources import FileSource, PodLogs

POD = "dev_pod-x-y_uid"


@pytest.fixture
def found(tmp_path):
    """The pods' logs, seen by one who may be replaced."""
    return PodLogs(tmp_path / "pods", Shelf(tmp_path / "kept"))


@pytest.fixture
def directory(tmp_path):
    path = tmp_path / "pods" / POD / "main"
    path.mkdir(parents=True)
    return path


def content(source):
    texts = []
    for file in source.files:
        with file.opened() as descriptor:
            texts.append(os.pread(descriptor, 100, 0).decode())
    return texts


def only(found):
    (source,) = found.sources.values()
    return source


def rotate(directory, stamp, text):
    (directory / "0.log").rename(directory / f"0.log.{stamp}")
    (directory / "0.log").write_text(text)


def test_nothing_there(found):
    found.look()
    assert found.sources == {}


def test_what_comes_is_found(found, tmp_path):
    found.look()
    for pod in ("dev_a-x-y_1", "dev_b-x-y_2"):
        for container in ("main", "istio-proxy"):
            path = tmp_path / "pods" / pod / container
            path.mkdir(parents=True)
            found.look()
            (path / "0.log").write_text(f"{pod} {container}")
            found.look()
    assert {source.key: content(source) for source in found.sources.values()} == {
        f"{pod}/{container}/0": [f"{pod} {container}"]
        for pod in ("dev_a-x-y_1", "dev_b-x-y_2")
        for container in ("main", "istio-proxy")
    }


def test_what_is_no_log_is_left_alone(found, tmp_path, directory):
    (tmp_path / "pods" / "file").touch()
    (tmp_path / "pods" / "other").mkdir()
    (directory.parent / "file").touch()
    (directory / "core").touch()
    found.look()
    assert found.sources == {}


def test_rotation_adds_a_file(found, directory):
    (directory / "0.log").write_text("one")
    found.look()
    for number, text in enumerate(("two", "three", "four")):
        rotate(directory, f"20261123-05000{number}", text)
        found.look()
    assert content(only(found)) == ["one", "two", "three", "four"]
    assert [file.number for file in only(found).files] == [1, 2, 3, 4]
    assert found.gaps == 0


def test_several_rotations_between_two_looks(found, directory):
    (directory / "0.log").write_text("one")
    found.look()
    rotate(directory, "20261123-050000", "two")
    rotate(directory, "20261123-050001", "three")
    found.look()
    assert content(only(found)) == ["one", "two", "three"]


def test_files_that_were_rotated_and_removed_before_they_were_seen(found, directory, caplog):
    (directory / "0.log").write_text("one")
    found.look()
    rotate(directory, "20261123-050000", "two")
    rotate(directory, "20261123-050001", "three")
    for name in ("0.log.20261123-050000", "0.log.20261123-050001"):
        (directory / name).unlink()
    found.look()
    assert content(only(found)) == ["one", "three"]
    assert found.gaps == 1
    assert "may have been removed" in caplog.text


def test_an_inode_is_not_used_again_as_long_as_the_file_is_known(found, directory):
    (directory / "0.log").write_text("one")
    found.look()
    (directory / "0.log").unlink()
    (directory / "0.log").write_text("two")
    found.look()
    assert content(only(found)) == ["one", "two"]


def test_a_run_is_finished_when_the_next_begins(found, directory):
    (directory / "0.log").write_text("one")
    found.look()
    first = only(found)
    assert (first.finished, first.gone) == (False, False)
    before = first.extent()
    (directory / "1.log").write_text("two")
    found.look()
    assert sorted(source.key for source in found.sources.values()) == [f"{POD}/main/0", f"{POD}/main/1"]
    assert (first.finished, first.gone) == (True, False)
    assert first.extent() != before


@pytest.mark.parametrize("gone", [f"pods/{POD}/main/0.log", f"pods/{POD}/main", f"pods/{POD}", "pods"])
def test_what_is_removed_is_gone_and_can_be_forgotten(found, directory, tmp_path, gone):
    (directory / "0.log").write_text("one")
    found.look()
    path = tmp_path / gone
    shutil.rmtree(path) if path.is_dir() else path.unlink()
    found.look()
    source = only(found)
    assert (source.finished, source.gone, content(source)) == (True, True, ["one"])
    found.forget(source)
    assert found.sources == {}
    assert list((tmp_path / "kept").iterdir()) == []
    directory.mkdir(parents=True, exist_ok=True)
    (directory / "0.log").write_text("again")
    found.look()
    assert content(only(found)) == ["again"]


def test_another_process_finds_what_was_kept(found, directory, tmp_path):
    (directory / "0.log").write_text("one")
    found.look()
    rotate(directory, "20261123-050000", "two")
    again = PodLogs(tmp_path / "pods", Shelf(tmp_path / "kept"))
    again.look()
    assert content(only(again)) == ["one", "two"]
    shutil.rmtree(directory)
    again = PodLogs(tmp_path / "pods", Shelf(tmp_path / "kept"))
    again.look()
    assert (content(only(again)), only(again).gone) == (["one", "two"], True)


def test_a_link_that_cannot_be_made_is_tried_again(found, directory, monkeypatch, caplog):
    def full(*_):
        raise OSError(28, "No space left on device")

    (directory / "0.log").write_text("one")
    with monkeypatch.context() as disk:
        disk.setattr(os, "link", full)
        found.look()
        found.look()
        assert found.sources == {}
    found.look()
    assert content(only(found)) == ["one"]
    assert "waits, as no link to it can be made" in caplog.text


def test_a_directory_that_has_not_changed_is_not_listed(found, directory, monkeypatch, eventually):
    (directory / "0.log").write_text("one")
    listed = []

    def scan():
        listed.clear()
        found.look()
        return not listed

    monkeypatch.setattr("refapp.backends.shipper.sources._SETTLED", 50_000_000)
    monkeypatch.setattr("refapp.backends.shipper.sources.log_files", lambda path: listed.append(path) or [])
    eventually(scan)
    (directory / "1.log").touch()
    found.look()
    assert listed == [directory]


def test_pending_and_released_files(found, directory):
    (directory / "0.log").write_text("one")
    found.look()
    rotate(directory, "20261123-050000", "three")
    found.look()
    source = only(found)
    assert source.pending(1, 0) == 8
    assert source.pending(1, 2) == 6
    assert source.pending(2, 1) == 4
    source.release(2)
    assert content(source) == ["three"]
    source.release(9)
    assert content(source) == ["three"]


@pytest.fixture
def source(tmp_path):
    made = []

    def source(**begin):
        made.append(FileSource(tmp_path / "messages", **begin))
        return made[-1]

    yield source
    for one in made:
        for file in one.files:
            file.release()


def test_a_file_that_is_not_there_is_complained_of_once(source, tmp_path, caplog):
    one = source()
    with caplog.at_level(logging.WARNING):
        one.look()
        one.look()
    assert (len(caplog.records), one.files) == (1, [])
    (tmp_path / "messages").write_text("here")
    one.look()
    assert (content(one), one.start) == (["here"], 0)


def test_a_file_that_is_read_from_its_end(source, tmp_path):
    (tmp_path / "messages").write_text("before")
    one = source(from_end=True)
    one.look()
    assert one.start == 6
    (tmp_path / "messages").rename(tmp_path / "messages.1")
    (tmp_path / "messages").write_text("after")
    one.look()
    assert content(one) == ["before", "after"]


def test_a_file_is_known_again_by_its_inode(source, tmp_path):
    (tmp_path / "messages").write_text("one")
    inode = (tmp_path / "messages").stat().st_ino
    same = source(number=5, inode=inode)
    same.look()
    assert same.files[0].number == 5
    other = source(number=5, inode=inode + 1, from_end=True)
    other.look()
    assert (other.files[0].number, other.start) == (6, 0)
