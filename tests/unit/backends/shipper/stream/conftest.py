"""What the tests of a stream share: one, with an endpoint and checkpoints that are made up."""

import json
import time
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from refapp.backends.shipper.checkpoints import Checkpoint
from refapp.backends.shipper.counters import Counters
from refapp.backends.shipper.endpoint import Answer, DeliveryError, Held, RefusedError
from refapp.backends.shipper.files import HeldFile
from refapp.backends.shipper.origins import Origin
from refapp.backends.shipper.sources import Source
from refapp.backends.shipper.stream import Services, Stream
from refapp.backends.shipper.tail import Place


class Crash(BaseException):
    """The end of the process."""


class Memory:
    """An endpoint that does with each batch what it was told to, and takes it when nothing was said."""

    def __init__(self):
        self.events = []
        self.outcomes = []
        self.batches = []
        self.asked = 0

    def put(self, group, stream, events):
        del group, stream
        assert [event["timestamp"] for event in events] == sorted(event["timestamp"] for event in events)
        assert events
        outcome = self.outcomes.pop(0) if self.outcomes else "taken"
        if outcome == "throttled":
            raise DeliveryError(outcome, sure=True)
        if any("bad" in event["message"] for event in events):
            raise RefusedError("bad")
        if outcome in {"taken", "lost", "crash"}:
            self.events += [(event["timestamp"], event["message"]) for event in events]
            self.batches.append(len(events))
        if outcome in {"lost", "failed"}:
            raise DeliveryError(outcome, sure=False)
        if outcome in {"crash", "crash before"}:
            raise Crash
        return Answer(old=0, expired=0, new=len(events))

    def held(self, group, stream, since, until):
        del group, stream
        self.asked += 1
        times = sorted(timestamp for timestamp, _ in self.events if since <= timestamp < until)
        return Held(len(times), times[-1], times.count(times[-1])) if times else Held()

    @property
    def lines(self):
        return [json.loads(message)["log"] for _, message in self.events]


class Disk:
    """Checkpoints on a disk that may be full."""

    def __init__(self):
        self.full = False
        self.kept = {}

    def save(self, key, origin, checkpoint):
        del origin
        if not self.full:
            self.kept[key] = checkpoint
        return not self.full


class Situation:
    """A source that is written to, and a stream that delivers it."""

    def __init__(self, directory):
        self.directory = directory
        self.endpoint, self.disk, self.counters = Memory(), Disk(), Counters()
        self.source = Source("source")
        self.origin = Origin(kind="application", stream="stream", form="container", about={})
        self.services = Services(self.endpoint, self.disk, self.counters, "demo", 1.0)
        self.rotate()
        self.stream = Stream(self.source, self.origin, Checkpoint(place=Place(1)), self.services)

    def rotate(self):
        number = len(self.source.files) + 1
        (self.directory / f"{number}").touch()
        self.source.files.append(HeldFile(number, self.directory / f"{number}"))

    def write(self, *lines, at=0.0):
        """Write lines, so many seconds from now."""
        when = datetime.fromtimestamp(time.time() + at, UTC).isoformat().replace("+00:00", "Z")
        with (self.directory / f"{len(self.source.files)}").open("a") as file:
            file.writelines(f"{when} stdout F {line}\n" for line in lines)

    def start_again(self):
        checkpoint = self.disk.kept.get("source", Checkpoint(place=Place(1)))
        self.stream = Stream(self.source, self.origin, replace(checkpoint, sure=False), self.services)

    def turn(self):
        try:
            return self.stream.turn()
        except Crash:
            self.start_again()
            return False

    def finish(self):
        while self.turn() or self.stream.has_new():
            pass

    def release(self):
        for file in self.source.files:
            file.release()

    def value(self, counter, *more):
        return getattr(self.counters, counter).labels("application", *more)._value.get()


@pytest.fixture(scope="session")
def make_situation():
    """Makes a situation in a directory; whoever does lets go of its files."""
    return Situation


@pytest.fixture
def situation(tmp_path):
    made = Situation(tmp_path)
    yield made
    made.release()
