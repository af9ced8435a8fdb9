"""What the tests of the event store share."""

import pytest

from refapp.backends.cloudwatch.events.store import EventStore


@pytest.fixture
def path(tmp_path):
    return tmp_path / "events.db"


@pytest.fixture
def store(path):
    with EventStore(path) as opened:
        yield opened
