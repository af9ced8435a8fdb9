import socket

import pytest

from refapp.deploy.errors import DeployError
from refapp.deploy.local import ports
from refapp.deploy.local.ports import LOOPBACK, Ports, is_free


@pytest.fixture
def listener():
    with socket.socket() as listener:
        listener.bind((LOOPBACK, 0))
        listener.listen()
        yield listener


def test_each_port_is_handed_out_once():
    free = Ports()
    taken = [free.take() for _ in range(50)]
    assert len(set(taken)) == 50
    assert all(is_free(port) for port in taken)


def test_port_in_use_is_not_free(listener):
    assert not is_free(listener.getsockname()[1])


def test_no_port_left(listener, monkeypatch):
    port = listener.getsockname()[1]
    monkeypatch.setattr(ports, "_RANGE", range(port - 1, port + 1))
    with pytest.raises(DeployError, match=f"no port between {port - 1} and {port + 1} is free"):
        Ports().take()


def test_nobody_else_chooses_among_the_ports_of_a_block(monkeypatch):
    monkeypatch.setattr(ports, "_RANGE", range(30_000, 30_400))  # where no platform is
    first, second = Ports(), Ports()
    mine, others = ([one.take() for _ in range(100)] for one in (first, second))
    assert {port // 200 for port in mine}.isdisjoint({port // 200 for port in others})
    with pytest.raises(DeployError):
        Ports().take()
    del first
    assert Ports().take() // 200 == mine[0] // 200


def test_more_ports_than_a_block_has(monkeypatch):
    monkeypatch.setattr(ports, "_BLOCK", 10)
    free = Ports()
    assert len({free.take() for _ in range(25)}) == 25
