"""The values that a variable may have: picked out of the answer to its query, and sorted."""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

_REGEX = re.compile(r"/(.*)/([a-z]*)", re.DOTALL)
_NUMBER = re.compile(r"\d+(?:\.\d+)?")
_JAVASCRIPT_GROUP = re.compile(r"\(\?<(?![=!])")


@dataclass(frozen=True, init=False)
class Option:
    """A value that may be chosen, and how it is shown."""

    value: str
    text: str

    def __init__(self, value: str, text: str = "") -> None:
        object.__setattr__(self, "value", value)
        object.__setattr__(self, "text", text or value)


def options(answers: Iterable[str], regex: str = "") -> list[Option]:
    """What is chosen from, each once: the answers that the expression matches, or what its first group takes of them.

    Groups named `text` and `value` tell the two apart. An expression that cannot be read takes everything, since it
    may use what JavaScript's have and Python's do not.
    """
    pattern = _compiled(regex)
    if pattern is None:
        return [Option(one) for one in dict.fromkeys(answers)]
    found = [_picked(match) for one in answers if (match := pattern.search(one))]
    return list(dict.fromkeys(found))


def sort(found: list[Option], how: int) -> list[Option]:
    """The options in one of Grafana's orders.

    1 and 2 are by letters, 3 and 4 by number, 5 and 6 by letters of either case, 7 and 8 by the numbers within; the
    even ones are backwards, and 0 is as they came.
    """
    key = _KEYS.get((how + 1) // 2)
    return found if key is None else sorted(found, key=lambda one: key(one.text), reverse=how % 2 == 0)


def _compiled(regex: str) -> re.Pattern[str] | None:
    if not regex:
        return None
    match = _REGEX.fullmatch(regex.strip())
    pattern, flags = (match[1], match[2]) if match else (regex, "")
    try:
        return re.compile(_JAVASCRIPT_GROUP.sub("(?P<", pattern), re.IGNORECASE if "i" in flags else 0)
    except re.error:
        return None


def _picked(match: re.Match[str]) -> Option:
    named = match.groupdict()
    if named.get("value") or named.get("text"):
        value = named.get("value") or named.get("text") or ""
        return Option(value, named.get("text") or value)
    first = next((group for group in match.groups() if group is not None), None)
    return Option(match.string if first is None else first)


def _number(text: str) -> tuple[float, str]:
    match = _NUMBER.search(text)
    return (float(match[0]) if match else float("-inf"), text)


def _natural(text: str) -> tuple[tuple[int, float, str], ...]:
    parts = re.split(r"(\d+)", text.lower())
    return tuple((0, float(part), "") if part.isdecimal() else (1, 0.0, part) for part in parts if part)


_KEYS: Mapping[int, Callable[[str], tuple[object, ...]]] = MappingProxyType(
    {
        1: lambda text: (text,),
        2: _number,
        3: lambda text: (text.lower(),),
        4: _natural,
    }
)
