"""What a pod is burdened with on purpose, to see what notices it."""

from dataclasses import dataclass


class StressError(ValueError):
    """No such stress can be."""


@dataclass(frozen=True, kw_only=True)
class Stress:
    """Memory, in bytes, and CPU, in cores, that are used in a pod beside what it uses itself.

    Raises:
        StressError: a number is negative, or both are 0.
    """

    memory: int = 0
    cpus: float = 0.0

    def __post_init__(self) -> None:
        for name, value in (("memory", self.memory), ("cpus", self.cpus)):
            if not 0 <= value < float("inf"):
                raise StressError(f"{name} is {value}: it has to be 0 or more")
        if not self.memory and not self.cpus:
            raise StressError("a stress needs memory or cpus")
