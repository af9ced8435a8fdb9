"""Colours of dashboards: Grafana's names for them, and those of series."""

import colorsys
import re
from collections.abc import Iterable, Mapping
from itertools import chain, cycle
from types import MappingProxyType

from matplotlib.colors import is_color_like, to_hex, to_rgb

from refapp.draw.colours import service_colours, tint
from refapp.draw.style import BLUE, GREEN, GREY, INK, PURPLE, VERMILION

ORANGE = "#b86e00"
YELLOW = "#8a7a00"
# Dark enough to be read as letters on white.
_NAMED = MappingProxyType(
    {
        "green": GREEN,
        "red": VERMILION,
        "orange": ORANGE,
        "yellow": YELLOW,
        "blue": BLUE,
        "purple": PURPLE,
        "text": INK,
        "transparent": GREY,
        "white": GREY,
        "black": INK,
        "gray": GREY,
        "grey": GREY,
    }
)
_SHADES = MappingProxyType({"super-light": 1.3, "light": 1.15, "semi-dark": 0.85, "dark": 0.7})
_RGB = re.compile(r"rgba?\(\s*(\d+)\s*,\s*(\d+)\s*,\s*(\d+)\s*(?:,\s*[\d.]+\s*)?\)")
_PURE = 0.25  # saturation from which on a colour is one, and not a grey
# What Grafana's greens, reds and so on stand for, whatever their exact shade: the end of the hues, in degrees.
_HUES = ((20, VERMILION), (42, ORANGE), (70, YELLOW), (170, GREEN), (255, BLUE), (325, PURPLE), (360, VERMILION))
_SERIES_COLOURS = 24  # that can be told apart
_BRIGHT = 0.45  # luminance above which letters on the colour are dark


def colour(name: str) -> str:
    """A colour that a dashboard names, as the book has it.

    A name such as `semi-dark-green` is a shade of the style's colour. A number such as `#d44a3a` or
    `rgba(50, 172, 45, 0.97)` becomes the style's colour of that hue: what is red in Grafana stands for something bad,
    and so does vermilion here.
    """
    name = name.strip()
    for shade, factor in _SHADES.items():
        if name.startswith(f"{shade}-") and (base := _NAMED.get(name.removeprefix(f"{shade}-"))):
            return _shade(base, factor)
    if name in _NAMED:
        return _NAMED[name]
    if match := _RGB.fullmatch(name):
        return _nearest(tuple(min(int(part), 255) / 255 for part in match.groups()))
    return _nearest(to_rgb(name)) if is_color_like(name) else GREY


def on(ground: str) -> str:
    """The colour of letters on that ground: dark on a bright one, white on a dark one."""
    red, green, blue = (_linear(channel) for channel in to_rgb(ground))
    return INK if 0.2126 * red + 0.7152 * green + 0.0722 * blue > _BRIGHT else "white"


_SERIES = tuple(service_colours(map(str, range(_SERIES_COLOURS))).values())


class SeriesColours:
    """Which colour a series has: the same in all panels of a dashboard, as long as no two of a panel get the same.

    There are 24; of more series in a panel some share theirs.
    """

    def __init__(self) -> None:
        self._known: dict[str, str] = {}

    def of(self, names: Iterable[str]) -> dict[str, str]:
        """A colour for each series of a panel."""
        wanted = list(dict.fromkeys(names))
        known = {name: self._known[name] for name in wanted if name in self._known}
        taken: set[str] = set()
        kept = {name: one for name, one in known.items() if not (one in taken or taken.add(one))}  # type: ignore[func-returns-value]
        free = chain((one for one in _SERIES if one not in taken), cycle(_SERIES))
        found = {name: kept.get(name) or next(free) for name in wanted}
        self._known = {**found, **self._known}
        return found


def pale(name: str, share: float) -> str:
    """A colour mixed with white: `share` of 1 leaves it as it is."""
    return tint(name, share)


def _shade(base: str, factor: float) -> str:
    if factor > 1:
        return tint(base, 2 - factor)
    red, green, blue = (channel * factor for channel in to_rgb(base))
    return to_hex((red, green, blue))


def _nearest(rgb: tuple[float, ...]) -> str:
    hue, saturation, _ = colorsys.rgb_to_hsv(*rgb)
    if saturation < _PURE:
        return GREY
    return next(found for end, found in _HUES if hue * 360 <= end)


def _linear(channel: float) -> float:
    """https://www.w3.org/TR/WCAG21/#dfn-relative-luminance."""
    return channel / 12.92 if channel <= 0.04045 else ((channel + 0.055) / 1.055) ** 2.4  # noqa: PLR2004 (the formula's)


NAMED: Mapping[str, str] = _NAMED
