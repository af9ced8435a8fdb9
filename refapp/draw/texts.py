"""Texts of figures: how wide they are, how they are shortened, and how numbers are written."""

import re
from collections.abc import Iterable
from datetime import UTC, datetime
from functools import lru_cache

from matplotlib.font_manager import FontProperties
from matplotlib.textpath import text_to_path

_PARTS = re.compile(r"[^/.,;:|~?&=-]+[/.,;:|~?&=-]*|[/.,;:|~?&=-]+")
_POINTS = 72  # to an inch
_UNITS = ((1_000_000, "s"), (1_000, "ms"), (1, "µs"))


@lru_cache(maxsize=4096)
def width(text: str, size: float, *, bold: bool = False, mono: bool = False) -> float:
    """How wide a line of text is, in inches, at a size in points."""
    font = FontProperties(family="monospace" if mono else "sans-serif", weight="bold" if bold else "normal", size=size)
    measured, _, _ = text_to_path.get_text_width_height_descent(text, font, ismath=False)
    return float(measured) / _POINTS


def shorten(text: str, room: float, size: float, *, bold: bool = False, mono: bool = False) -> str:
    """As much of a text as fits into so many inches, with an ellipsis where something is left out."""
    if width(text, size, bold=bold, mono=mono) <= room:
        return text
    low, high = 0, len(text)  # the number of letters that fit lies between
    while low < high:
        middle = (low + high + 1) // 2
        if width(text[:middle].rstrip() + "…", size, bold=bold, mono=mono) <= room:
            low = middle
        else:
            high = middle - 1
    return text[:low].rstrip() + "…" if low else ""


def wrap(text: str, room: float, size: float, *, mono: bool = False) -> list[str]:
    """The text in lines of at most so many inches; words are broken only when they are longer than a line."""
    lines = [""]
    for word in text.split(" "):
        joined = f"{lines[-1]} {word}" if lines[-1] else word
        if width(joined, size, mono=mono) <= room:
            lines[-1] = joined
            continue
        lines.extend(_pieces(word, room, size, mono=mono))
    return [line for line in lines if line] or [""]


def duration(microseconds: float) -> str:
    """A duration in the largest unit of which there is at least one, rounded to two digits after the point.

    So does Jaeger: 8.12 ms, 950 µs, 1.5 s.
    """
    size, name = unit(microseconds)
    return f"{_number(microseconds / size)} {name}"


def unit(microseconds: float) -> tuple[int, str]:
    """The largest unit of which there is at least one: how many microseconds it has, and its name."""
    return next((found for found in _UNITS if abs(microseconds) >= found[0]), _UNITS[-1])


def moment(microseconds: int, layout: str = "%Y-%m-%d %H:%M:%S.%f") -> str:
    """A time since 1970, in UTC, with milliseconds."""
    text = datetime.fromtimestamp(microseconds / 1e6, UTC).strftime(layout)
    return text[:-3] if layout.endswith("%f") else text


def counted(number: int, thing: str) -> str:
    """The number and the thing, in the plural where there is not exactly one."""
    return f"{number:,} {thing}" if number == 1 else f"{number:,} {thing}s"


def short_names(services: Iterable[str]) -> dict[str, str]:
    """The name to show for each service: without its namespace, when all are of the same one.

    Istio names a component `service-a.dev`: after the workload the namespace.
    """
    names = list(dict.fromkeys(services))
    ends = {name.rpartition(".")[2] if "." in name else "" for name in names}
    heads = [name.rpartition(".")[0] for name in names]
    shared = len(ends) == 1 and "" not in ends and all(heads)
    return dict(zip(names, heads, strict=True)) if shared else {name: name for name in names}


def _number(value: float) -> str:
    return f"{value:,.2f}".rstrip("0").rstrip(".")


def _pieces(word: str, room: float, size: float, *, mono: bool) -> list[str]:
    """A word in pieces that fit: broken after a sign where there is one, else wherever the room ends."""
    pieces = [""]
    for part in _PARTS.findall(word):
        if width(pieces[-1] + part, size, mono=mono) <= room:
            pieces[-1] += part
            continue
        pieces.append("")
        for letter in part:
            if pieces[-1] and width(pieces[-1] + letter, size, mono=mono) > room:
                pieces.append("")
            pieces[-1] += letter
    return [piece for piece in pieces if piece]
