"""Rows with columns, one of which may be opened to show all that is in it, as lists of AWS's console are."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from matplotlib.axes import Axes
from matplotlib.patches import Rectangle

from refapp.draw.cloudwatch.messages import legible, letters, write_mono
from refapp.draw.colours import tint
from refapp.draw.dashboards.letters import drawable
from refapp.draw.dashboards.picture import LINE, Page
from refapp.draw.sheet import SMALL, write
from refapp.draw.style import FAINT, GREY, INK, WIDTH
from refapp.draw.texts import width

ROW = 0.21
"""Inches of a row that is closed."""

OPENED = WIDTH - 0.4
"""Inches that a line of an opened row has."""

_GAP = 0.14  # inches between columns
_ARROW = 0.18
_LEAST = 0.55  # inches of the narrowest column
_DETAIL = 0.155  # a line of an opened row
_PAD = 0.07


@dataclass(frozen=True, kw_only=True)
class Column:
    """A column: its head, its texts, and whether they are numbers, which stand at its right."""

    name: str
    texts: Sequence[str]
    numeric: bool = False
    mono: bool = False


@dataclass(frozen=True, kw_only=True)
class Table:
    """Columns of equal length; `opened` are the lines that are shown below some of their rows."""

    columns: Sequence[Column]
    opened: dict[int, Sequence[str]] = field(default_factory=dict)

    @property
    def height(self) -> float:
        """Inches that it takes."""
        lines = sum(_DETAIL * len(lines) + 2 * _PAD for lines in self.opened.values())
        return LINE + 0.12 + ROW * self._rows + lines

    def draw(self, page: Page, top: float, gid: str) -> None:
        """Draw it over the width of the page.

        The gid of a head is `GID head COLUMN`, of a cell `GID cell ROW COLUMN`, of a line `GID line ROW NUMBER`.
        """
        axes = page.sheet
        places = self._places()
        y = top + LINE / 2 + 0.03
        for number, (column, (left, wide)) in enumerate(zip(self.columns, places, strict=True)):
            _cell(axes, column, column.name, (left, wide), y, head=True, gid=f"{gid} head {number}")
        y = top + LINE + 0.1
        axes.plot((0, WIDTH), (y, y), color=GREY, linewidth=0.8)
        for row in range(self._rows):
            _arrow(axes, y + ROW / 2, opened=row in self.opened)
            for number, (column, place) in enumerate(zip(self.columns, places, strict=True)):
                name = f"{gid} cell {row} {number}"
                _cell(axes, column, column.texts[row], place, y + ROW / 2, head=False, gid=name)
            y += ROW
            if row in self.opened:
                y = _details(axes, self.opened[row], y, f"{gid} line {row}")
            axes.plot((0, WIDTH), (y, y), color=FAINT, linewidth=0.5)

    @property
    def _rows(self) -> int:
        return len(self.columns[0].texts) if self.columns else 0

    def _places(self) -> list[tuple[float, float]]:
        """Where each column begins, and how wide it is; the widest ones give way."""
        wanted = [max(_wide(column), _LEAST) for column in self.columns]
        room = WIDTH - _ARROW - 0.05 - _GAP * (len(wanted) - 1)
        widths = shared(wanted, room)
        places, x = [], _ARROW
        for wide in widths:
            places.append((x, wide))
            x += wide + _GAP
        return places


def shared(wanted: Sequence[float], room: float) -> list[float]:
    """As much of the room as each wants, the widest cut to one width when it is not enough."""
    if sum(wanted) <= room:
        return list(wanted)
    left, open_ = room, sorted(range(len(wanted)), key=lambda place: wanted[place])
    given = [0.0] * len(wanted)
    while open_:
        share = left / len(open_)
        place = open_.pop(0)
        given[place] = min(wanted[place], share)
        left -= given[place]
    return given


def _wide(column: Column) -> float:
    head = width(drawable(column.name), SMALL, bold=True)
    if column.mono:
        longest = max((len(legible(text)) for text in column.texts), default=0)
        texts = longest / letters(1.0)
    else:
        texts = max((width(drawable(text), SMALL) for text in column.texts), default=0.0)
    return max(head, texts) * 1.02 + 0.02  # hinting makes letters a little wider than measured


def _cell(axes: Axes, column: Column, text: str, place: tuple[float, float], y: float, *, head: bool, gid: str) -> None:
    left, wide = place
    if column.mono and not head:
        write_mono(axes, (left, y), text, wide, gid=gid)
        return
    write(
        axes,
        (left + wide if column.numeric else left, y),
        drawable(text),
        size=SMALL,
        bold=head,
        colour=GREY if head else INK,
        align="right" if column.numeric else "left",
        room=wide,
        gid=gid,
    )


def _arrow(axes: Axes, y: float, *, opened: bool) -> None:
    """The sign of a row that can be opened, or is."""
    axes.plot(0.08, y, "v" if opened else ">", color=GREY, markersize=4, markeredgewidth=0, zorder=4)


def _details(axes: Axes, lines: Sequence[str], y: float, gid: str) -> float:
    """The lines of an opened row on a ground of their own; returns where they end."""
    height = _DETAIL * len(lines) + 2 * _PAD
    ground = Rectangle((_ARROW, y), WIDTH - _ARROW, height, facecolor=tint(FAINT, 0.3), edgecolor="none", zorder=1)
    axes.add_artist(ground)
    for number, line in enumerate(lines):
        at = (_ARROW + _PAD, y + _PAD + _DETAIL * (number + 0.5))
        write_mono(axes, at, line, OPENED, gid=f"{gid} {number}")
    return y + height
