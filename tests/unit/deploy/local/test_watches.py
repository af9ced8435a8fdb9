import errno
import os
from pathlib import Path
from types import SimpleNamespace

import pytest

from refapp.deploy.errors import DeployError
from refapp.deploy.local import watches


def open_descriptors():
    return len(list(Path("/dev/fd").iterdir()))


def test_what_was_taken_is_given_back():
    before = open_descriptors()
    watches.check(5)
    assert open_descriptors() == before


@pytest.mark.parametrize(
    ("error", "message"),
    [
        (errno.EMFILE, "watch 5 files and only 3 more .*run: sudo sysctl fs.inotify.max_user_instances=1024"),
        (errno.ENOMEM, "files cannot be watched: Cannot allocate memory"),
    ],
)
def test_too_few_are_left(monkeypatch, error, message):
    opened = []

    def inotify_init1(_):
        if len(opened) == 3:
            return -1
        opened.append(os.open(os.devnull, os.O_RDONLY))
        return opened[-1]

    monkeypatch.setattr("ctypes.CDLL", lambda *_, **__: SimpleNamespace(inotify_init1=inotify_init1))
    monkeypatch.setattr("ctypes.get_errno", lambda: error)
    monkeypatch.setattr("sys.platform", "linux")
    before = open_descriptors()
    with pytest.raises(DeployError, match=message):
        watches.check(5)
    assert open_descriptors() == before
