import json
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request

import psutil
import pytest
from prometheus_client.parser import text_string_to_metric_families

MANY = 1_000_000


@pytest.fixture
def start(environ):
    """Starts a shipper as a process of its own; whichever still runs is killed in the end."""
    started = []
    with socket.create_server(("127.0.0.1", 0)) as server:
        host, port = server.getsockname()

    def start(**changes):
        command = [sys.executable, "-m", "refapp.backends.shipper.server"]
        env = {**os.environ, **environ, "PORT": f"{host}:{port}", **changes}
        process = subprocess.Popen(command, env=env, stderr=subprocess.PIPE, text=True)
        process.url = f"http://{host}:{port}"
        started.append(process)
        return process

    yield start
    for process in started:
        process.kill()
        process.communicate()


def end(process):
    process.send_signal(signal.SIGTERM)
    _, errors = process.communicate(timeout=30)
    return process.returncode, errors


def answer(url):
    try:
        with urllib.request.urlopen(url) as response:
            return response.status, response.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()
    except OSError:
        return 0, ""


def test_the_process_ships_until_it_is_told_to_end(start, logs, container, eventually):
    log = container()
    log.write("stdout", b"hello\n")
    process = start()
    eventually(lambda: logs.taken == 1)
    health = eventually(lambda: json.loads(answer(f"{process.url}/health")[1]), so=lambda health: not health["pending"])
    assert health == {"status": "UP", "streams": 1, "pending": 0, "failure": ""}
    assert answer(f"{process.url}/api/v1/health") == (200, "ok")
    for path in ("/metrics", "/api/v1/metrics/prometheus", "/api/v2/metrics/prometheus"):
        samples = [
            sample
            for family in text_string_to_metric_families(answer(process.url + path)[1])
            for sample in family.samples
            if sample.name == "fluentbit_output_proc_records_total" and sample.value
        ]
        assert [sample.labels for sample in samples] == [{"name": "application"}]
    log.write("stdout", b"goodbye\n")
    assert end(process) == (0, "")
    assert logs.lines() == ["hello", "goodbye"]


def test_it_says_when_all_is_delivered(start, logs, container, eventually):
    container().write("stdout", b"hello\n")
    process = start(FLUSH="3600", POLL="0.25")
    settled = eventually(lambda: answer(f"{process.url}/settled?within=20"), so=lambda found: found[0])
    assert (settled[0], json.loads(settled[1])) == (
        200,
        {"settled": True, "streams": 1, "pending": 0, "failure": ""},
    )
    assert logs.lines() == ["hello"]
    logs.stop()
    container("other").write("stdout", b"x\n")
    told = json.loads(answer(f"{process.url}/settled?within=1")[1])
    assert (told["settled"], told["pending"] > 0, "Could not connect" in told["failure"]) == (False, True, True)
    for nonsense in ("x", "0", "nan", "inf"):
        status, text = answer(f"{process.url}/settled?within={nonsense}")
        assert (status, text.startswith("within is")) == (400, True)


def test_health_tells_of_an_endpoint_that_is_down(start, logs, container, eventually):
    logs.stop()
    container().write("stdout", b"hello\n")
    process = start(GRACE="0.1")
    status, text = eventually(lambda: answer(f"{process.url}/api/v1/health"), so=lambda found: found[0] == 500)
    assert (status, text) == (500, "error")
    assert "Could not connect" in json.loads(answer(f"{process.url}/health")[1])["failure"]
    code, errors = end(process)
    assert code == 0
    assert errors.count("not delivered, and tried again") == 1


@pytest.mark.timeout(300)
def test_a_process_that_is_killed_again_and_again_loses_and_repeats_nothing(start, logs, container, eventually):
    written = []
    stop = threading.Event()

    def write():
        log = container(size=50_000, files=1000)
        while not stop.wait(0.01):
            lines = [f"line {number}" for number in range(len(written), len(written) + 10)]
            log.write("stdout", "".join(f"{line}\n" for line in lines).encode())
            written.extend(lines)

    # Answers take a while, so some events are taken by the time the one who sent them is dead.
    logs.ill = lambda *_: time.sleep(0.02)
    writer = threading.Thread(target=write)
    writer.start()
    try:
        for kill in range(6):
            process = start(SETTLE="0.2")
            goal = logs.calls["PutLogEvents"] + kill + 1
            taken = lambda goal=goal, process=process: process.poll() or logs.calls["PutLogEvents"] >= goal  # noqa: E731
            eventually(taken, within=100)
            assert process.poll() is None, process.stderr.read()
            process.kill()
            process.wait()
    finally:
        stop.set()
        writer.join()
    process = start(SETTLE="0.2")
    eventually(lambda: logs.taken >= len(written), within=100)
    code, _ = end(process)
    assert code == 0
    assert logs.lines() == written


@pytest.mark.timeout(300)  # a slow machine needs minutes
def test_a_million_lines_at_once_need_no_more_memory_than_a_few(start, logs, container):
    log = container(size=10 * 1024**2, files=50)
    text = "".join(f"{number}\n" for number in range(MANY)).encode()
    for first in range(0, len(text), 1024**2):
        log.write("stdout", text[first : first + 1024**2])
    taken = []

    logs.sink = lambda body: taken.extend(map(int, re.findall(rb'log\\":\\"(\d+)', body)))
    process = start()
    most = 0
    while len(taken) < MANY and process.poll() is None:
        most = max(most, psutil.Process(process.pid).memory_info().rss)
        time.sleep(0.05)
    assert taken == list(range(MANY))
    assert end(process)[0] == 0
    assert most < 160 * 1024**2


@pytest.mark.parametrize(
    ("changes", "code", "complaint"),
    [
        ({"FLUSH": "x"}, 2, "FLUSH is 'x'"),
        ({"ENDPOINT": "nonsense"}, 2, "ENDPOINT is 'nonsense'"),
        ({"STATE": "/dev/null/state"}, 1, "/dev/null/state/checkpoints.db: "),
    ],
)
def test_a_process_that_cannot_start_says_why(start, changes, code, complaint):
    process = start(**changes)
    _, errors = process.communicate(timeout=20)
    assert process.returncode == code
    assert errors.startswith(complaint)
    assert errors.count("\n") == 1


def test_two_shippers_do_not_share_their_checkpoints(start, logs, container, eventually):
    container().write("stdout", b"hello\n")
    process = start()
    eventually(lambda: logs.taken == 1)
    other = start(PORT="127.0.0.1:0")
    _, errors = other.communicate(timeout=20)
    assert other.returncode == 1
    assert "checkpoints.db: database is locked" in errors
    assert end(process)[0] == 0
