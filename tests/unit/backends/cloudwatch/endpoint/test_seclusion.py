"""Tried in a process of its own, because there is no way back."""

import json
import socket
import subprocess
import sys

import pytest

PROGRAM = """
import json, os, socket, subprocess, sys
from refapp.backends.cloudwatch.endpoint.seclusion import SeclusionError, seclude

seclude()
port = int(sys.argv[1])

def connect(family, address, kind=socket.SOCK_STREAM):
    with socket.socket(family, kind) as sock:
        sock.settimeout(5)
        sock.connect(address)

def send(address):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.sendto(b"x", address)

tries = {
    "connect here": lambda: connect(socket.AF_INET, ("127.0.0.1", port)),
    "connect by name": lambda: socket.create_connection(("localhost", port), 5).close(),
    "send here": lambda: send(("127.0.0.1", port)),
    "resolve an address": lambda: socket.getaddrinfo("192.0.2.1", 80),
    "connect elsewhere": lambda: connect(socket.AF_INET, ("192.0.2.1", 80)),
    "connect to a file": lambda: connect(socket.AF_UNIX, "/var/run/docker.sock"),
    "send elsewhere": lambda: send(("192.0.2.1", 53)),
    "resolve a name": lambda: socket.getaddrinfo("example.com", 80),
    "resolve in the old way": lambda: socket.gethostbyname("example.com"),
    "start a program": lambda: subprocess.run(["true"]),
    "start a shell": lambda: os.system("true"),
    "spawn": lambda: os.posix_spawn("/bin/true", ["true"], {}),
    "become another": lambda: os.execv("/bin/true", ["true"]),
    "fork": os.fork,
}
found = {}
for name, attempt in tries.items():
    try:
        attempt()
        found[name] = "done"
    except SeclusionError as error:
        found[name] = str(error)
print(json.dumps(found))
"""


@pytest.fixture(scope="module")
def found():
    with socket.create_server(("127.0.0.1", 0)) as server:
        command = [sys.executable, "-c", PROGRAM, str(server.getsockname()[1])]
        done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True)
    return json.loads(done.stdout)


@pytest.mark.parametrize("name", ["connect here", "connect by name", "send here", "resolve an address"])
def test_this_machine_may_be_reached(found, name):
    assert found[name] == "done"


ELSEWHERE = ("connect elsewhere", "connect to a file", "send elsewhere")
RESOLVING = ("resolve a name", "resolve in the old way")


@pytest.mark.parametrize("name", [*ELSEWHERE, *RESOLVING])
def test_nothing_else_is_reached(found, name):
    assert "this process connects to 127.0.0.1 only" in found[name]


@pytest.mark.parametrize("name", ["start a program", "start a shell", "spawn", "become another", "fork"])
def test_no_process_is_started(found, name):
    assert "this process starts no other" in found[name]
