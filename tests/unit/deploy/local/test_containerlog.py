import os
import re
from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from refapp.backends.shipper.layout import log_files
from refapp.deploy.local import containerlog as module
from refapp.deploy.local.containerlog import ContainerLog, Rotation
from refapp.deploy.local.logfiles import LogReader

CRI = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}Z (stdout|stderr) [FP] .*")


@pytest.fixture
def path(tmp_path):
    return tmp_path / "dev_service-a-x-y_uid" / "service-a" / "0.log"


def test_lines_have_the_cri_form(path):
    log = ContainerLog(path)
    log.write("stdout", b"one\ntwo\n")
    log.write("stderr", b"three\n")
    log.close()
    lines = path.read_text().splitlines()
    assert len(lines) == 3
    assert all(CRI.fullmatch(line) for line in lines)
    assert [line.split(" ", 3)[1:] for line in lines] == [
        ["stdout", "F", "one"],
        ["stdout", "F", "two"],
        ["stderr", "F", "three"],
    ]


def test_log_is_for_its_owner_only(path):
    ContainerLog(path).close()
    assert path.stat().st_mode & 0o777 == 0o600


def test_long_line_comes_in_parts(path):
    log = ContainerLog(path)
    log.write("stdout", b"x" * 40_000 + b"\n")
    log.close()
    tags = [line.split(" ")[2] for line in path.read_text().splitlines()]
    assert tags == ["P", "P", "F"]


@pytest.mark.parametrize("size", [1, 7, 5000, 70_000])
def test_lines_survive_any_cut(path, size):
    expected = ["a" * length for length in (0, 1, 16_383, 16_384, 16_385, 50_000)]
    data = "".join(f"{line}\n" for line in expected).encode()
    log = ContainerLog(path)
    for start in range(0, len(data), size):
        log.write("stdout", data[start : start + size])
    log.close()
    assert [line.text for line in LogReader(path.parents[2]).lines()] == expected


@given(st.lists(st.tuples(st.sampled_from(["stdout", "stderr"]), st.binary(max_size=50)), max_size=20))
def test_every_byte_is_kept_in_its_stream(tmp_path_factory, chunks):
    path = tmp_path_factory.mktemp("log") / "dev_pod-x-y_uid" / "container" / "0.log"
    log = ContainerLog(path)
    written = {"stdout": b"", "stderr": b""}
    for stream, data in chunks:
        log.write(stream, data)
        written[stream] += data
    log.close()
    for stream, data in written.items():
        lines = [line.text for line in LogReader(path.parents[2]).lines() if line.stream == stream]
        ended = data if data.endswith(b"\n") or not data else data + b"\n"
        assert lines == ended.decode(errors="replace").split("\n")[:-1]


def test_last_line_without_an_end_is_kept(path):
    log = ContainerLog(path)
    log.write("stdout", b"fatal: out of memory")
    log.close()
    assert path.read_text().endswith("stdout F fatal: out of memory\n")


def test_full_disk_loses_nothing(path, monkeypatch):
    log = ContainerLog(path)

    def no_space(*_):
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as full:
        full.setattr(os, "write", no_space)
        log.write("stdout", b"one\n")
        log.write("stdout", b"two\n")
        assert log.full
    log.flush()
    assert not log.full
    log.close()
    assert [line.rsplit(" ", 1)[1] for line in path.read_text().splitlines()] == ["one", "two"]


def texts(path):
    return [line.text for line in LogReader(path.parents[2]).lines()]


def test_the_defaults_are_the_kubelets():
    assert (Rotation().size, Rotation().files) == (10 * 1024**2, 5)


@pytest.mark.parametrize("changes", [{"size": 0}, {"files": 1}])
def test_a_rotation_that_keeps_nothing_is_refused(changes):
    with pytest.raises(ValueError, match="a log has 2 files or more of 1 byte or more"):
        Rotation(**changes)


