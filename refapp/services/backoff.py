"""Pauses between attempts."""

import random
from collections.abc import Iterator

STARTING = 0.25
"""The longest pause while a process starts, when its peers start too and are expected any moment; in seconds."""

_FIRST = 0.05
_JITTER = 0.2


def pauses(longest: float = 2.0) -> Iterator[float]:
    """Seconds to wait before each further attempt, without end: 0.05, doubling up to `longest`.

    Each is changed by up to 20 % at random, which keeps the replicas of a service from coming back all at once.
    """
    pause = _FIRST
    while True:
        yield pause * random.uniform(1 - _JITTER, 1 + _JITTER)  # noqa: S311 - no secret
        pause = min(longest, pause * 2)
