import os
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from refapp.deploy.local.containerlog import ContainerLog
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
