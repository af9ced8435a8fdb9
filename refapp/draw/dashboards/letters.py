"""Which letters can be drawn: dashboards have emoji in their titles and legends, and the font has none of them."""

from collections.abc import Mapping
from functools import cache
from typing import Any

from matplotlib.font_manager import FontProperties, findfont, get_font

# What is asked, not shown.
_KEPT = frozenset({"expr", "query", "regex", "definition", "name", "allValue", "datasource", "value"})


@cache
def _known() -> frozenset[int]:
    return frozenset(get_font(findfont(FontProperties(family=["sans-serif"]))).get_charmap())


def drawable(text: str) -> str:
    """The text without letters that the font does not have; ends of lines stay, and tabs are spaces."""
    if text.isascii() and text.isprintable():
        return text
    known = _known()
    shown = text.replace("\t", "    ")
    return "".join(one for one in shown if one == "\n" or (ord(one) in known and one.isprintable()))


def cleaned(document: Any) -> Any:
    """A document with all its texts drawable but those that are asked, such as `expr`."""
    if isinstance(document, str):
        return drawable(document)
    if isinstance(document, list):
        return [cleaned(one) for one in document]
    if isinstance(document, Mapping):
        return {key: value if key in _KEPT else cleaned(value) for key, value in document.items()}
    return document
