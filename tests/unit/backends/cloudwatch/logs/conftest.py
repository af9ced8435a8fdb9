"""What the tests of the Logs API share: a region in a directory of its own, and requests to it."""

import time
from types import SimpleNamespace

import pytest

from refapp.backends.cloudwatch.logs.operations import run
from refapp.backends.cloudwatch.logs.regions import Region


class Client:
    """Sends requests to a region, without a network; remembers what those that watch it were told."""

    def __init__(self, region, arrivals):
        self.region, self.arrivals = region, arrivals
        self.now = int(time.time() * 1000)

    def __call__(self, operation, **members):
        return run(self.region, operation, members)

    def stream(self, name="s", group="g"):
        if not self.region.catalogue.has_group(group):
            self("CreateLogGroup", logGroupName=group)
        self("CreateLogStream", logGroupName=group, logStreamName=name)
        return {"logGroupName": group, "logStreamName": name}

    def put(self, *messages, stream="s", group="g", step=0, start=None):
        start = self.now if start is None else start
        events = [{"timestamp": start + place * step, "message": message} for place, message in enumerate(messages)]
        return self("PutLogEvents", logGroupName=group, logStreamName=stream, logEvents=events)

    def messages(self, operation="FilterLogEvents", group="g", **members):
        return [event["message"] for event in self(operation, logGroupName=group, **members)["events"]]


@pytest.fixture
def ask(tmp_path):
    arrivals = []
    region = Region("us-east-1", tmp_path / "us-east-1", [lambda _, arrival: arrivals.append(arrival)])
    yield Client(region, arrivals)
    region.close()


@pytest.fixture
def clock(monkeypatch):
    """The time of the region in milliseconds since 1970, for tests that set it."""
    clock = SimpleNamespace(now=int(time.time() * 1000))
    for module in ("regions", "groups", "streams", "ingestion", "filters", "discovery", "queries"):
        monkeypatch.setattr(f"refapp.backends.cloudwatch.logs.{module}.now", lambda: clock.now)
    return clock
