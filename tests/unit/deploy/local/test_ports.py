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
    monkeypatch.setattr(ports, "_RANGE", range(port, port + 1))
    with pytest.raises(DeployError, match=f"no port between {port} and {port + 1} is free"):
        Ports().take()
