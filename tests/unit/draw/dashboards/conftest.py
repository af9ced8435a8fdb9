"""A Prometheus that answers what it is told to, panels with its answers, and what is seen in their pictures."""

from datetime import UTC, datetime, timedelta

import numpy as np
import pandas as pd
import pytest

from refapp.draw.dashboards.colours import SeriesColours
from refapp.draw.dashboards.documents import document
from refapp.draw.dashboards.gallery import picture_of
from refapp.draw.dashboards.layout import Box
from refapp.draw.dashboards.picture import Content, Page
from refapp.draw.dashboards.queries import Window, run
from refapp.draw.dashboards.source import Asker

END = datetime(2026, 1, 2, 3, 4, 0, tzinfo=UTC)
SPAN = timedelta(minutes=10)


class Answers:
    """A source; `series` are labels and values by expression, `values` those of labels, an exception is raised."""

    def __init__(self, series=None, values=None):
        self.series, self.values, self.asked = series or {}, values or {}, []

    def instant(self, query, *, at):
        self.asked.append((query, at))
        rows = [{**labels, "value": _at(values, -1)} for labels, values in self._found(query)]
        return pd.DataFrame(rows)

    def range(self, query, *, start, end, step):
        self.asked.append((query, start, end, step))
        times = pd.date_range(start, end, freq=step)
        frames = []
        for labels, values in self._found(query):
            points = np.array([_at(values, place) for place in range(len(times))])
            there = ~np.isnan(points)
            frames.append(pd.DataFrame({**labels, "time": times[there], "value": points[there]}))
        return pd.concat(frames, ignore_index=True) if frames else pd.DataFrame()

    def label_values(self, label, *, match=None):
        self.asked.append((label, match))
        found = self.values[label]
        if isinstance(found, Exception):
            raise found
        return list(found)

    def _found(self, query):
        found = self.series.get(query, ())
        if isinstance(found, Exception):
            raise found
        return found


def _at(values, place):
    if callable(values):
        return float(values(place))
    if isinstance(values, list):
        return float(values[place]) if -len(values) <= place < len(values) else float("nan")
    return float(values)


@pytest.fixture
def answers():
    """Makes a source of expressions and their series."""
    return Answers


@pytest.fixture
def window():
    """Ten minutes, scraped every 2 seconds."""
    return Window(start=(END - SPAN).timestamp(), end=END.timestamp(), scrape=2.0)


@pytest.fixture
def content(window):
    """A panel with the answers to its queries; without queries it has one for each expression of the answers.

    The step is ten seconds: 61 points.
    """

    def content(series, chosen=None, **panel):
        targets = [{"refId": chr(65 + place), "expr": expr} for place, expr in enumerate(series)]
        raw = {"interval": "10s", "maxDataPoints": 61, "targets": targets, **panel}
        (one,) = document({"panels": [{"gridPos": {"x": 0, "y": 0, "w": 24, "h": 8}, **raw}]}).panels
        data = run(one, Asker(Answers(series)), chosen or {}, window, 6.6)
        return Content(panel=one, data=data, chosen=chosen or {})

    return content


@pytest.fixture
def drawn():
    """The page with the picture of a panel, drawn alone at that width; gids begin with `p`."""

    def drawn(content, width=6.4, asked=2.0):
        colours = SeriesColours()
        picture = picture_of(content, colours)
        height = picture.height(width, asked)
        page = Page(height + 0.2, colours)
        picture.draw(page, Box(0.1, 0.1, width, height), "p")
        return page.figure

    return drawn


@pytest.fixture
def notices(written):
    """What is said in place of a picture, or below it."""

    def notices(figure):
        return " ".join(text for gid, text in written(figure).items() if " notice " in gid)

    return notices


@pytest.fixture
def smallest_letters():
    return 8
