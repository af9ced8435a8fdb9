"""Values of a JSON document that somebody else wrote: what is not of the type that is asked for counts as absent."""

from typing import Any

_LARGEST = 1e100  # beyond that doubles overflow when they are added


def mapping(value: object) -> dict[str, Any]:
    """The value if it is an object, else an empty one."""
    return value if isinstance(value, dict) else {}


def items(value: object) -> list[Any]:
    """The value if it is an array, else an empty one."""
    return value if isinstance(value, list) else []


def mappings(value: object) -> list[dict[str, Any]]:
    """The objects of an array."""
    return [item for item in items(value) if isinstance(item, dict)]


def string(value: object, default: str = "") -> str:
    """The value if it is a text or a number that can stand for one."""
    if isinstance(value, str):
        return value
    return str(value) if isinstance(value, int | float) and not isinstance(value, bool) else default


def number(value: object) -> float | None:
    """The value if it is a number, also one written as a text, as Grafana's older documents have them."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        found = float(value)
    except (ValueError, OverflowError):
        return None
    return found if abs(found) <= _LARGEST else None


def whole(value: object, *, low: int, high: int, default: int) -> int:
    """The value as a whole number within bounds."""
    found = number(value)
    return default if found is None else int(min(max(found, low), high))


def strings(value: object) -> list[str]:
    """The texts of an array, or the text alone."""
    if isinstance(value, str):
        return [value]
    return [string(item) for item in items(value) if isinstance(item, str | int | float)]
