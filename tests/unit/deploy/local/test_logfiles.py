import pytest

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
