"""gRPC against REST: the same payload between the same two processes, sent and received.

The servers and the client are processes of their own (`refapp.exercise.peers`): what is measured shares neither an
interpreter nor an event loop with the notebook.
"""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import Any

import orjson
import pandas as pd

from refapp.exercise.frames import Frame, frames

PROTOCOLS = ("gRPC", "REST")
_TIMEOUT = 120  # seconds


class PeerError(RuntimeError):
    """A process of the comparison did not do its part."""


@dataclass(frozen=True)
class Conversation:
    """Every byte that a client and a server exchanged on one connection.

    `marks` counts the bytes sent and received once the connection stood, then after each call.
    """

    protocol: str
    sent: bytes
    received: bytes
    marks: tuple[tuple[int, int], ...]

    def sizes(self) -> pd.DataFrame:
        """Bytes per call, as columns protocol, call, sent and received; call 0 is what opened the connection."""
        before = ((0, 0), *self.marks)
        rows = [
            (self.protocol, call, sent - sent_before, received - received_before)
            for call, ((sent_before, received_before), (sent, received)) in enumerate(
                zip(before, self.marks, strict=False)
            )
        ]
        return pd.DataFrame(rows, columns=["protocol", "call", "sent", "received"])

    def frames(self, call: int) -> Iterator[tuple[str, Frame]]:
        """The HTTP/2 frames that went by during a call, each with its sender: client first, then server."""
        (sent_from, received_from), (sent_to, received_to) = ((0, 0), *self.marks)[call : call + 2]
        for sender, data, start, end in (
            ("client", self.sent, sent_from, sent_to),
            ("server", self.received, received_from, received_to),
        ):
            yield from ((sender, frame) for frame in frames(data) if start <= frame.offset < end)


def roundtrips(*, rounds: int = 15, block: float = 0.02) -> pd.DataFrame:
    """Time calls of gRPC and of REST (JSON over HTTP/1.1) with one connection kept open, one call after another.

    Each time is the mean over a block of calls of about `block` seconds; blocks of all kinds take turns.

    Returns:
        Columns payload, direction (send or receive), protocol, round and seconds (of one call).

    Raises:
        PeerError: a server or the client failed; the message holds what it wrote.
    """
    with _servers() as ports:
        rows = _client("compare", ports=ports, rounds=rounds, block=block)
    return pd.DataFrame(rows, columns=["payload", "direction", "protocol", "round", "seconds"])


def conversations(calls: int = 3) -> dict[str, Conversation]:
    """Receive the platform's response some times over each protocol, and keep every byte.

    Raises:
        PeerError: a server or the client failed; the message holds what it wrote.
    """
    with _servers() as ports:
        found = _client("record", ports=ports, calls=calls)
    return {
        protocol: Conversation(
            protocol,
            bytes.fromhex(kept["sent"]),
            bytes.fromhex(kept["received"]),
            tuple((sent, received) for sent, received in kept["marks"]),
        )
        for protocol, kept in found.items()
    }


@contextmanager
def _servers() -> Iterator[dict[str, int]]:
    with ExitStack() as stack:
        started = {protocol: stack.enter_context(_server(protocol.lower())) for protocol in PROTOCOLS}
        yield {protocol: _port(protocol, server) for protocol, server in started.items()}


@contextmanager
def _server(role: str) -> Iterator[subprocess.Popen[str]]:
    command = _command(role)
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as server:  # noqa: S603
        try:
            yield server
        finally:
            server.terminate()


def _port(protocol: str, server: subprocess.Popen[str]) -> int:
    line = server.stdout.readline() if server.stdout else ""
    if not line:
        raise PeerError(f"the {protocol} server ended before it listened, with exit code {server.wait()}")
    return int(line)


def _client(role: str, **task: Any) -> Any:
    try:
        done = subprocess.run(  # noqa: S603
            _command(role), input=orjson.dumps(task), capture_output=True, timeout=_TIMEOUT, check=False
        )
    except subprocess.TimeoutExpired:
        raise PeerError(f"the client was not done after {_TIMEOUT} seconds") from None
    if done.returncode:
        raise PeerError(f"the client ended with exit code {done.returncode}:\n{done.stderr.decode(errors='replace')}")
    return orjson.loads(done.stdout)


def _command(role: str) -> list[str]:
    return [sys.executable, "-m", "refapp.exercise.peers", role]