def test_a_file_is_rotated_before_it_is_too_large(path):
    log = ContainerLog(path, Rotation(size=1000, files=100))
    lines = [f"line {number}" for number in range(100)]
    for line in lines:
        log.write("stdout", f"{line}\n".encode())
    log.close()
    files = log_files(path.parent)
    assert all(file.path.stat().st_size <= 1000 for file in files)
    assert all(file.path.stat().st_size > 900 for file in files[:-1])
    assert len(files) == 5
    assert all(re.fullmatch(r"0\.log\.\d{8}-\d{6}", file.path.name) for file in files[:-1])
    assert files[-1].path == path
    assert all(file.path.stat().st_mode & 0o777 == 0o600 for file in files)
    assert texts(path) == lines


def test_so_many_files_are_kept_of_a_run(path):
    other = ContainerLog(path.with_name("1.log"), Rotation(size=60, files=3))
    log = ContainerLog(path, Rotation(size=60, files=3))
    for number in range(10):
        log.write("stdout", f"line {number}\n".encode())
        other.write("stdout", f"line {number}\n".encode())
    log.close()
    other.close()
    assert texts(path) == ["line 7", "line 8", "line 9"] * 2
    assert len(list(path.parent.iterdir())) == 6


def test_rotations_in_the_same_second_and_a_clock_that_is_put_back(path, monkeypatch):
    times = iter([5, 5, 5, 3, 59, 1])

    class Clock(datetime):
        @classmethod
        def now(cls, tz):
            return datetime(2026, 11, 23, 5, 0, next(times), tzinfo=tz)

    monkeypatch.setattr(module, "datetime", Clock)
    monkeypatch.setattr(module, "_timestamp", lambda: "2026-11-23T05:00:00.000000000Z")
    log = ContainerLog(path, Rotation(size=60, files=100))
    for number in range(7):
        log.write("stdout", f"line {number}\n".encode())
    log.close()
    stamps = [file.rotated.partition("-")[2] for file in log_files(path.parent)]
    assert stamps == ["050005", "050006", "050007", "050008", "050059", "050100", ""]
    assert texts(path) == [f"line {number}" for number in range(7)]


def test_more_than_a_file_at_once_is_not_split(path):
    log = ContainerLog(path, Rotation(size=100))
    log.write("stdout", b"small\n")
    log.write("stdout", b"large\n" * 1000)
    log.write("stdout", b"small\n")
    log.close()
    assert [len(file.path.read_text().splitlines()) for file in log_files(path.parent)] == [1, 1000, 1]


def test_a_long_line_may_go_on_in_the_next_file(path):
    log = ContainerLog(path, Rotation(size=20_000, files=100))
    for start in range(0, 100_000, 1000):
        log.write("stdout", f"{start:1000}".encode())
    log.write("stdout", b"\n")
    log.close()
    assert len(log_files(path.parent)) > 4
    assert texts(path) == ["".join(f"{start:1000}" for start in range(0, 100_000, 1000))]


@pytest.mark.parametrize("step", ["rename", "open"])
def test_a_disk_that_lets_no_file_be_rotated_loses_nothing(path, monkeypatch, step):
    log = ContainerLog(path, Rotation(size=100))
    log.write("stdout", b"one\n")

    def no_space(*_):
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as full:
        full.setattr(*((module.Path, "rename") if step == "rename" else (log, "_open")), no_space)
        log.write("stdout", b"two\n")
        log.write("stdout", b"three\n")
    assert [file.path for file in log_files(path.parent)] == [path]
    log.write("stdout", b"four\n")
    log.close()
    assert len(log_files(path.parent)) == 2
    assert texts(path) == ["one", "two", "three", "four"]


def test_half_a_line_stays_in_its_file(path, monkeypatch):
    log = ContainerLog(path, Rotation(size=100))
    write = os.write

    def half(file, data):
        if len(data) < 10:
            raise OSError(28, "No space left on device")
        return write(file, data[: len(data) // 2])

    with monkeypatch.context() as full:
        full.setattr(os, "write", half)
        log.write("stdout", b"one\n")
    log.write("stdout", b"two\n")
    log.close()
    assert texts(path) == ["one", "two"]
    assert all(CRI.fullmatch(line) for file in log_files(path.parent) for line in file.path.read_text().splitlines())


def test_a_file_that_was_removed_is_not_missed(path):
    log = ContainerLog(path, Rotation(size=100))
    log.write("stdout", b"one\n")
    path.unlink()
    log.write("stdout", b"two\n")
    log.write("stdout", b"three\n")
    log.close()
    assert texts(path)[-1] == "three"
