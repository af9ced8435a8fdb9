"""Members of a request of the Logs API, with the limits that its model states.

Source of names and limits: botocore's `logs/2014-03-28/service-2`. The texts of errors follow AWS's.
"""

import re
from collections.abc import Collection, Mapping, Sequence
from typing import Any, Final

from refapp.backends.cloudwatch.errors import InvalidParameter

Request = Mapping[str, Any]

GROUP_NAME: Final = r"[\.\-_/#A-Za-z0-9]+"
STREAM_NAME: Final = r"[^:*]*"
IDENTIFIER: Final = r"[\w#+=/:,.@-]*"

LONGEST_NAME: Final = 512
LONGEST_IDENTIFIER: Final = 2048
PAGE: Final = 50
"""Items on a page of most lists."""

_SHOWN = 100  # characters of a value in an error


def invalid(name: str, value: object, constraint: str) -> InvalidParameter:
    """The error about a member's value."""
    shown = str(value)
    shown = shown if len(shown) <= _SHOWN else f"{shown[:_SHOWN]}..."
    return InvalidParameter(
        f"1 validation error detected: Value '{shown}' at '{name}' failed to satisfy constraint: {constraint}"
    )


def check_members(request: Request, known: Collection[str]) -> None:
    """Refuse a request that has a member which would have no effect here; one that is false asks for nothing.

    Raises:
        InvalidParameter: it has; the text names it.
    """
    if unknown := sorted(name for name in request if name not in known and request[name] not in (None, False)):
        raise InvalidParameter(f"{', '.join(unknown)}: not supported by this endpoint")


def text(request: Request, name: str, *, shortest: int = 1, longest: int = LONGEST_NAME, pattern: str = "") -> str:
    """A text that has to be there.

    Raises:
        InvalidParameter: it is missing, no text, too short, too long, or not of the pattern.
    """
    value = optional_text(request, name, shortest=shortest, longest=longest, pattern=pattern)
    if value is None:
        raise invalid(name, "null", "Member must not be null")
    return value


def optional_text(
    request: Request, name: str, *, shortest: int = 1, longest: int = LONGEST_NAME, pattern: str = ""
) -> str | None:
    """A text, or None when it is not given.

    Raises:
        InvalidParameter: it is no text, too short, too long, or not of the pattern.
    """
    value = request.get(name)
    return None if value is None else check_text(name, value, shortest=shortest, longest=longest, pattern=pattern)


def check_text(name: str, value: object, *, shortest: int = 1, longest: int = LONGEST_NAME, pattern: str = "") -> str:
    """A value that has to be a text.

    Raises:
        InvalidParameter: it is none, too short, too long, or not of the pattern.
    """
    if not isinstance(value, str):
        raise invalid(name, value, "Member must be a string")
    if len(value) < shortest:
        raise invalid(name, value, f"Member must have length greater than or equal to {shortest}")
    if len(value) > longest:
        raise invalid(name, value, f"Member must have length less than or equal to {longest}")
    if pattern and not re.fullmatch(pattern, value):
        raise invalid(name, value, f"Member must satisfy regular expression pattern: {pattern}")
    return value


def group_name(request: Request) -> str:
    """The name of a log group.

    Raises:
        InvalidParameter: it is missing, or none.
    """
    return text(request, "logGroupName", pattern=GROUP_NAME)


def stream_name(request: Request) -> str:
    """The name of a log stream.

    Raises:
        InvalidParameter: it is missing, or none.
    """
    return text(request, "logStreamName", pattern=STREAM_NAME)


def whole(request: Request, name: str, *, least: int = 0, most: int = 2**63 - 1) -> int | None:
    """A whole number, or None when it is not given.

    Raises:
        InvalidParameter: it is none, or out of its range.
    """
    value = request.get(name)
    if value is None:
        return None
    if not isinstance(value, int) or isinstance(value, bool):
        raise invalid(name, value, "Member must be a whole number")
    if value < least:
        raise invalid(name, value, f"Member must have value greater than or equal to {least}")
    if value > most:
        raise invalid(name, value, f"Member must have value less than or equal to {most}")
    return value


def flag(request: Request, name: str, *, default: bool) -> bool:
    """True or false; the default when it is not given.

    Raises:
        InvalidParameter: it is something else.
    """
    value = request.get(name)
    if value is None:
        return default
    if not isinstance(value, bool):
        raise invalid(name, value, "Member must be true or false")
    return value


def choice(request: Request, name: str, choices: Sequence[str]) -> str | None:
    """One of some texts, or None when it is not given.

    Raises:
        InvalidParameter: it is another.
    """
    value = request.get(name)
    if value is not None and value not in choices:
        raise invalid(name, value, f"Member must satisfy enum value set: [{', '.join(choices)}]")
    return value


def texts(request: Request, name: str, *, most: int, pattern: str = "") -> list[str] | None:
    """A list of texts with at least one, or None when it is not given.

    Raises:
        InvalidParameter: it is none, too long, or one of the texts is wrong.
    """
    value = request.get(name)
    if value is None:
        return None
    if not isinstance(value, list) or not 1 <= len(value) <= most:
        raise invalid(name, value, f"Member must be a list of 1 to {most} strings")
    return [check_text(name, item, longest=LONGEST_IDENTIFIER, pattern=pattern) for item in value]


def tags(request: Request, name: str = "tags") -> dict[str, str] | None:
    """Tags: at most 50 keys of 1 to 128 characters, with values of at most 256; None when they are not given.

    Raises:
        InvalidParameter: they are something else.
    """
    value = request.get(name)
    if value is None:
        return None
    if not isinstance(value, dict) or not 1 <= len(value) <= PAGE:
        raise invalid(name, value, f"Member must have 1 to {PAGE} entries")
    for key, content in value.items():
        check_text(f"{name}.key", key, longest=128)
        check_text(f"{name}.value", content, shortest=0, longest=256)
    return value
