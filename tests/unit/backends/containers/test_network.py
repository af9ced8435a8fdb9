import sys

import pytest

from refapp.backends.containers.network import Network, Traffic
from refapp.backends.containers.processes import Procfs
from refapp.backends.containers.sockets import SocketTable, TcpSocket

PAYLOAD = 1_000_000


class Table:
    """Sockets that are made up, and who has them open."""

    def __init__(self):
        self.sockets = {}
        self.open = {}
        self.searches = []
        self.broken = False

    def set(self, cookie, sent=0, received=0, *, of=None):
        inode = cookie * 10 if of else 0
        self.sockets[cookie] = TcpSocket(cookie, inode, sent, received, sent // 10, received // 10)
        if of:
            self.open.setdefault(of, set()).add(inode)

    def connections(self):
        if self.broken:
            raise OSError("no answer")
        return list(self.sockets.values())


@pytest.fixture
def table():
    return Table()


@pytest.fixture
def network(table):
    class Kernel(Procfs):
        def sockets(self, pid):
            table.searches.append(pid)
            return table.open.get(pid, set())

    return Network(Kernel(), table)


PODS = {"a": [1, 2], "b": [3]}


def test_sockets_are_those_of_the_pods_processes(network, table):
    table.set(1, 100, 10, of=1)
    table.set(2, 200, 20, of=2)
    table.set(3, 400, 40, of=3)
    table.set(4, 800, 80, of=9)
    network.sample(PODS)
    assert network.traffic == {"a": Traffic(300, 30, 30, 3), "b": Traffic(400, 40, 40, 4)}


def test_what_a_closed_socket_carried_remains(network, table):
    table.set(1, 100, of=1)
    network.sample(PODS)
    table.sockets.clear()
    network.sample(PODS)
    table.set(5, 50, of=1)
    network.sample(PODS)
    assert network.traffic["a"].bytes_sent == 150


def test_only_what_was_added_is_counted(network, table):
    for sent in (100, 100, 130):
        table.set(1, sent, of=1)
        network.sample(PODS)
    assert network.traffic["a"].bytes_sent == 130


def test_the_end_of_a_connection_is_counted_when_no_process_has_it_open(network, table):
    table.set(1, 100, of=1)
    network.sample(PODS)
    table.set(1, 150)
    table.open.clear()
    network.sample(PODS)
    assert network.traffic["a"].bytes_sent == 150


def test_a_connection_that_nobody_has_accepted_is_counted_later(network, table):
    table.set(1, 0, 70)
    network.sample(PODS)
    assert network.traffic["a"] == Traffic()
    table.set(1, 0, 80, of=1)
    network.sample(PODS)
    assert network.traffic["a"].bytes_received == 80


def test_processes_are_searched_only_for_new_sockets(network, table):
    table.set(1, of=1)
    table.set(4, of=9)
    network.sample(PODS)
    table.searches.clear()
    network.sample(PODS)
    assert table.searches == []
    table.set(5, of=3)
    network.sample(PODS)
    assert sorted(table.searches) == [1, 2, 3]


def test_a_socket_is_found_when_its_process_becomes_known(network, table):
    table.set(4, 100, of=9)
    network.sample(PODS)
    network.sample(PODS | {"c": [9]})
    assert network.traffic["c"].bytes_sent == 100


def test_a_pod_that_is_gone_is_forgotten(network, table):
    table.set(1, 100, of=1)
    network.sample(PODS)
    network.sample({"b": [3]})
    assert network.traffic == {"b": Traffic()}
    network.sample({"b": [3, 1]})
    assert network.traffic["b"].bytes_sent == 100


def test_a_kernel_that_does_not_answer_changes_nothing(network, table):
    table.set(1, 100, of=1)
    network.sample(PODS)
    table.broken = True
    with pytest.raises(OSError, match="no answer"):
        network.sample(PODS)
    assert network.traffic["a"].bytes_sent == 100


@pytest.mark.skipif(sys.platform != "linux", reason="netlink is a part of Linux")
def test_bytes_that_processes_send_each_other_are_counted(child, eventually):
    server, client = child(), child()
    port = server.run("import socket; s = socket.create_server(('127.0.0.1', 0)); answer = s.getsockname()[1]")
    client.run(f"import socket; c = socket.create_connection(('127.0.0.1', {port}))")
    server.run("a, _ = s.accept()")
    opened = SocketTable()
    try:
        network = Network(Procfs(), opened)
        pods = {"client": [client.pid], "server": [server.pid], "idle": [child().pid]}
        network.sample(pods)
        client.run(f"import threading; t = threading.Thread(target=c.sendall, args=(b'x' * {PAYLOAD},)); t.start()")
        server.run(f"left = {PAYLOAD}\nwhile left: left -= len(a.recv(left))")
        client.run("t.join()")

        def acknowledged():
            network.sample(pods)
            return network.traffic["client"].bytes_sent >= PAYLOAD

        eventually(acknowledged)
        assert network.traffic["client"].bytes_sent == pytest.approx(PAYLOAD, abs=2)
        assert network.traffic["server"].bytes_received == pytest.approx(PAYLOAD, abs=2)
        assert network.traffic["idle"] == Traffic()
        client.run("c.close()")
        server.run("a.close()")
        network.sample(pods)
        assert network.traffic["server"].bytes_received == pytest.approx(PAYLOAD, abs=2)
    finally:
        opened.close()
