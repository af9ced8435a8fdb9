import os
import socket
import sys

import pytest

from refapp.backends.containers import sockets
from refapp.backends.containers.sockets import SocketTable

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="netlink is a part of Linux")


@pytest.fixture
def table():
    opened = SocketTable()
    yield opened
    opened.close()


def connect(family, address):
    with socket.create_server(address, family=family) as server:
        client = socket.create_connection(server.getsockname()[:2])
        accepted, _ = server.accept()
    return client, accepted


def inode(end):
    return os.fstat(end.fileno()).st_ino


def found(table, end):
    return next((entry for entry in table.connections() if entry.inode == inode(end)), None)


@pytest.mark.parametrize(("family", "host"), [(socket.AF_INET, "127.0.0.1"), (socket.AF_INET6, "::1")])
def test_bytes_are_counted_at_both_ends(table, family, host, eventually):
    try:
        client, server = connect(family, (host, 0))
    except OSError as error:
        pytest.skip(str(error))
    with client, server:
        client.sendall(b"x" * 100_000)
        left = 100_000
        while left:
            left -= len(server.recv(left))
        # The kernel counts what was acknowledged, and the opening of a connection as one byte.
        sent = eventually(lambda: (entry := found(table, client)) and entry.bytes_sent >= 100_000 and entry)
        received = found(table, server)
        assert sent.bytes_sent <= 100_001
        assert received.bytes_received == pytest.approx(100_000, abs=1)
        assert min(sent.segments_sent, received.segments_received) >= 2
        assert sent.cookie != received.cookie


def test_what_only_listens_is_no_connection(table):
    with socket.create_server(("127.0.0.1", 0)) as server:
        assert found(table, server) is None


def test_a_connection_has_its_cookie_as_long_as_it_lasts(table):
    client, server = connect(socket.AF_INET, ("127.0.0.1", 0))
    with client, server:
        before = found(table, client)
        client.sendall(b"x")
        assert found(table, client).cookie == before.cookie
    assert before.cookie not in {entry.cookie for entry in table.connections() if entry.inode}


def test_a_table_of_another_kind_is_refused(monkeypatch):
    monkeypatch.setattr(sockets, "_SOCK_DIAG_BY_FAMILY", 99)
    with pytest.raises(OSError, match="the kernel does not list sockets"):
        SocketTable()


def test_elsewhere_there_is_none(monkeypatch):
    monkeypatch.setattr(sys, "platform", "darwin")
    with pytest.raises(OSError, match="netlink is a part of Linux"):
        SocketTable()
