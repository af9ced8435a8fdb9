"""Words of a dashboard; Grafana's panel `text`, whose Markdown or HTML is shown as plain lines."""

import re
from dataclasses import dataclass
from html import unescape

from refapp.draw.dashboards.layout import Box
from refapp.draw.dashboards.letters import drawable
from refapp.draw.dashboards.picture import LINE, SMALL, Content, Page
from refapp.draw.dashboards.values import string
from refapp.draw.sheet import write
from refapp.draw.style import GREY
from refapp.draw.texts import wrap

_TAG = re.compile(r"<[^<>]*>")
_BREAK = re.compile(r"<(?:br|/p|/div|/h\d|/li|/tr)[^<>]*>", re.IGNORECASE)
_UNSHOWN = re.compile(r"<(style|script)\b.*?</\1\s*>|<!--.*?-->", re.IGNORECASE | re.DOTALL)
_LINK = re.compile(r"!?\[([^\]]*)\]\([^)]*\)")
_MARKS = re.compile(r"(\*\*|__|`+)")
_HEADING = re.compile(r"#{1,6}\s+")
_ITEM = re.compile(r"^\s*[-*+]\s+")
_LONGEST = 40  # lines
_SIZE = 9.0
_HEADING_SIZE = 10.5
_FILLED = 0.96  # of a line; letters are hinted when they are drawn, and a little wider


@dataclass(frozen=True)
class Words:
    """Lines of text."""

    content: Content

    least = 3.0

    def height(self, width: float, asked: float) -> float:
        """As many lines as there are."""
        del asked
        return LINE * 1.1 * max(len(self._lines(width)), 1) + 0.04

    def draw(self, page: Page, box: Box, gid: str) -> None:
        """Write it; the gid of a line is `GID text NUMBER`."""
        for number, (line, heading) in enumerate(self._lines(box.w)):
            y = box.y + LINE * 1.1 * (number + 0.5)
            size = _HEADING_SIZE if heading else _SIZE
            write(page.sheet, (box.x, y), line, size=size, bold=heading, room=box.w, gid=f"{gid} text {number}")

    def _lines(self, room: float) -> list[tuple[str, bool]]:
        options = self.content.panel.options
        text = drawable(self.content.text(string(options.get("content"))))
        found: list[tuple[str, bool]] = []
        for line in plain(text).splitlines():
            heading = bool(_HEADING.match(line))
            shown = _ITEM.sub("• ", _HEADING.sub("", line), count=1) if not heading else _HEADING.sub("", line)
            found.extend(
                (part, heading) for part in wrap(shown, room * _FILLED, _HEADING_SIZE * 1.15 if heading else _SIZE)
            )
        lines = [one for one in found if one[0].strip()]
        return lines[:_LONGEST]


def plain(text: str) -> str:
    """Markdown or HTML without its marks; headings and items of lists keep theirs."""
    text = _BREAK.sub("\n", _UNSHOWN.sub("", text))
    text = re.sub(r"<h\d[^<>]*>", "\n# ", text, flags=re.IGNORECASE)
    text = re.sub(r"<li[^<>]*>", "\n- ", text, flags=re.IGNORECASE)
    text = unescape(_TAG.sub("", text))
    return _MARKS.sub("", _LINK.sub(r"\1", text))


@dataclass(frozen=True)
class Notice:
    """What is said where there is no picture."""

    lines: tuple[str, ...]
    colour: str = GREY

    least = 1.4

    def height(self, width: float, asked: float) -> float:
        """As many lines as there are; not as high as the grid has it, since there is nothing to see."""
        return max(LINE * len(self._lines(width)) + 0.08, min(asked, 0.5))

    def draw(self, page: Page, box: Box, gid: str) -> None:
        """Write it; the gid of a line is `GID notice NUMBER`."""
        lines = self._lines(box.w)
        top = box.y + max((box.h - LINE * len(lines)) / 2, 0)
        for number, line in enumerate(lines):
            at = (box.x + box.w / 2, top + LINE * (number + 0.5))
            write(page.sheet, at, line, size=SMALL, colour=self.colour, align="center", gid=f"{gid} notice {number}")

    def _lines(self, room: float) -> list[str]:
        return [part for line in self.lines for part in wrap(drawable(line), room - 0.1, SMALL)][:_LONGEST]
