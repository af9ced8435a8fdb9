"""A process that reaches no other machine and starts no other process, whatever its libraries would like."""

import ipaddress
import sys
from typing import Any

_CONNECTING = frozenset({"socket.connect", "socket.sendto"})
_RESOLVING = frozenset({"socket.getaddrinfo", "socket.gethostbyname"})
_HERE = (None, "", "localhost", b"localhost")
_STARTING = frozenset({"subprocess.Popen", "os.system", "os.exec", "os.posix_spawn", "os.fork", "os.forkpty"})


class SeclusionError(OSError):
    """Something was tried that a secluded process does not do."""


def seclude() -> None:
    """From here on, connect to this machine alone, and start no process; there is no way back.

    It holds for all code in Python, by an audit hook (PEP 578).
    """
    sys.addaudithook(_audit)


def _audit(event: str, args: tuple[Any, ...]) -> None:
    if event in _CONNECTING and not _is_here(args[1]):
        raise SeclusionError(f"{event} to {args[1]!r}: this process connects to 127.0.0.1 only")
    if event in _RESOLVING and args[0] not in _HERE and _address(args[0]) is None:
        raise SeclusionError(f"{event} of {args[0]!r}: this process connects to 127.0.0.1 only")
    if event in _STARTING:
        raise SeclusionError(f"{event}: this process starts no other")


def _is_here(target: object) -> bool:
    """Whether what a socket connects to is on this machine; files are not meant, Docker listens on one."""
    if not isinstance(target, tuple):
        return False
    address = _address(target[0])
    return target[0] in _HERE or (address is not None and address.is_loopback)


def _address(host: object) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    """The address that a host is; None for a name, which would have to be looked up."""
    try:
        return ipaddress.ip_address(host.decode() if isinstance(host, bytes) else str(host))
    except ValueError:
        return None
