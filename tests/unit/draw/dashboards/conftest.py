"""A Prometheus that answers what it is told to, panels with its answers, and what is seen in their pictures."""

from datetime import UTC, datetime, timedelta
from itertools import combinations

import numpy as np
import pandas as pd
import pytest
from matplotlib.text import Text
from matplotlib.transforms import Bbox

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
def flaws():
    """What makes a figure hard to read: letters that are small, beyond its edge, or on other letters."""

    def flaws(figure):
        figure.draw_without_rendering()
        hidden = {text for axes in figure.axes for text in _unshown(axes)}
        texts = [one for one in figure.findobj(Text) if one.get_text().strip() and one.get_visible()]
        texts = [one for one in texts if one not in hidden]
        boxes = [(one.get_text(), _box(one)) for one in texts]
        page = figure.bbox
        small = [f"small: {one.get_text()}" for one in texts if one.get_fontsize() < 8]
        beyond = [
            f"beyond: {text}"
            for text, box in boxes
            if box.x0 < page.x0 - 1 or box.x1 > page.x1 + 1 or box.y0 < page.y0 - 1 or box.y1 > page.y1 + 1
        ]
        on = [f"{one!r} on {other!r}" for (one, a), (other, b) in combinations(boxes, 2) if a.overlaps(b)]
        return small + beyond + on

    return flaws


def _unshown(axes):
    """The labels of ticks outside of the limits, or of an axis that has none."""
    for axis in (axes.xaxis, axes.yaxis):
        low, high = sorted(axis.get_view_interval())
        for tick in axis.majorTicks:
            yield tick.label2 if tick.label1.get_visible() else tick.label1
            if not low - 1e-9 <= tick.get_loc() <= high + 1e-9:
                yield from (tick.label1, tick.label2)
        yield axis.offsetText


def _box(text):
    """The letters of a text, a little smaller, so that two may touch."""
    box = Text.get_window_extent(text)
    return Bbox.from_extents(box.x0 + 0.5, box.y0 + 1.5, box.x1 - 0.5, box.y1 - 1.5)
