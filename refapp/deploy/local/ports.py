"""Free ports of the loopback interface."""

import random
import socket

from refapp.deploy.errors import DeployError

LOOPBACK = "127.0.0.1"

# Below the ports that kernels hand to outgoing connections, so that none of those takes one of ours
# between the choice and its use.
_RANGE = range(20_000, 30_000)


class Ports:
    """Hands out each free port once."""

    def __init__(self) -> None:
        self._candidates = iter(random.SystemRandom().sample(_RANGE, len(_RANGE)))

    def take(self) -> int:
        """A port that nothing listens on.

        Raises:
            DeployError: every port of the range is taken.
        """
        for port in self._candidates:
            if is_free(port):
                return port
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
