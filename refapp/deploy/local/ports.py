"""Free ports of the loopback interface."""

import random
import socket
import weakref

from refapp.deploy.errors import DeployError

LOOPBACK = "127.0.0.1"

# Below the ports that kernels hand to outgoing connections, so that none of those takes one of ours
# between the choice and its use.
_RANGE = range(20_000, 30_000)
_BLOCK = 200


class Ports:
    """Hands out each free port once.

    Between the choice of a port and its use another process could choose it, too. So the range is divided into blocks,
    and who binds the first port of a block has all of it, for as long as this object lives.
    """

    def __init__(self) -> None:
        starts = _RANGE[::_BLOCK]
        self._blocks = iter(random.SystemRandom().sample(starts, len(starts)))
        self._candidates: list[int] = []

    def take(self) -> int:
        """A port that nothing listens on.

        Raises:
            DeployError: every port of the range is taken.
        """
        while True:
            while self._candidates:
                if is_free(port := self._candidates.pop()):
                    return port
            self._claim_block()

    def _claim_block(self) -> None:
        for start in self._blocks:
            guard = socket.socket()
            try:
                guard.bind((LOOPBACK, start))
            except OSError:
                guard.close()
            else:
                weakref.finalize(self, guard.close)
                block = range(start + 1, min(start + _BLOCK, _RANGE.stop))
                self._candidates = random.SystemRandom().sample(block, len(block))
                return
        raise DeployError(f"no port between {_RANGE.start} and {_RANGE.stop} is free")


def is_free(port: int) -> bool:
    """Whether a server could listen on `port` of the loopback interface."""
    with socket.socket() as listener:
        # Like every server here: an address that only lingers in TIME_WAIT is free.
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((LOOPBACK, port))
        except OSError:
            return False
    return True
