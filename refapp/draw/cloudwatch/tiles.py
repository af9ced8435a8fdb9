"""The tiles of a page: a frame, a title, and the room that is left in it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from refapp.draw.dashboards.layout import Box
from refapp.draw.dashboards.letters import drawable
from refapp.draw.dashboards.picture import LINE, Page
from refapp.draw.dashboards.queries import Window
from refapp.draw.sheet import SMALL, box, write
from refapp.draw.style import FAINT, GREY, WIDTH
from refapp.draw.texts import width, wrap

PAD = 0.1
"""Inches between the frame of a tile and what is in it."""

_TITLE = 9.5  # points
_TITLE_LINE = 0.2
_HEAD_SIZE = 12.0
_HEAD = 0.27  # inches
_BETWEEN = "   ·   "


@dataclass(frozen=True)
class Head:
    """The title of a page and, below it, what is known of it."""

    title: str
    facts: Sequence[str] = ()

    @property
    def height(self) -> float:
        """Inches that it takes."""
        return _HEAD + LINE * len(self._lines) + 0.07

    def draw(self, page: Page, right: float = WIDTH) -> None:
        """Draw it at the top of a page, its title up to `right`; its gids are `title`, `facts`, `facts 1` and so on."""
        room = right - 0.1
        write(page.sheet, (0.02, 0.14), drawable(self.title), size=_HEAD_SIZE, bold=True, room=room, gid="title")
        for number, line in enumerate(self._lines):
            at = (0.02, _HEAD + LINE * (number + 0.5))
            write(page.sheet, at, line, size=SMALL, colour=GREY, gid=f"facts {number}" if number else "facts")

    @property
    def _lines(self) -> list[str]:
        """As many facts beside each other as a line holds; one that is longer is broken."""
        room = WIDTH * 0.94 - 0.04  # hinting makes letters a little wider than measured
        lines: list[str] = []
        for fact in filter(None, map(drawable, self.facts)):
            joined = f"{lines[-1]}{_BETWEEN}{fact}" if lines else fact
            if lines and width(joined, SMALL) <= room:
                lines[-1] = joined
            else:
                lines += wrap(fact, room, SMALL)
        return lines


def tile(page: Page, where: Box, title: str, gid: str) -> Box:
    """Frame a box, write its title, and return the room below that; the gid of the title is `GID title`."""
    box(page.sheet, (where.x, where.y), (where.w, where.h), face="white", edge=FAINT, radius=0.05, line=0.8)
    y = where.y + PAD + _TITLE_LINE / 2
    room = where.w - 2 * PAD
    write(page.sheet, (where.x + PAD, y), title, size=_TITLE, bold=True, room=room, gid=f"{gid} title")
    return where.inner(left=PAD, right=PAD, top=PAD + _TITLE_LINE + 0.02, bottom=PAD)


def written_span(window: Window) -> str:
    """From when to when, in UTC; the date once where it is the same."""
    start, end = (datetime.fromtimestamp(second, UTC) for second in (window.start, window.end))
    last = f"{end:%H:%M:%S}" if start.date() == end.date() else f"{end:%Y-%m-%d %H:%M:%S}"
    return f"{start:%Y-%m-%d %H:%M:%S} to {last} UTC"
