"""What the tests of all figures look at."""

from itertools import combinations

import pytest
from matplotlib.text import Text
from matplotlib.transforms import Bbox


@pytest.fixture(scope="session")
def parts():
    """What is drawn in a figure, by gid, after it has been laid out."""

    def parts(figure):
        figure.draw_without_rendering()
        return {part.get_gid(): part for part in figure.findobj() if part.get_gid()}

    return parts


@pytest.fixture(scope="session")
def written():
    """The texts of a figure, by gid."""

    def written(figure):
        return {text.get_gid(): text.get_text() for text in figure.findobj(Text) if text.get_gid()}

    return written


@pytest.fixture
def smallest_letters():
    """The least size of letters, in points."""
    return 7.5


@pytest.fixture
def flaws(smallest_letters):
    """What makes a figure hard to read: letters that are small, beyond its edge, or on other letters."""

    def flaws(figure):
        figure.draw_without_rendering()
        hidden = {text for axes in figure.axes for text in _unshown(axes)}
        texts = [one for one in figure.findobj(Text) if one.get_text().strip() and one.get_visible()]
        texts = [one for one in texts if one not in hidden]
        boxes = [(one.get_text(), _box(one)) for one in texts]
        page = figure.bbox
        small = [f"small: {one.get_text()}" for one in texts if one.get_fontsize() < smallest_letters]
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
