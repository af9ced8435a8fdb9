import threading
from datetime import UTC, datetime, timedelta

import pytest

from refapp.backends.shipper.layout import log_files, pod_directory, rotated_path

NOW = datetime(2026, 11, 23, 5, 0, 0, tzinfo=UTC)


def names(directory):
    return [file.path.name for file in log_files(directory)]


def test_the_name_of_a_directory_tells_the_pod():
    directory = pod_directory("dev_service-a-1-2_uid")
    assert directory == ("dev", "service-a-1-2", "uid")
    assert directory.workload == "service-a"


@pytest.mark.parametrize("name", ["dev_service-a", "a_b_c_d", "__", "lost+found", "a__b"])
def test_a_directory_that_is_no_pods(name):
    assert pod_directory(name) is None


def test_files_come_in_the_order_in_which_they_were_written(tmp_path):
    expected = ["0.log", "2.log.20261123-050000", "2.log.20261123-050001", "2.log", "10.log"]
    for name in sorted(expected):
        (tmp_path / name).touch()
    for other in ("2.log.20261123-050000.gz", "2.log.tmp", "x.log", "2.txt"):
        (tmp_path / other).touch()
    assert names(tmp_path) == expected
    assert [(file.run, file.rotated) for file in log_files(tmp_path)][1:4] == [
        (2, "20261123-050000"),
        (2, "20261123-050001"),
        (2, ""),
    ]
    assert [file.inode for file in log_files(tmp_path)] == [(tmp_path / name).stat().st_ino for name in expected]


def test_no_directory_has_no_files(tmp_path):
    (tmp_path / "file").touch()
    assert log_files(tmp_path / "nothing") == log_files(tmp_path / "file") == []


def test_a_rotated_file_is_named_after_the_time(tmp_path):
    assert rotated_path(tmp_path / "0.log", NOW) == tmp_path / "0.log.20261123-050000"


@pytest.mark.parametrize("later", [timedelta(0), timedelta(hours=-1), timedelta(seconds=59)])
def test_names_rise_in_the_same_second_and_when_the_clock_is_put_back(tmp_path, later):
    for name in ("0.log", "0.log.20261123-050059", "1.log.20270101-000000"):
        (tmp_path / name).touch()
    assert rotated_path(tmp_path / "0.log", NOW + later).name == "0.log.20261123-050100"


def test_a_look_during_rotations_misses_no_file(tmp_path):
    """Each look sees either the state before a rotation or the one after it."""
    path = tmp_path / "0.log"
    path.touch()
    first = path.stat().st_ino
    stop = threading.Event()

    def rotate():
        for second in range(500):
            if stop.is_set():
                return
            path.rename(rotated_path(path, NOW + timedelta(seconds=second)))
            path.touch()
            for old in sorted(tmp_path.glob("0.log.*"))[1:-1]:
                old.unlink()

    thread = threading.Thread(target=rotate)
    thread.start()
    try:
        while thread.is_alive():
            files = log_files(tmp_path)
            assert first in {file.inode for file in files}
            assert len({file.inode for file in files}) == len(files)
    finally:
        stop.set()
        thread.join()
