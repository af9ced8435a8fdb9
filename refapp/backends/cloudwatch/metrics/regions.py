"""The metrics and alarms of the endpoint: each region has its own, in the directory of its name."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from time import time
from typing import Final

from refapp.backends.cloudwatch.metrics.alarms.panel import AlarmPanel, Publish
from refapp.backends.cloudwatch.metrics.datum import Datum
from refapp.backends.cloudwatch.metrics.periods import Clock
from refapp.backends.cloudwatch.metrics.store import MetricStore, MetricStoreError
from refapp.backends.cloudwatch.regional import Regional

_METRICS: Final = "metrics.db"
_ALARMS: Final = "alarms.db"


@dataclass(frozen=True, slots=True)
class MetricRegion:
    """The metrics of a region, and the alarms on them."""

    store: MetricStore
    alarms: AlarmPanel


class MetricRegions(Regional[MetricRegion]):
    """All regions in a directory, which no other process may use meanwhile."""

    def __init__(self, directory: Path, *, publish: Publish, clock: Clock = time) -> None:
        """Open the regions that there are, whose alarms go on; others are made when they are asked for.

        Raises:
            MetricStoreError: the metrics of a region cannot be opened.
            AlarmBookError: its alarms cannot be opened.
        """
        super().__init__(lambda name: _open(directory / name, publish, clock), _close)
        self.restore(directory, _METRICS)

    def put(self, name: str, data: Iterable[Datum]) -> None:
        """Keep data in the region of a name, as `MetricStore.put` does.

        Raises:
            InvalidParameter, MetricStoreError, AlarmBookError: as `get`, or the disk is full, for example.
        """
        self.get(name).store.put(data)

    def panels(self) -> list[AlarmPanel]:
        """The alarms of the regions that are in use."""
        return [region.alarms for region in self.opened()]


def _open(directory: Path, publish: Publish, clock: Clock) -> MetricRegion:
    try:
        directory.mkdir(exist_ok=True)
    except OSError as error:
        raise MetricStoreError(f"{directory}: {error.strerror}") from None
    store = MetricStore(directory / _METRICS, clock=clock)
    try:
        return MetricRegion(store, AlarmPanel(store, directory / _ALARMS, publish=publish, clock=clock))
    except Exception:
        store.close()
        raise


def _close(region: MetricRegion) -> None:
    region.alarms.close()
    region.store.close()
