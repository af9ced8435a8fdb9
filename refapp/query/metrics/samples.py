"""Metrics for what takes them as samples, a row each: the mesh's graph and the panels of dashboards."""

from datetime import datetime, timedelta

import pandas as pd

from refapp.query.metrics.metrics import Metrics


class Samples:
    """Asks metrics as `refapp.query.mesh.Console` does."""

    def __init__(self, metrics: Metrics) -> None:
        self._metrics = metrics

    def instant(self, expr: str, time: datetime | None = None) -> pd.DataFrame:
        """A row for each series: a column for each label, and `value`."""
        return self._metrics.instant(expr, time)

    def range(self, expr: str, start: datetime, end: datetime, step: timedelta) -> pd.DataFrame:
        """A row for each sample: a column for each label, `time` and `value`."""
        return self._metrics.samples(expr, start=start, end=end, step=step)


class PanelSource:
    """Asks metrics as `refapp.draw.dashboards` does."""

    def __init__(self, metrics: Metrics) -> None:
        self._metrics = metrics

    def instant(self, query: str, *, at: datetime) -> pd.DataFrame:
        """A row for each series: a column for each label, and `value`."""
        return self._metrics.instant(query, at)

    def range(self, query: str, *, start: datetime, end: datetime, step: timedelta) -> pd.DataFrame:
        """A row for each sample: a column for each label, `time` and `value`."""
        return self._metrics.samples(query, start=start, end=end, step=step)

    def label_values(self, label: str, *, match: str | None = None) -> list[str]:
        """The values of a label, of the series that a selector takes."""
        return self._metrics.label_values(label, match)
