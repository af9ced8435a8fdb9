"""Fields that CloudWatch discovers in an event whose text is a JSON object.

The rules are those of "Supported logs and discovered fields" in the CloudWatch Logs User Guide: names are flattened
with dots, elements of arrays are named by their place, a name that begins with `@` gets one more, and at most 200
fields are taken from an event. Text in JSON stays text: Fluent Bit's `log` is one field, whatever it says.

What the guide leaves open, and what is chosen here: the first of two fields of one name counts (`{"a.b": 1, "a": {"b":
2}}`), but of two equal keys in one object the last; null, an empty object and an empty array are no field; a boolean is
1 or 0; a whole number has no decimals, any other number is written as short as it reads back; a name has at most 1,000
characters, and what has a longer one is no field.
"""

from collections.abc import Iterable, Iterator

import orjson

MOST_FIELDS = 200
_LONGEST_NAME = 1000
_WHOLE = 1e18  # numbers from here on are written with an exponent


def discover(message: str) -> dict[str, str]:
    """The fields of an event by their flattened names; none when its text is no JSON object."""
    if not message.lstrip().startswith("{"):
        return {}
    try:
        parsed = orjson.loads(message)
    except orjson.JSONDecodeError:
        return {}
    fields: dict[str, str] = {}
    for name, value in _leaves(parsed):
        fields.setdefault("@" + name if name.startswith("@") else name, value)
        if len(fields) == MOST_FIELDS:
            break
    return fields


def number_text(number: float) -> str:
    """A number as CloudWatch shows it."""
    whole = abs(number) < _WHOLE and number == int(number)
    return str(int(number)) if whole else repr(number)


def _leaves(parsed: dict[str, object]) -> Iterator[tuple[str, str]]:
    """Flattened names and values in the order of the text; without recursion, for JSON may be nested deeply."""
    path: list[tuple[str, Iterator[tuple[object, object]]]] = [("", _members(parsed))]
    while path:
        prefix, members = path[-1]
        for key, value in members:
            name = f"{prefix}{key}"
            if len(name) > _LONGEST_NAME:
                continue
            if isinstance(value, str):
                yield name, value
            elif isinstance(value, dict | list):
                path.append((f"{name}.", _members(value)))
                break
            elif isinstance(value, int):  # and booleans
                yield name, str(int(value))
            elif isinstance(value, float):
                yield name, number_text(value)
        else:
            path.pop()


def _members(value: dict[str, object] | list[object]) -> Iterator[tuple[object, object]]:
    members: Iterable[tuple[object, object]] = value.items() if isinstance(value, dict) else enumerate(value)
    return iter(members)
