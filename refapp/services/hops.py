"""Failures on the way, and the time that is left to it."""

import os
import time

import grpc


class HopError(Exception):
    """A call from one part of the platform to the next failed.

    Its text names the hop, and after it what the callee said of its own hops:
    `service-a → service-b: service-b → mongodb: Connection refused`.
    """

    def __init__(self, caller: str, callee: str, code: grpc.StatusCode, detail: str) -> None:
        self.hop = f"{caller} → {callee}"
        self.code = code
        self.detail = detail
        super().__init__(f"{self.hop}: {detail}")


class Deadline:
    """The moment at which a request is given up, `seconds` from now."""

    __slots__ = ("_end",)

    def __init__(self, seconds: float) -> None:
        self._end = time.monotonic() + seconds

    def remaining(self) -> float:
        """Seconds that are left; 0 when it is over."""
        return max(0.0, self._end - time.monotonic())

    def timeout(self, caller: str, callee: str) -> float:
        """Seconds that are left for a call. Never 0, which gRPC and pymongo take for no limit.

        Raises:
            HopError: there is no time left.
        """
        if remaining := self.remaining():
            return remaining
        raise HopError(caller, callee, grpc.StatusCode.DEADLINE_EXCEEDED, "no time left")


def reason(error: BaseException) -> str:
    """What went wrong, in one line without the address that the reader of a hop knows already."""
    if isinstance(error, TimeoutError) and not error.args:
        return "no answer in time"
    if isinstance(error, OSError) and isinstance(error.errno, int):
        return os.strerror(error.errno)
    return " ".join(str(error).split()) or type(error).__name__
