"""Data frames as tables of the book."""

from typing import TYPE_CHECKING

import pandas as pd
from pandas.api.types import is_numeric_dtype
from pandas.io.formats.style import Styler

if TYPE_CHECKING:
    from pandas.io.formats.style_render import CSSDict, CSSProperties

# Names of pods, times and sentences' beginnings: a browser would break a shorter one at its hyphens.
_UNBROKEN = 32


def table(frame: pd.DataFrame, *, digits: int | None = None) -> Styler:
    """The columns without the index, texts to the left, numbers to the right with so many digits after the point."""
    texts = [name for name in frame.columns if not is_numeric_dtype(frame[name])]
    styles: dict[object, list[CSSDict]] = {name: [_rule(frame[name])] for name in texts}
    shown = frame.style.hide(axis="index").format(precision=digits, thousands=",")
    return shown.set_table_attributes('class="dataframe"').set_table_styles(styles)


def _rule(texts: "pd.Series[str]") -> "CSSDict":
    properties: CSSProperties = [("text-align", "left")]
    if texts.astype(str).str.len().max() <= _UNBROKEN:
        properties = [*properties, ("white-space", "nowrap")]
    return {"selector": "", "props": properties}
