"""Series that stand on top of each other, as values or as shares of their sum."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from refapp.draw.dashboards.frames import Numbers  # noqa: TC001 (types are at hand everywhere)
from refapp.draw.dashboards.strokes import Stroke
from refapp.draw.dashboards.values import mapping, string


def stacked(strokes: Sequence[Stroke]) -> list[Stroke]:
    """The series in their order, each that is stacked above those of its group before it.

    What is negative is stacked downwards, apart from what is positive; a gap counts as nothing.
    """
    found = list(strokes)
    groups: dict[tuple[str, str, str], list[int]] = {}
    for number, one in enumerate(strokes):
        stacking = mapping(one.field.custom.get("stacking"))
        mode = string(stacking.get("mode"), "none")
        if mode in ("normal", "percent"):
            key = (mode, string(stacking.get("group")), string(one.field.custom.get("axisPlacement")))
            groups.setdefault(key, []).append(number)
    for (mode, _, _), members in groups.items():
        shortened = [number for number in members if len(strokes[number].times) == len(strokes[members[0]].times)]
        for number, one in zip(
            shortened, _stack([strokes[n] for n in shortened], percent=mode == "percent"), strict=True
        ):
            found[number] = one
    return found


def _stack(members: Sequence[Stroke], *, percent: bool) -> list[Stroke]:
    values = [np.nan_to_num(one.values) for one in members]
    whole = np.sum([np.abs(part) for part in values], axis=0)
    if percent:
        values = [np.divide(part, whole, out=np.zeros_like(part), where=whole > 0) for part in values]
    up: Numbers = np.zeros_like(values[0])
    down: Numbers = np.zeros_like(values[0])
    found = []
    for one, part in zip(members, values, strict=True):
        falls = bool((part < 0).any() and not (part > 0).any())
        base = down if falls else up
        top = base + part
        found.append(replace(one, base=base, top=top, percent=percent))
        if falls:
            down = top
        else:
            up = top
    return found
