"""The messages of events, written out as AWS's console does when a row is opened, in typewriter letters."""

import json
from collections.abc import Sequence

from matplotlib.axes import Axes

from refapp.draw.dashboards.letters import drawable
from refapp.draw.sheet import SMALL, write
from refapp.draw.style import INK
from refapp.draw.texts import width

LINES = 40
"""How many lines of a message are shown at most."""

_INDENT = 2
_UNKNOWN = "□"
_HINTED = 0.95  # a letter is drawn in whole pixels, and a little wider than measured


def written_out(message: str, room: float, most: int = LINES) -> list[str]:
    """A message in lines of at most so many inches: JSON with a line for each member, anything else as it is.

    A long line goes on below, a little to the right. What is beyond `most` lines is counted in the last one.
    """
    lines = [part for line in _lines(message) for part in folded(line, room)]
    if len(lines) <= most:
        return lines
    return [*lines[: most - 1], f"… and {len(lines) - most + 1} more lines"]


def folded(line: str, room: float) -> list[str]:
    """A line in as many as it needs, the others indented more than the first."""
    line, most = legible(line), letters(room)
    if len(line) <= most:
        return [line]
    indent = " " * (len(line) - len(line.lstrip()) + 2 * _INDENT)
    if len(indent) > most // 2:  # so deep that nothing would be left
        indent = ""
    parts = [line[:most]]
    rest, wide = line[most:], most - len(indent)
    return parts + [indent + rest[place : place + wide] for place in range(0, len(rest), wide)]


def legible(text: str) -> str:
    """The text in one line, with a box for each letter that no font has; tabs are spaces."""
    text = " ".join(text.replace("\t", "    ").splitlines())
    return text if text.isascii() and text.isprintable() else "".join(drawable(one) or _UNKNOWN for one in text)


def letters(room: float) -> int:
    """How many typewriter letters there is room for, in inches."""
    return max(int(room * _HINTED / (width("0" * 100, SMALL, mono=True) / 100)), 1)


def write_mono(
    axes: Axes, at: tuple[float, float], text: str, room: float, *, colour: str = INK, gid: str | None = None
) -> None:
    """A line of typewriter letters, cut off where the room ends; what that font has not is of another."""
    text, most = legible(text), letters(room)
    shown = text if len(text) <= most else text[: most - 1] + "…"
    drawn = write(axes, at, shown, size=SMALL, mono=True, colour=colour, gid=gid)
    drawn.set_fontfamily(["monospace", "sans-serif"])


def _lines(message: str) -> Sequence[str]:
    if message.lstrip().startswith(("{", "[")):
        try:
            value = json.loads(message)
        except (ValueError, RecursionError):
            return message.splitlines()
        return json.dumps(value, indent=_INDENT, ensure_ascii=False).splitlines()
    return message.splitlines() or [""]
