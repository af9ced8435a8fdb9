"""Which picture a panel gets: that of its type, or a notice that says why there is none."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from refapp.draw.dashboards.barchart import BarChart
from refapp.draw.dashboards.bargauge import BarGauge
from refapp.draw.dashboards.cells import cells
from refapp.draw.dashboards.colours import SeriesColours
from refapp.draw.dashboards.gauge import Gauge
from refapp.draw.dashboards.heatmap import Heatmap
from refapp.draw.dashboards.layout import Box
from refapp.draw.dashboards.picture import Content, Page, Picture
from refapp.draw.dashboards.piechart import PieChart
from refapp.draw.dashboards.queries import one_table
from refapp.draw.dashboards.stat import Stat
from refapp.draw.dashboards.table import Table
from refapp.draw.dashboards.text import Notice, Words
from refapp.draw.dashboards.timeseries import TimeSeries
from refapp.draw.dashboards.values import string
from refapp.draw.style import GREY, VERMILION

NO_DATA = "No data"

_GAP = 0.03


@dataclass(frozen=True)
class Noted:
    """A picture with a notice below it: it does not show all that was asked for."""

    picture: Picture
    notice: Notice

    @property
    def least(self) -> float:
        """That of the picture."""
        return self.picture.least

    def height(self, width: float, asked: float) -> float:
        """Both below each other."""
        below = self.notice.height(width, 0) + _GAP
        return self.picture.height(width, max(asked - below, 0)) + below

    def draw(self, page: Page, box: Box, gid: str) -> None:
        """Draw both."""
        below = self.notice.height(box.w, 0)
        self.picture.draw(page, box.inner(bottom=below + _GAP), gid)
        self.notice.draw(page, Box(box.x, box.bottom - below, box.w, below), gid)


def picture_of(content: Content, colours: SeriesColours) -> Picture:
    """The picture of a panel, or what is said in its place.

    Nothing that a document may hold makes it fail: an error of Prometheus is shown as it was told, and what is not
    drawn here is named.
    """
    data, kind = content.data, content.panel.kind
    make = _PICTURES.get(kind)
    missing = [_needs(one) for one in data.missing]
    if content.panel.library:
        return Notice((_needs("a library panel of its Grafana"),))
    if kind == "text":
        return Words(content)
    if make is None:
        return Notice((_needs(f"the panel type {kind}"),))
    if not data.frames and (data.errors or missing):
        return _trouble(data.errors, missing)
    found = _made(make, content, colours)
    return Noted(found, _trouble(data.errors, missing)) if data.errors or missing else found


def _made(make: Callable[[Content, SeriesColours], Picture], content: Content, colours: SeriesColours) -> Picture:
    try:
        found = make(content, colours)
        found.height(found.least, 1.0)  # whatever it is drawn from has to be made for that
    except ValueError as error:
        return Notice((f"this panel cannot be drawn: {error}",), VERMILION)
    except Exception as error:  # noqa: BLE001 (one panel that nobody has thought of does not spoil the dashboard)
        return Notice((f"this panel cannot be drawn: {type(error).__name__}: {error}",), VERMILION)
    return found


def _needs(what: str) -> str:
    return f"this panel needs {what}, which is not drawn here"


def _trouble(errors: tuple[str, ...], missing: list[str]) -> Notice:
    lines = [line for error in errors for line in error.splitlines() if line.strip()]
    return Notice((*lines, *missing), VERMILION if errors else GREY)


def _over_time(make: Callable[[Content, SeriesColours], Picture]) -> Callable[[Content, SeriesColours], Picture]:
    """For pictures that need a number with its time."""

    def picture(content: Content, colours: SeriesColours) -> Picture:
        if content.empty:
            return _nothing(content)
        if not any(one.frame.time is not None for one in content.numbers):
            return Notice(("this panel needs series over time, and its queries return none",))
        return make(content, colours)

    return picture


def _of_cells(make: Callable[[Content], Picture]) -> Callable[[Content, SeriesColours], Picture]:
    """For pictures of single numbers; a value mapping may have a text for no number at all."""

    def picture(content: Content, _: SeriesColours) -> Picture:
        return make(content) if cells(content) else _nothing(content)

    return picture


def _pie(content: Content, colours: SeriesColours) -> Picture:
    positive = any(isinstance(cell.value, float) and cell.value > 0 for cell in cells(content))
    return PieChart(content, colours) if positive else _nothing(content)


def _table(content: Content, _: SeriesColours) -> Picture:
    frame = one_table(content.data.frames)
    shown = frame is not None and any(not content.fields.of(column, frame).hidden() for column in frame.columns)
    return Table(content) if frame is not None and len(frame) and shown else _nothing(content)


def _bars(content: Content, colours: SeriesColours) -> Picture:
    frame = one_table(content.data.frames)
    return _nothing(content) if content.empty or frame is None else BarChart(content, colours)


def _nothing(content: Content) -> Notice:
    return Notice((string(content.panel.fields.get("noValue")) or NO_DATA,))


_PICTURES: Mapping[str, Callable[[Content, SeriesColours], Picture]] = MappingProxyType(
    {
        "barchart": _bars,
        "bargauge": _of_cells(BarGauge),
        "gauge": _of_cells(Gauge),
        "heatmap": _over_time(lambda content, _: Heatmap(content)),
        "piechart": _pie,
        "stat": _of_cells(Stat),
        "table": _table,
        "timeseries": _over_time(TimeSeries),
    }
)
KINDS = frozenset((*_PICTURES, "text"))
"""The types of panels that are drawn; the older ones become one of these first."""
