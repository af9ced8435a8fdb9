"""The metrics and alarms of the endpoint: each region has its own, in the directory of its name."""

import threading
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from time import time
from typing import Final, Self

from refapp.backends.cloudwatch.metrics.alarms.panel import AlarmPanel, Publish
from refapp.backends.cloudwatch.metrics.datum import Datum
from refapp.backends.cloudwatch.metrics.periods import Clock
from refapp.backends.cloudwatch.metrics.store import MetricStore, MetricStoreError
from refapp.backends.cloudwatch.regionnames import check_region, is_region

_METRICS: Final = "metrics.db"
_ALARMS: Final = "alarms.db"


@dataclass(frozen=True, slots=True)
class MetricRegion:
    """The metrics of a region, and the alarms on them."""

    store: MetricStore
    alarms: AlarmPanel


class MetricRegions:
    """All regions in a directory, which no other process may use meanwhile; safe to be used by many threads."""

    def __init__(self, directory: Path, *, publish: Publish, clock: Clock = time) -> None:
        """Open the regions that there are, whose alarms go on; others are made when they are asked for.

        Raises:
            MetricStoreError: the metrics of a region cannot be opened.
            AlarmBookError: its alarms cannot be opened.
        """
        self._directory, self._publish, self._clock = directory, publish, clock
        self._opening = threading.Lock()
        self._regions: dict[str, MetricRegion] = {}
        try:
            for path in sorted(directory.iterdir()):
                if is_region(path.name) and (path / _METRICS).exists():
                    self.get(path.name)
        except BaseException:
            self.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close all regions."""
        with self._opening:
            for region in self._regions.values():
                region.alarms.close()
                region.store.close()
            self._regions = {}

    def get(self, name: str) -> MetricRegion:
        """The region of a name.

        Raises:
            InvalidParameter: it is no name of a region.
            MetricStoreError: its metrics cannot be opened.
            AlarmBookError: its alarms cannot be opened.
        """
        region = self._regions.get(name)
        if region is not None:
            return region
        check_region(name)
        with self._opening:
            if name not in self._regions:
                self._regions[name] = self._open(self._directory / name)
            return self._regions[name]

    def put(self, name: str, data: Iterable[Datum]) -> None:
        """Keep data in the region of a name, as `MetricStore.put` does.

        Raises:
            InvalidParameter, MetricStoreError, AlarmBookError: as `get`, or the disk is full, for example.
        """
        self.get(name).store.put(data)

    def panels(self) -> list[AlarmPanel]:
        """The alarms of the regions that are in use."""
        return [region.alarms for region in list(self._regions.values())]

    def _open(self, directory: Path) -> MetricRegion:
        try:
            directory.mkdir(exist_ok=True)
        except OSError as error:
            raise MetricStoreError(f"{directory}: {error.strerror}") from None
        store = MetricStore(directory / _METRICS, clock=self._clock)
        try:
            return MetricRegion(store, AlarmPanel(store, directory / _ALARMS, publish=self._publish, clock=self._clock))
        except Exception:
            store.close()
            raise
