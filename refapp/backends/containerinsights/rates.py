"""What is known only from one period to the next: the rates of counters, and restarts of containers."""

from collections.abc import Mapping

from refapp.backends.containerinsights.readings import Fields, Key, Reading, container_key
from refapp.backends.containers.inventory import Inventory

_SHORTEST = 50e-6  # seconds


class Rates:
    """Turns counters into rates a second, from one reading of a thing to the next.

    As with the CloudWatch agent there is none at first, none when hardly any time has passed, and none when a counter
    has fallen (`newFloat64RateCalculator` in receiver/awscontainerinsightreceiver of
    https://github.com/open-telemetry/opentelemetry-collector-contrib).
    """

    def __init__(self) -> None:
        self._before: Mapping[Key, Reading] = {}

    def update(self, readings: Mapping[Key, Reading]) -> dict[Key, Fields]:
        """What is known of each thing: its values, and the rates of its counters."""
        before, self._before = self._before, readings
        return {key: reading.values | _rates(before.get(key), reading) for key, reading in readings.items()}


def _rates(before: Reading | None, now: Reading) -> Fields:
    if before is None or before.origin != now.origin or now.at - before.at < _SHORTEST:
        return {}
    return {
        name: (value - before.counters[name]) / (now.at - before.at)
        for name, value in now.counters.items()
        if name in before.counters and value >= before.counters[name]
    }


class Restarts:
    """Counts how often containers were started again since the period before; not known of one that was not there."""

    def __init__(self) -> None:
        self._before: dict[Key, int] = {}

    def update(self, inventory: Inventory) -> dict[Key, int]:
        """How often each container was started again, where that is known."""
        now = {
            container_key(pod.namespace, pod.name, pod.uid, container.name): container.restarts
            for pod in inventory.pods
            for container in pod.containers
        }
        before, self._before = self._before, now
        return {key: max(0, restarts - before[key]) for key, restarts in now.items() if key in before}
