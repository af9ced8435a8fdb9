"""How many files may still be watched: Linux lets each user have a limited number of inotify instances."""

import ctypes
import errno
import os
import sys

from refapp.deploy.errors import DeployError

_LIMIT = "fs.inotify.max_user_instances"


def check(needed: int) -> None:
    """Have so many inotify instances for a moment.

    Raises:
        DeployError: so many are not left; Envoy would abort, which takes one for each file that it watches.
    """
    if sys.platform != "linux":
        return
    libc = ctypes.CDLL(None, use_errno=True)
    opened: list[int] = []
    try:
        while len(opened) < needed:
            descriptor = libc.inotify_init1(os.O_CLOEXEC)
            if descriptor < 0:
                raise _refusal(ctypes.get_errno(), needed, len(opened))
            opened.append(descriptor)
    finally:
        for descriptor in opened:
            os.close(descriptor)


def _refusal(error: int, needed: int, left: int) -> DeployError:
    if error != errno.EMFILE:
        return DeployError(f"files cannot be watched: {os.strerror(error)}")
    return DeployError(
        f"the sidecars watch {needed} files and only {left} more can be watched by this user: end another platform, or "
        f"run: sudo sysctl {_LIMIT}=1024"
    )
