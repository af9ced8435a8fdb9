"""From which value on something is good, or bad: the thresholds of a field.

https://grafana.com/docs/grafana/latest/panels-visualizations/configure-thresholds/
"""

from collections.abc import Iterable
from dataclasses import dataclass

from refapp.draw.dashboards.colours import colour
from refapp.draw.dashboards.values import mapping, mappings, number, string


@dataclass(frozen=True)
class Step:
    """From a value on, which may be minus infinity, this colour holds."""

    start: float
    colour: str


@dataclass(frozen=True, kw_only=True)
class Thresholds:
    """Steps from the lowest to the highest; where they are per cent, those of the way from minimum to maximum."""

    steps: tuple[Step, ...] = ()
    relative: bool = False

    def colour(self, value: float, low: float = 0, high: float = 100) -> str | None:
        """The colour that holds for the value; None without a step."""
        reached = [step.colour for step in self.at(low, high) if value >= step.start]
        if reached:
            return reached[-1]
        return self.steps[0].colour if self.steps else None

    def at(self, low: float, high: float) -> tuple[Step, ...]:
        """The steps as values, which a minimum and a maximum turn percentages into."""
        if not self.relative:
            return self.steps
        return tuple(Step(low + (high - low) * step.start / 100, step.colour) for step in self.steps)


def thresholds(value: object) -> Thresholds:
    """The thresholds of a field's configuration: `mode` and `steps`."""
    given = mapping(value)
    return Thresholds(steps=_ordered(mappings(given.get("steps"))), relative=given.get("mode") == "percentage")


def _ordered(steps: Iterable[dict[str, object]]) -> tuple[Step, ...]:
    found = []
    for step in steps:
        start = number(step.get("value"))
        found.append(Step(float("-inf") if start is None else start, colour(string(step.get("color"), "green"))))
    return tuple(sorted(found, key=lambda step: step.start))
