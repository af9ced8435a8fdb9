"""Requests against the service's model: what has to be there, lengths, ranges, patterns and enumerations.

Source of the wording: what CloudWatch answers, such as `1 validation error detected: Value 'INVALID' at 'stateValue'
failed to satisfy constraint: Member must satisfy enum value set: [INSUFFICIENT_DATA, ALARM, OK]`.
"""

import re
from collections.abc import Iterator
from datetime import datetime
from typing import Any, Final

from moto.core.model import ListShape, Shape, StructureShape

from refapp.backends.cloudwatch.metrics.errors import ValidationError

_TYPES: Final[dict[str, Any]] = {  # types, or several of them
    "string": str,
    "integer": int,
    "long": int,
    "float": (int, float),
    "double": (int, float),
    "boolean": bool,
    "timestamp": datetime,
    "list": list,
    "structure": dict,
    "map": dict,
}
_SHOWN = 100  # characters of a value that a message repeats


def check(shape: Shape | None, request: dict[str, Any]) -> None:
    """That a request is what its shape says.

    Raises:
        ValidationError: it is not; the message lists everything in it that is not.
    """
    found = list(_violations(shape, request, "")) if shape is not None else []
    if found:
        errors = "error" if len(found) == 1 else "errors"
        raise ValidationError(f"{len(found)} validation {errors} detected: {'; '.join(found)}")


def _violations(shape: Shape, value: Any, path: str) -> Iterator[str]:
    kind = _TYPES.get(shape.type_name, object)
    if not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool):
        yield _violation(value, path, f"Member must be of type {shape.type_name}")
    elif isinstance(shape, StructureShape):
        for name in shape.required_members:
            if value.get(name) is None:
                yield _violation(None, _below(path, name), "Member must not be null")
        for name, member in shape.members.items():
            if value.get(name) is not None:
                yield from _violations(member, value[name], _below(path, name))
    else:
        yield from _own_violations(shape, value, path)
        if isinstance(shape, ListShape) and isinstance(shape.member, Shape):
            for no, item in enumerate(value, 1):
                yield from _violations(shape.member, item, f"{path}.{no}.member")


def _own_violations(shape: Shape, value: Any, path: str) -> Iterator[str]:
    rules = shape.metadata
    if allowed := rules.get("enum"):
        if value not in allowed:
            yield _violation(value, path, f"Member must satisfy enum value set: [{', '.join(allowed)}]")
        return
    size, what = (value, "value") if isinstance(value, int | float) else (_length(value), "length")
    if size is not None and size < rules.get("min", size):
        yield _violation(value, path, f"Member must have {what} greater than or equal to {rules['min']}")
    if size is not None and size > rules.get("max", size):
        yield _violation(value, path, f"Member must have {what} less than or equal to {rules['max']}")
    if "pattern" in rules and isinstance(value, str) and not re.fullmatch(rules["pattern"], value, re.DOTALL):
        yield _violation(value, path, f"Member must satisfy regular expression pattern: {rules['pattern']}")


def _length(value: Any) -> int | None:
    return len(value) if isinstance(value, str | list | dict) else None


def _violation(value: Any, path: str, constraint: str) -> str:
    shown = "null" if value is None else f"'{str(value)[:_SHOWN]}'"
    return f"Value {shown} at '{path}' failed to satisfy constraint: {constraint}"


def _below(path: str, name: str) -> str:
    return f"{path}.{name[:1].lower()}{name[1:]}".lstrip(".")
