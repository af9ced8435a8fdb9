"""What was found out for one period, from which its events are written."""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from refapp.backends.containerinsights.formulas import Resources, millicores
from refapp.backends.containerinsights.readings import Fields, Key, Snapshot
from refapp.backends.containers.inventory import Inventory

# The type of an event, and its members beyond those that all have.
Draft = tuple[str, dict[str, Any]]


class Measured(NamedTuple):
    """What is known of one thing: numbers, and what else is told of it."""

    fields: Fields
    labels: Mapping[str, str]


class Measurements(NamedTuple):
    """What was found out: the pods, how often containers were started again, and what was measured.

    There is no `node`, which is what the node has, when it did not tell what it measured; there is nothing of a thing
    that was not measured.
    """

    inventory: Inventory
    restarts: Mapping[Key, int]
    node: Resources | None = None
    things: Mapping[Key, Measured] = {}

    def fields(self, key: Key) -> Fields:
        """The numbers that are known of a thing."""
        found = self.things.get(key)
        return found.fields if found else {}

    def parts(self, *key: str) -> Iterator[Measured]:
        """The interfaces, disks or filesystems of something: what has one name more than its key."""
        return (found for of, found in self.things.items() if of[:-1] == key)


def measured(snapshot: Snapshot, rated: Mapping[Key, Fields]) -> tuple[Resources, dict[Key, Measured]]:
    """What the node has, and what is known of each thing when its counters are rates."""
    things = {key: Measured(rated[key], reading.labels) for key, reading in snapshot.readings.items()}
    return Resources(millicores(snapshot.cores), snapshot.memory), things
