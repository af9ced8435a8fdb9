import os
import subprocess
import sys
from pathlib import Path

import pytest

from refapp.deploy.errors import RunDirectoryError
from refapp.deploy.local import rundir
from refapp.deploy.local.rundir import RunDirectory, default_path


@pytest.fixture
def run(tmp_path):
    directory = RunDirectory(tmp_path / "run")
    directory.prepare()
    return directory


def test_home_from_the_environment(monkeypatch):
    monkeypatch.setenv("REFAPP_HOME", "/somewhere/else")
    assert default_path() == Path("/somewhere/else")


def test_home_in_the_user_s_state_directory(monkeypatch):
    monkeypatch.delenv("REFAPP_HOME", raising=False)
    monkeypatch.setenv("XDG_STATE_HOME", "/state")
    assert default_path() == Path("/state/refapp")


def test_directory_is_for_its_owner_only(run):
    assert run.path.stat().st_mode & 0o777 == 0o700


def test_unwritable_directory(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(RunDirectoryError, match="cannot be written: Not a directory; set REFAPP_HOME"):
        RunDirectory(tmp_path / "file" / "run").prepare()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can mount a small file system")
def test_full_disk(tmp_path):
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", tmp_path], check=True)
    try:
        with pytest.raises(RunDirectoryError, match="has 1 MB left and the platform needs 600 MB"):
            RunDirectory(tmp_path / "run").prepare()
    finally:
        subprocess.run(["umount", tmp_path], check=True)


def test_little_space(run, monkeypatch):
    monkeypatch.setattr(rundir, "NEEDED_BYTES", 2**62)
    with pytest.raises(RunDirectoryError, match="free some space or set REFAPP_HOME"):
        run.prepare()


def test_path_too_long_for_a_socket(tmp_path):
    with pytest.raises(RunDirectoryError, match="too long a path for a socket; set REFAPP_HOME to a shorter one"):
        RunDirectory(tmp_path / ("x" * 100)).prepare()


def test_state_round_trip(run):
    run.write_state({"phase": "ready"})
    assert run.read_state() == {"phase": "ready"}


@pytest.mark.parametrize("content", ["", "{", "[1]", "\0\0\0"])
def test_damaged_state_is_no_state(run, content):
    run.state.write_text(content)
    assert run.read_state() == {}


def test_clear_removes_what_was_left(run):
    run.clear()
    (run.data / "old").write_text("old")
    run.write_state({"phase": "ready"})
    run.clear()
    assert list(run.data.iterdir()) == []
    assert run.read_state() == {}


def test_one_supervisor_at_a_time(run):
    assert not run.is_supervised()
    with run.lock_supervisor():
        assert run.is_supervised()
    assert not run.is_supervised()


def test_asking_takes_no_lock(run):
    with run.lock_supervisor():
        pass
    assert not run.is_supervised()
    assert not run.is_supervised()


def test_directory_that_does_not_exist_is_not_supervised(tmp_path):
    assert not RunDirectory(tmp_path / "nothing").is_supervised()


DIE_WITH_LOCK = """
import os, sys
from pathlib import Path
from refapp.deploy.local.rundir import RunDirectory
lock = RunDirectory(Path(sys.argv[1])).lock_supervisor()
print(RunDirectory(Path(sys.argv[1])).is_supervised(), flush=True)
os.kill(os.getpid(), 9)
"""


def test_lock_of_a_killed_process_is_free(run):
    process = subprocess.run([sys.executable, "-c", DIE_WITH_LOCK, run.path], stdout=subprocess.PIPE, check=False)
    assert process.stdout == b"True\n"
    assert process.returncode == -9
    assert not run.is_supervised()
