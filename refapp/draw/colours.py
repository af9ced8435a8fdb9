"""Which colour a service has in figures."""

from collections.abc import Iterable

from matplotlib.colors import to_hex, to_rgb

from refapp.draw.style import BLUE, GREEN, PURPLE

# Okabe and Ito's without vermilion, which stands for errors, and black, which is the critical path; then some of
# Tol's muted ones: https://sronpersonalpages.nl/~pault/
_PALETTE = (
    BLUE,
    "#e69f00",
    GREEN,
    "#cc79a7",
    "#56b4e9",
    "#999933",
    "#332288",
    PURPLE,
    "#44aa99",
    "#882255",
    "#b8a500",
    "#117733",
)
_PALER = 0.45  # what is left of a colour that is used a second time


def service_colours(services: Iterable[str]) -> dict[str, str]:
    """A colour for each service, in the order in which they first appear.

    There are twelve; after them they come again, paler, so that colours alone tell 24 services apart.
    """
    names = dict.fromkeys(services)
    return {name: _colour(place) for place, name in enumerate(names)}


def tint(colour: str, share: float) -> str:
    """The colour mixed with white; `share` of 1 leaves it as it is, 0 is white."""
    red, green, blue = (1 - share * (1 - channel) for channel in to_rgb(colour))
    return to_hex((red, green, blue))


def _colour(place: int) -> str:
    turn, number = divmod(place, len(_PALETTE))
    return tint(_PALETTE[number], _PALER) if turn % 2 else _PALETTE[number]
