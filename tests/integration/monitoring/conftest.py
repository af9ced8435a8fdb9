"""What the tests of monitoring share: a Prometheus, an Alertmanager and an inbox, as the platform starts them."""

import contextlib
import os
import socket
import subprocess
import sys

import httpx
import pytest

from refapp.backends.inbox.server import WEBHOOK
from refapp.mesh import Address
from refapp.monitoring.configuration import Monitoring, alertmanager_command, prometheus_command, write
from refapp.monitoring.timing import SECOND, Timing

QUICK = Timing(interval=SECOND / 2, scale=1 / 600)


def free_address():
    with socket.create_server(("127.0.0.1", 0)) as server:
        return Address(*server.getsockname())


def answers(page):
    with contextlib.suppress(httpx.HTTPError):
        return httpx.get(page).is_success
    return False


@contextlib.contextmanager
def process(command, **environ):
    """A process, ended when the block is over."""
    started = subprocess.Popen(command, env=os.environ | environ)
    try:
        yield started
    finally:
        started.terminate()
        started.wait(timeout=20)


@pytest.fixture(scope="session")
def exporter(exporting):
    """Whatever is scraped."""
    with exporting() as server:
        yield server


@pytest.fixture(scope="session")
def monitoring(tmp_path_factory):
    """What is to watch, and where."""
    return Monitoring(
        directory=tmp_path_factory.mktemp("monitoring"),
        prometheus=free_address(),
        alertmanager=free_address(),
        slack=f"{free_address().url}{WEBHOOK}",
        timing=QUICK,
    )


@pytest.fixture(scope="session")
def urls(monitoring, eventually):
    """The addresses of the three servers, which run."""
    write(monitoring)
    inbox = monitoring.slack.removesuffix(WEBHOOK)
    found = {"prometheus": monitoring.prometheus.url, "alertmanager": monitoring.alertmanager.url, "inbox": inbox}
    store = str(monitoring.directory / "messages.jsonl")
    with (
        process(
            [sys.executable, "-m", "refapp.backends.inbox.server"], PORT=inbox.removeprefix("http://"), STORE=store
        ),
        process(alertmanager_command(monitoring)),
        process(prometheus_command(monitoring)),
    ):
        for page in ("prometheus/-/ready", "alertmanager/-/ready", "inbox/health"):
            name, _, path = page.partition("/")
            eventually(lambda address=f"{found[name]}/{path}": answers(address))
        yield found
