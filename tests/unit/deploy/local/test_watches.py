import errno
import os
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from refapp.deploy.errors import DeployError
from refapp.deploy.local import watches


@pytest.fixture
def closed(monkeypatch):
    """What is closed, and by this module alone: other threads of the tests close files too."""
    closed = []
    there = SimpleNamespace(O_CLOEXEC=os.O_CLOEXEC, strerror=os.strerror, close=closed.append)
    monkeypatch.setattr(watches, "os", there)
    yield closed
    for descriptor in closed:
        os.close(descriptor)


@pytest.mark.skipif(sys.platform != "linux", reason="other systems have no inotify")
def test_what_was_taken_is_given_back(closed):
    watches.check(5)
    assert len(set(closed)) == 5
    assert all("inotify" in str(Path("/proc/self/fd", str(descriptor)).readlink()) for descriptor in closed)


@pytest.mark.parametrize(
    ("error", "message"),
    [
        (errno.EMFILE, "watch 5 files and only 3 more .*run: sudo sysctl fs.inotify.max_user_instances=1024"),
        (errno.ENOMEM, "files cannot be watched: Cannot allocate memory"),
    ],
)
def test_too_few_are_left(monkeypatch, closed, error, message):
    opened = []

    def inotify_init1(_):
        if len(opened) == 3:
            return -1
        opened.append(os.open(os.devnull, os.O_RDONLY))
        return opened[-1]

    monkeypatch.setattr("ctypes.CDLL", lambda *_, **__: SimpleNamespace(inotify_init1=inotify_init1))
    monkeypatch.setattr("ctypes.get_errno", lambda: error)
    monkeypatch.setattr("sys.platform", "linux")
    with pytest.raises(DeployError, match=message):
        watches.check(5)
    assert closed == opened
