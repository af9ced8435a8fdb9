"""What a process of the platform sees of the environment in which the platform was started."""

import os

_INHERITED = ("PATH", "HOME", "LANG", "LC_ALL", "TZ", "TMPDIR", "VIRTUAL_ENV")


def inherited() -> dict[str, str]:
    """The few variables that are handed on: secrets of the caller's environment stay there."""
    return {name: os.environ[name] for name in _INHERITED if name in os.environ}
