import threading
from pathlib import Path

import pytest

from refapp.deploy.local.containerlog import ContainerLog, Rotation
from refapp.deploy.local.logfiles import LogReader

TIME = "2026-11-23T05:00:00.000000000Z"


@pytest.fixture
def container(tmp_path):
    directory = tmp_path / "dev_service-a-69d7469cbf-ts4t7_uid" / "service-a"
    directory.mkdir(parents=True)
    return directory


def test_pod_workload_and_container_come_from_the_path(tmp_path, container):
    (container / "0.log").write_text(f"{TIME} stdout F hello\n")
    (line,) = LogReader(tmp_path).lines()
    assert (line.pod, line.workload, line.container) == ("service-a-69d7469cbf-ts4t7", "service-a", "service-a")
    assert (line.time, line.stream, line.text) == (TIME, "stdout", "hello")


def test_runs_are_read_in_their_order(tmp_path, container):
    for run in (10, 9, 0):
        (container / f"{run}.log").write_text(f"{TIME} stdout F run {run}\n")
    assert [line.text for line in LogReader(tmp_path).lines()] == ["run 0", "run 9", "run 10"]


def test_line_that_is_still_being_written_waits(tmp_path, container):
    log = container / "0.log"
    log.write_text(f"{TIME} stdout F whole\n{TIME} stdout F ha")
    lines = LogReader(tmp_path).lines(follow=True)
    assert next(lines).text == "whole"
    assert next(lines) is None
    with log.open("a") as file:
        file.write("lf\n")
    assert next(lines).text == "half"


def test_follow_finds_new_files(tmp_path, container):
    lines = LogReader(tmp_path).lines(follow=True)
    assert next(lines) is None
    (container / "0.log").write_text(f"{TIME} stderr F late\n")
    assert next(lines).text == "late"


def test_nothing_there(tmp_path):
    assert list(LogReader(tmp_path / "nothing").lines()) == []


@pytest.mark.usefixtures("container")
def test_pods_that_have_logged(tmp_path):
    assert LogReader(tmp_path).pods() == {"service-a-69d7469cbf-ts4t7": "service-a"}


@pytest.mark.parametrize("of", [None, "service-a", "service-a-69d7469cbf-ts4t7"])
def test_only_the_files_of_one_pod_or_workload(tmp_path, container, of):
    other = tmp_path / "dev_service-b-69d7469cbf-ts4t7_uid" / "service-b"
    other.mkdir(parents=True)
    for directory in (container, other):
        (directory / "0.log").write_text(f"{TIME} stdout F hello\n")
    workloads = [line.workload for line in LogReader(tmp_path, of=of).lines()]
    assert workloads == (["service-a"] if of else ["service-a", "service-b"])


def rotate(container, stamp, text):
    (container / "0.log").rename(container / f"0.log.{stamp}")
    (container / "0.log").write_text(f"{TIME} stdout F {text}\n")


def waiting(lines):
    """The texts up to where nothing is new at the moment."""
    texts = []
    while line := next(lines):
        texts.append(line.text)
    return texts


@pytest.fixture
def following(tmp_path, monkeypatch):
    monkeypatch.setattr("refapp.deploy.local.logfiles._POLL", 0.001)
    lines = LogReader(tmp_path).lines(follow=True)
    yield lines
    lines.close()


def test_rotated_files_are_read_in_their_order(tmp_path, container):
    for name in ("0.log", "0.log.20261123-050001", "1.log", "0.log.20261123-050000"):
        (container / name).write_text(f"{TIME} stdout F {name}\n")
    (container / "0.log.20261123-050000.gz").write_text("packed\n")
    texts = [line.text for line in LogReader(tmp_path).lines()]
    assert texts == ["0.log.20261123-050000", "0.log.20261123-050001", "0.log", "1.log"]


def test_follow_goes_on_through_rotations(following, container):
    log = container / "0.log"
    log.write_text(f"{TIME} stdout F one\n{TIME} stdout P be")
    assert waiting(following) == ["one"]
    with log.open("a") as file:
        file.write(f"gun\n{TIME} stdout F  in the file before\n{TIME} stdout F two\n{TIME} stdout P cut \n")
    rotate(container, "20261123-050000", "in two")
    rotate(container, "20261123-050001", "four")
    assert waiting(following) == ["begun in the file before", "two", "cut in two", "four"]
    assert waiting(following) == []


def test_what_is_removed_while_it_is_read_is_read_to_its_end(following, container):
    log = container / "0.log"
    log.write_text(f"{TIME} stdout F one\n")
    assert waiting(following) == ["one"]
    with log.open("a") as file:
        file.write(f"{TIME} stdout F two\n")
    rotate(container, "20261123-050000", "three")
    (container / "0.log.20261123-050000").unlink()
    assert waiting(following) == ["two", "three"]


def test_a_new_file_with_the_inode_of_the_one_that_was_removed(following, container):
    (container / "0.log").write_text(f"{TIME} stdout F one\n")
    assert waiting(following) == ["one"]
    (container / "0.log").unlink()
    (container / "0.log").write_text(f"{TIME} stdout F two\n")
    assert waiting(following) == ["two"]


def test_a_file_that_was_truncated_is_read_anew(following, container):
    (container / "0.log").write_text(f"{TIME} stdout F one\n{TIME} stdout F two\n")
    assert waiting(following) == ["one", "two"]
    (container / "0.log").write_text(f"{TIME} stdout F three\n")
    assert waiting(following) == ["three"]


def test_a_rotation_between_the_look_and_the_opening_keeps_the_order(tmp_path, container, monkeypatch):
    (container / "0.log").write_text(f"{TIME} stdout F one\n")
    opened = []
    path_open = Path.open

    def late(path, *mode, **about):
        if not opened:
            opened.append(path)
            rotate(container, "20261123-050000", "two")
        return path_open(path, *mode, **about)

    with monkeypatch.context() as context:
        context.setattr(Path, "open", late)
        lines = list(LogReader(tmp_path).lines())
    assert [line.text for line in lines] == ["one", "two"]


def test_a_character_that_is_cut_between_two_parts_is_whole_again(tmp_path, container):
    start, end = "é".encode()[:1], "é".encode()[1:]
    content = f"{TIME} stdout P ".encode() + start + f"\n{TIME} stdout F ".encode() + end + b"\n"
    (container / "0.log").write_bytes(content)
    assert [line.text for line in LogReader(tmp_path).lines()] == ["é"]


def test_nothing_is_lost_or_repeated_while_a_container_logs(container, following):
    log = ContainerLog(container / "0.log", Rotation(size=5000, files=50))
    written = 3000

    def write():
        for number in range(written):
            log.write("stdout", f"line {number}\n".encode())

    writer = threading.Thread(target=write)
    writer.start()
    texts = []
    while len(texts) < written:
        texts += waiting(following)
    writer.join()
    log.close()
    assert texts == [f"line {number}" for number in range(written)]


def test_the_end_of_reading_closes_the_files(tmp_path, container, monkeypatch):
    (container / "0.log").write_text(f"{TIME} stdout F one\n")
    opened, path_open = [], Path.open
    lines = LogReader(tmp_path).lines(follow=True)
    with monkeypatch.context() as context:
        context.setattr(Path, "open", lambda *about: opened.append(path_open(*about)) or opened[-1])
        next(lines)
    assert [file.closed for file in opened] == [False]
    lines.close()
    assert [file.closed for file in opened] == [True]
