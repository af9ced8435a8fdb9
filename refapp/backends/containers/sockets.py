"""The TCP sockets of this machine with the counters the kernel keeps for each, as `ss -ti` shows them.

They are asked for by netlink's sock_diag(7): the structures are those of linux/inet_diag.h and linux/tcp.h.
"""

import socket
import struct
import sys
from collections.abc import Iterator
from typing import NamedTuple

_FAMILY = 4  # NETLINK_SOCK_DIAG
_SOCK_DIAG_BY_FAMILY = 20
_DUMP = 0x301  # NLM_F_REQUEST | NLM_F_DUMP
_ERROR, _DONE = 2, 3
_INFO = 2  # INET_DIAG_INFO
# All states of a connection but those whose socket is not there yet, or not any more: SYN_SENT, SYN_RECV, TIME_WAIT,
# CLOSE, LISTEN (tcp_states.h).
_CONNECTED = sum(1 << state for state in (1, 4, 5, 8, 9, 11))
_HEADER = struct.Struct("=IHHII")
_REQUEST = struct.Struct("=BBBxI48x")
_SOCKET = struct.Struct("=44xQ16xI")  # inet_diag_msg: the cookie ends its inet_diag_sockid, the inode ends it all
_ATTRIBUTE = struct.Struct("=HH")
_COUNTERS = struct.Struct("=120xQQII")  # tcp_info: bytes_acked, bytes_received, segs_out, segs_in
_BUFFER = 1 << 18
_TIMEOUT = 1.0


class TcpSocket(NamedTuple):
    """One end of a connection.

    `cookie` is never used again for another socket. `inode` is what /proc/PID/fd shows, 0 when no process has it open.
    Bytes sent are those that the peer has acknowledged; segments are counted with retransmissions.
    """

    cookie: int
    inode: int
    bytes_sent: int
    bytes_received: int
    segments_sent: int
    segments_received: int


class SocketTable:
    """The kernel's table of TCP sockets.

    Raises:
        OSError: the kernel has no such table, or does not show it.
    """

    def __init__(self) -> None:
        if sys.platform != "linux":
            raise OSError("netlink is a part of Linux")
        self._socket = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW | socket.SOCK_CLOEXEC, _FAMILY)
        self._socket.settimeout(_TIMEOUT)
        self._sequence = 0
        try:
            self.connections()
        except OSError:
            self.close()
            raise

    def connections(self) -> list[TcpSocket]:
        """Both ends of every connection that have an end on this machine.

        Raises:
            OSError: the kernel does not answer.
        """
        return [found for family in (socket.AF_INET, socket.AF_INET6) for found in self._dump(family)]

    def close(self) -> None:
        """Close the socket by which the kernel is asked."""
        self._socket.close()

    def _dump(self, family: int) -> Iterator[TcpSocket]:
        self._sequence += 1
        request = _REQUEST.pack(family, socket.IPPROTO_TCP, 1 << (_INFO - 1), _CONNECTED)
        header = _HEADER.pack(_HEADER.size + len(request), _SOCK_DIAG_BY_FAMILY, _DUMP, self._sequence, 0)
        self._socket.send(header + request)
        while True:
            content = self._socket.recv(_BUFFER)
            position = 0
            while position < len(content):
                length, kind, _, sequence, _ = _HEADER.unpack_from(content, position)
                if sequence == self._sequence:
                    if kind == _DONE:
                        return
                    if kind == _ERROR:
                        (code,) = struct.unpack_from("=i", content, position + _HEADER.size)
                        raise OSError(-code, "the kernel does not list sockets")
                    if found := _parse(content, position + _HEADER.size, position + length):
                        yield found
                position += (length + 3) & ~3


def _parse(content: bytes, start: int, end: int) -> TcpSocket | None:
    cookie, inode = _SOCKET.unpack_from(content, start)
    position = start + _SOCKET.size
    while position + _ATTRIBUTE.size <= end:
        length, kind = _ATTRIBUTE.unpack_from(content, position)
        if kind == _INFO and length >= _ATTRIBUTE.size + _COUNTERS.size:
            return TcpSocket(cookie, inode, *_COUNTERS.unpack_from(content, position + _ATTRIBUTE.size))
        position += max(_ATTRIBUTE.size, (length + 3) & ~3)
    return None
