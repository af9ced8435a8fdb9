"""What a series is called: by the template of its query, or by its labels."""

import re
from collections.abc import Mapping, Sequence

from refapp.draw.dashboards.letters import drawable

AUTO = "__auto"
_LABEL = re.compile(r"\{\{\s*(.+?)\s*\}\}")
_METRIC = "__name__"


def names(labels: Sequence[Mapping[str, str]], template: str, query: str) -> list[str]:
    """The name of each series of a query, in the order of their labels.

    A template is filled in with the labels; one that is missing is empty. Without a template the series is written
    as Prometheus does. `__auto` shows what tells the series apart: the value of the only label whose values differ,
    else all that do. A series without labels is called like its query.
    """
    return [drawable(name) for name in _names(labels, template, query)]


def _names(labels: Sequence[Mapping[str, str]], template: str, query: str) -> list[str]:
    if template == AUTO:
        return _telling(labels, query)
    if template:
        filled = [_LABEL.sub(lambda match, one=one: one.get(match[1], ""), template) for one in labels]  # type: ignore[misc]
        return [name if name.strip() else series(one) or query for name, one in zip(filled, labels, strict=True)]
    return [series(one) or query for one in labels]


def series(labels: Mapping[str, str]) -> str:
    """A series as Prometheus writes it; empty when it has no labels."""
    pairs = ", ".join(f'{name}="{value}"' for name, value in labels.items() if name != _METRIC)
    return f"{labels.get(_METRIC, '')}{{{pairs}}}" if pairs else labels.get(_METRIC, "")


def _telling(labels: Sequence[Mapping[str, str]], query: str) -> list[str]:
    keys = dict.fromkeys(key for one in labels for key in one)
    differing = [key for key in keys if len({one.get(key) for one in labels}) > 1]
    chosen = differing or [key for key in keys if key != _METRIC]
    if len(chosen) == 1:
        return [one.get(chosen[0], "") or series(one) or query for one in labels]
    kept = [{key: one[key] for key in (*chosen, _METRIC) if key in one} for one in labels]
    return [series(one) or query for one in kept]
