"""What the pictures of panels have in common: the page they are drawn on, and what they are made from."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Protocol

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure  # noqa: TC002 (a class attribute has it)

from refapp.draw.dashboards.colours import SeriesColours
from refapp.draw.dashboards.documents import Panel
from refapp.draw.dashboards.fields import Field, Fields
from refapp.draw.dashboards.frames import Column, Frame, Kind
from refapp.draw.dashboards.interpolation import Chosen, interpolate, shown
from refapp.draw.dashboards.layout import Box
from refapp.draw.dashboards.queries import Data
from refapp.draw.sheet import sheet
from refapp.draw.style import WIDTH
from refapp.draw.texts import width

SMALL = 8.0
"""Points; the smallest letters of a dashboard."""

LINE = 0.15
"""Inches from one line of small letters to the next."""


class Page:
    """A figure of the book's width, measured in inches from its upper left corner."""

    def __init__(self, height: float, colours: SeriesColours | None = None) -> None:
        self.height = height
        self.figure: Figure
        self.sheet: Axes
        self.figure, self.sheet = sheet(height)
        self.colours = colours or SeriesColours()

    def axes(self, box: Box, gid: str, *, zorder: float = 3) -> Axes:
        """Axes that fill a box, without ticks or spines."""
        place = (box.x / WIDTH, 1 - box.bottom / self.height, box.w / WIDTH, box.h / self.height)
        axes = self.figure.add_axes(place, gid=gid, zorder=zorder)
        axes.patch.set_visible(False)
        axes.spines[:].set_visible(False)
        axes.tick_params(length=0, pad=2, labelsize=SMALL)
        axes.grid(visible=False)
        axes.set(xticks=[], yticks=[])
        return axes


@dataclass(frozen=True, kw_only=True)
class Shown:
    """A column of numbers that a picture shows: what it is called and how it is configured."""

    column: Column
    frame: Frame
    field: Field
    name: str


@dataclass(frozen=True, kw_only=True)
class Content:
    """A panel with what its queries returned."""

    panel: Panel
    data: Data
    chosen: Mapping[str, Chosen] = field(default_factory=dict)

    @cached_property
    def fields(self) -> Fields:
        """The configuration of its columns."""
        return Fields(defaults=self.panel.fields, overrides=self.panel.overrides)

    @cached_property
    def numbers(self) -> tuple[Shown, ...]:
        """The columns of numbers that are not hidden."""
        return tuple(self._numbers())

    def _numbers(self) -> Iterator[Shown]:
        for frame in self.data.frames:
            for column in frame.of(Kind.NUMBER):
                configured = self.fields.of(column, frame)
                if not configured.hidden():
                    name = self.fields.named(column, frame)
                    yield Shown(column=column, frame=frame, field=configured, name=name)

    def text(self, template: str) -> str:
        """A text of the panel with its variables replaced."""
        return interpolate(template, {**self.chosen, **self.panel.scope}, shown)

    @property
    def empty(self) -> bool:
        """Whether there is no number at all."""
        return not any(np.isfinite(one.column.values).any() for one in self.numbers)


class Picture(Protocol):
    """How one panel is drawn, below its title."""

    @property
    def least(self) -> float:
        """The least width that it can be read in, in inches."""

    def height(self, width: float, asked: float) -> float:
        """The height that it takes at that width, in inches, where the grid has `asked` for it."""

    def draw(self, page: Page, box: Box, gid: str) -> None:
        """Draw it into that box; what can be told apart has a gid that begins with `gid`."""


def wrapped(text: str, room: float, size: float, *, most: int) -> list[str]:
    """Bold letters in at most so many lines; the last one may be too long for the room."""
    lines: list[str] = []
    for word in text.split():
        joined = f"{lines[-1]} {word}" if lines else word
        if lines and (len(lines) == most or width(joined, size, bold=True) <= room):
            lines[-1] = joined
        else:
            lines.append(word)
    return lines


def names_of(found: Sequence[Shown]) -> list[str]:
    """What the columns are called; what is called alike is told apart by its number."""
    names: list[str] = []
    for one in found:
        name, count = one.name, 2
        while name in names:
            name, count = f"{one.name} {count}", count + 1
        names.append(name)
    return names
