"""A bound on how often something happens: the token bucket."""

import math
import time
from collections.abc import Callable


class TokenBucket:
    """Holds `burst` tokens at most, is full at first, and gets `rate` tokens a second."""

    def __init__(self, rate: float, burst: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._rate = rate
        self._burst = burst
        self._clock = clock
        self._tokens = float(burst)
        self._filled = clock()

    def take(self, tokens: int = 1) -> float:
        """Take some tokens, or none when there are too few.

        Returns:
            0 if they were taken; otherwise the seconds until there will be enough, infinite if there never will.
        """
        now = self._clock()
        self._tokens = min(self._burst, self._tokens + (now - self._filled) * self._rate)
        self._filled = now
        if tokens > self._burst:
            return math.inf
        if tokens <= self._tokens:
            self._tokens -= tokens
            return 0.0
        return (tokens - self._tokens) / self._rate
