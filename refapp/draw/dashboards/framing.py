"""What is round the pictures: the frame and title of a panel, the heading of a row, and the head of a dashboard."""

from collections.abc import Sequence
from dataclasses import dataclass

from refapp.draw.dashboards.layout import GAP, Box, Claim
from refapp.draw.dashboards.letters import drawable
from refapp.draw.dashboards.picture import LINE, SMALL, Content, Page, Picture, wrapped
from refapp.draw.dashboards.text import Notice
from refapp.draw.sheet import box as rounded
from refapp.draw.sheet import write
from refapp.draw.style import FAINT, GREY, INK, VERMILION, WIDTH
from refapp.draw.texts import wrap

_TITLE = 9.0  # points
_TITLE_LINE = 0.17
_PAD = 0.09
_TITLES = 3  # lines
_SECTION = 0.3
_HEAD_SIZE = 12.0
_EDGE = 0.25  # inches; letters are hinted when they are drawn, and a little wider than measured
_LINES = 4


@dataclass(frozen=True)
class Framed:
    """A panel in its frame; `remarks` are lines between title and picture."""

    content: Content
    picture: Picture
    remarks: tuple[str, ...] = ()

    @property
    def claim(self) -> Claim:
        """What it needs of the page."""
        return Claim(grid=self.content.panel.grid, least=self.picture.least + 2 * _PAD, height=self._height)

    def draw(self, page: Page, box: Box, gid: str) -> None:
        """Draw it; the gid of the title is `GID title`.

        What a document may hold that nobody has thought of spoils one panel, not the dashboard.
        """
        outline = box.inner(left=0.01, right=0.01, top=0.01, bottom=0.01)
        rounded(
            page.sheet, (outline.x, outline.y), (outline.w, outline.h), face="white", edge=FAINT, radius=0.05, line=0.8
        )
        room = box.w - 2 * _PAD
        y = box.y + _PAD
        for number, line in enumerate(self._title(room)):
            at = (box.x + _PAD, y + _TITLE_LINE / 2)
            write(page.sheet, at, line, size=_TITLE, bold=True, room=room, gid=f"{gid} title" if number == 0 else None)
            y += _TITLE_LINE
        for line in self._remarks(room):
            write(page.sheet, (box.x + _PAD, y + LINE / 2), line, size=SMALL, colour=GREY, room=room)
            y += LINE
        inner = Box(box.x + _PAD, y + 0.03, room, max(box.bottom - _PAD - y - 0.03, 0.05))
        try:
            self.picture.draw(page, inner, gid)
        except Exception as error:  # noqa: BLE001 (see above)
            told = f"this panel cannot be drawn: {type(error).__name__}: {error}"
            Notice((told,), VERMILION).draw(page, inner, gid)

    def _height(self, width: float, asked: float) -> float:
        room = width - 2 * _PAD
        around = self._around(room)
        return self.picture.height(room, max(asked - around, 0.1)) + around

    def _around(self, room: float) -> float:
        return 2 * _PAD + 0.03 + _TITLE_LINE * len(self._title(room)) + LINE * len(self._remarks(room))

    def _title(self, room: float) -> list[str]:
        return wrapped(drawable(self.content.text(self.content.panel.title)), room, _TITLE, most=_TITLES)

    def _remarks(self, room: float) -> list[str]:
        return [part for line in self.remarks for part in wrap(drawable(line), room * 0.96, SMALL)]


@dataclass(frozen=True, kw_only=True)
class Head:
    """The head of a dashboard: its title, what is chosen for its variables, the time, and what has to be said."""

    title: str
    variables: Sequence[tuple[str, str]] = ()
    span: str = ""
    notes: Sequence[str] = ()

    @property
    def height(self) -> float:
        """Inches that it takes."""
        return 0.28 + LINE * (len(self._lines) + len(self._notes)) + 0.06

    def draw(self, page: Page) -> None:
        """Draw it at the top of the page."""
        write(page.sheet, (0.02, 0.14), self.title, size=_HEAD_SIZE, bold=True, room=WIDTH - _EDGE, gid="title")
        y = 0.28 + LINE / 2
        for number, line in enumerate(self._lines):
            write(page.sheet, (0.02, y), line, size=SMALL, colour=GREY, room=WIDTH - 0.04, gid=f"head {number}")
            y += LINE
        for number, line in enumerate(self._notes):
            write(page.sheet, (0.02, y), line, size=SMALL, colour=VERMILION, room=WIDTH - 0.04, gid=f"note {number}")
            y += LINE

    @property
    def _lines(self) -> list[str]:
        """Time and variables, as many beside each other as a line holds."""
        parts = [self.span, *(f"{name}: {text}" for name, text in self.variables)]
        return wrap(drawable("   ·   ".join(part for part in parts if part)), WIDTH - _EDGE, SMALL)[:_LINES]

    @property
    def _notes(self) -> list[str]:
        return [line for note in self.notes for line in wrap(drawable(note), WIDTH - _EDGE, SMALL)[:_LINES]]


def section(page: Page, title: str, y: float, gid: str) -> None:
    """The heading of a row of a dashboard, from that height downwards."""
    title = drawable(title)
    middle = y + (_SECTION - GAP) / 2 + 0.02
    write(page.sheet, (0.02, middle), title, size=10.5, bold=True, colour=INK, room=WIDTH - 0.04, gid=gid)
    line = y + _SECTION - GAP + 0.01
    page.sheet.plot((0, WIDTH), (line, line), color=FAINT, linewidth=0.8)


SECTION = _SECTION
"""Inches that the heading of a row takes."""
