"""What the tests of the shipper share: containers, and a shipper."""

import asyncio
import contextlib
import time
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families

from refapp.backends.shipper import stream
from refapp.backends.shipper.checkpoints import Checkpoints
from refapp.backends.shipper.counters import Counters
from refapp.backends.shipper.endpoint import Endpoint
from refapp.backends.shipper.settings import ShipperSettings
from refapp.backends.shipper.shipper import Shipper
from refapp.backends.shipper.stream import Services
from refapp.deploy.local.containerlog import ContainerLog, Rotation

POD = "dev_service-a-69d7469cbf-ts4t7_0f6a1b2c"


@pytest.fixture(autouse=True)
def _impatient(monkeypatch):
    monkeypatch.setattr(stream, "_FIRST_PAUSE", 0.01)
    monkeypatch.setattr(stream, "_LONGEST_PAUSE", 0.1)


@pytest.fixture
def environ(tmp_path, logs):
    """The environment of a shipper that loses no time."""
    return {
        "PORT": "127.0.0.1:0",
        "LOGS": str(tmp_path / "pods"),
        "STATE": str(tmp_path / "state"),
        "ENDPOINT": logs.url,
        "REGION": "us-east-1",
        "FLUSH": "0.01",
        "POLL": "0.01",
        "SETTLE": "0.05",
        "TIMEOUT": "20",
        "GRACE": "20",
    }


class Container(ContainerLog):
    """The log of a container that says something."""

    def say(self, lines):
        self.write("stdout", "".join(f"{line}\n" for line in lines).encode())

    def is_seen(self):
        """Whether its file was seen, as each is by a look a second at files of 10 MiB."""
        return self.path.stat().st_nlink == 2


@pytest.fixture
def container(tmp_path):
    """Begins the log of a container."""
    opened = []

    def container(name="service-a", *, pod=POD, run=0, **rotation):
        path = tmp_path / "pods" / pod / name / f"{run}.log"
        log = Container(path, Rotation(**rotation))
        opened.append(log)
        return log

    yield container
    for log in opened:
        with contextlib.suppress(OSError):
            log.close()


class Running:
    """A shipper that runs in this process, and what it counts."""

    def __init__(self, shipper, services):
        self.shipper, self.services = shipper, services

    def sent(self):
        """How many events the shipper knows to be taken."""
        return self.value("fluentbit_output_proc_records_total")

    def value(self, metric, **labels):
        """The sum of a metric over all series that have these labels."""
        families = text_string_to_metric_families(self.services.counters.text().decode())
        return sum(
            sample.value
            for family in families
            for sample in family.samples
            if sample.name == metric and labels.items() <= sample.labels.items()
        )


@pytest.fixture
def shipping(environ):
    """Ships while a block runs, with changes to the environment; ends as it does at a signal."""

    @asynccontextmanager
    async def shipping(**changes):
        settings = ShipperSettings.from_environ({**environ, **changes})
        endpoint = Endpoint(
            url=settings.endpoint, region=settings.region, connections=settings.connections, timeout=settings.timeout
        )
        with Checkpoints(settings.state / "checkpoints.db") as checkpoints:
            services = Services(endpoint, checkpoints, Counters(), settings.cluster, settings.settle)
            shipper = Shipper(settings, services)
            task = asyncio.create_task(shipper.run())
            try:
                yield Running(shipper, services)
            finally:
                task.cancel()
                await asyncio.wait([task])
                await shipper.end()
                endpoint.close()

    return shipping


@pytest.fixture(scope="session")
def until():
    """Wait, in a test that is a coroutine, until a value is as it has to be; one that never is fails the test."""

    async def until(asked, *, so=bool, within=30):
        deadline = time.monotonic() + within
        while not so(value := asked()):
            if time.monotonic() > deadline:
                pytest.fail(f"not within {within} s; the last value was {str(value)[:2000]}")
            await asyncio.sleep(0.01)
        return value

    return until


@pytest.fixture(scope="session")
def numbered():
    """Lines that can be told from each other: from one number to before another."""
    return lambda first, last: [f"line {number}" for number in range(first, last)]


@pytest.fixture
def pods(tmp_path):
    """The directory of the containers' logs."""
    return Path(tmp_path / "pods")
