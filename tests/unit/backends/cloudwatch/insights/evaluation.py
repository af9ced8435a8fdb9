"""Values and expressions of the second engine (see `evaluator`).

A value is None (missing), a str, a float, a bool, a `Time`, or a `Structure`. An expression is a nested tuple.
"""
# ruff: noqa: C901, PLR0911, PLR0912 - a function here has a case for each kind of value or expression

import json
import math
import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import md5, sha256

DIGITS = "[0-9]+(_[0-9]+)*"
SPACE = " \t\n\v\f\r"
NUMBER = re.compile(rf"[{SPACE}]*\+?-?({DIGITS}(\.({DIGITS})?)?|\.{DIGITS})([eE][+-]?{DIGITS})?[{SPACE}]*")
UNITS = {"ms": 1, "s": 1000, "m": 60_000, "h": 3_600_000, "d": 86_400_000}
CAPS = {"ms": 1000, "s": 60, "m": 60, "h": 24}


@dataclass(frozen=True)
class Time:
    ms: int


@dataclass(frozen=True)
class Structure:
    json: object


def number_text(value):
    if not math.isfinite(value):
        return None
    return str(int(value)) if value == int(value) and abs(value) < 1e18 else repr(value)


def text(value):
    match value:
        case None | str():
            return value
        case bool():
            return str(int(value))
        case float():
            return number_text(value)
        case Time(ms):
            return (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=ms)).strftime(
                "%Y-%m-%d %H:%M:%S."
            ) + f"{ms % 1000:03}"
        case Structure(dict() | list() | None):
            return None
        case Structure(bool() as inner):
            return str(int(inner))
        case Structure(str() as inner):
            return inner
        case Structure(inner):
            return str(inner) if isinstance(inner, int) else number_text(inner)


def number(value):
    match value:
        case None:
            return None
        case bool() | float():
            return float(value)
        case Time(ms):
            return float(ms)
        case _:
            said = text(value)
            if said is None or not NUMBER.fullmatch(said):
                return None
            parsed = float(said.strip().removeprefix("+").replace("_", ""))
            return parsed if math.isfinite(parsed) else None


def holds(value):
    if isinstance(value, bool):
        return value
    parsed = number(value)
    return parsed is not None and parsed != 0


def compare(operator, left, right):
    left, right = (
        (number(left), number(right)) if None not in (number(left), number(right)) else (text(left), text(right))
    )
    if left is None or right is None:
        return False
    return {
        "=": left == right,
        "!=": left != right,
        "<": left < right,
        "<=": left <= right,
        ">": left > right,
        ">=": left >= right,
    }[operator]


def floor_time(ms, count, unit):
    length = min(count, CAPS.get(unit, count)) * UNITS[unit]
    return ms // length * length


def fields_of(message):
    """The fields that are discovered in a message."""
    try:
        parsed = json.loads(message)
    except ValueError:
        return {}
    found = {}

    def walk(value, name):
        match value:
            case dict():
                for key, inner in value.items():
                    walk(inner, f"{name}.{key}" if name is not None else key)
            case list():
                for place, inner in enumerate(value):
                    walk(inner, f"{name}.{place}")
            case None:
                pass
            case bool():
                found.setdefault(name, str(int(value)))
            case str():
                found.setdefault(name, value)
            case _:
                found.setdefault(name, number_text(float(value)) if isinstance(value, float) else str(value))

    if isinstance(parsed, dict):
        walk(parsed, None)
    return {"@" + name if name.startswith("@") else name: value for name, value in found.items()}


def evaluate(expression, row):
    match expression:
        case ("number", value):
            return float(value)
        case ("text", value):
            return value
        case ("field", name):
            return row.get(name)
        case ("compute", operator, left, right):
            return compute(operator, number(evaluate(left, row)), number(evaluate(right, row)))
        case ("compare", operator, left, right):
            return compare(operator, evaluate(left, row), evaluate(right, row))
        case ("like", subject, part):
            said = text(evaluate(subject, row))
            return said is not None and part in said
        case ("match", subject, pattern):
            said = text(evaluate(subject, row))
            return said is not None and re.search(pattern, said, re.ASCII) is not None
        case ("in", subject, values):
            return any(compare("=", evaluate(subject, row), evaluate(value, row)) for value in values)
        case ("not", operand):
            return not holds(evaluate(operand, row))
        case ("and", operands):
            return all(holds(evaluate(operand, row)) for operand in operands)
        case ("or", operands):
            return any(holds(evaluate(operand, row)) for operand in operands)
        case ("member", of, path):
            return member(evaluate(of, row), path)
        case ("call", name, arguments):
            if name in LAZY:
                return LAZY[name](row, *arguments)
            return FUNCTIONS[name](*(evaluate(argument, row) for argument in arguments))
    raise ValueError(expression)


def compute(operator, left, right):
    if left is None or right is None or (operator in "/%" and right == 0):
        return None
    match operator:
        case "+":
            return left + right
        case "-":
            return left - right
        case "*":
            return left * right
        case "/":
            return left / right
        case "%":
            return math.fmod(left, right)


def member(value, path):
    value = value.json if isinstance(value, Structure) else None
    for step in path:
        if isinstance(value, dict):
            value = value.get(str(step))
        elif isinstance(value, list) and str(step).isdigit() and int(step) < len(value):
            value = value[int(step)]
        else:
            return None
    return None if value is None else Structure(value)


def parsed(value):
    try:
        inner = json.loads(text(value) or "")
    except ValueError:
        return None
    return Structure(inner) if isinstance(inner, dict | list) else None


def of_texts(function):
    return lambda *given: None if None in map(text, given) else function(*map(text, given))


def of_numbers(function):
    return lambda *given: None if None in map(number, given) else function(*map(number, given))


def holding(function):
    return lambda *given: None not in map(text, given) and function(*map(text, given))


def case(row, *arguments):
    for place in range(0, len(arguments) - 1, 2):
        if holds(evaluate(arguments[place], row)):
            return evaluate(arguments[place + 1], row)
    return evaluate(arguments[-1], row) if len(arguments) % 2 else None


def away_from_zero(value):
    return math.copysign(math.floor(abs(value) + 0.5), value)


FUNCTIONS = {
    "abs": of_numbers(abs),
    "ceil": of_numbers(lambda value: float(math.ceil(value))),
    "floor": of_numbers(lambda value: float(math.floor(value))),
    "round": of_numbers(away_from_zero),
    "toInt": of_numbers(lambda value: float(math.trunc(value))),
    "toNumber": number,
    "sqrt": of_numbers(lambda value: math.sqrt(value) if value >= 0 else None),
    "greatest": lambda *given: max((number(value) for value in given if number(value) is not None), default=None),
    "least": lambda *given: min((number(value) for value in given if number(value) is not None), default=None),
    "isPresent": lambda value: value is not None,
    "isNumeric": lambda value: number(value) is not None,
    "coalesce": lambda *given: next((value for value in given if value is not None), None),
    "messageSize": of_texts(lambda said: float(len(said.encode()))),
    "strlen": of_texts(lambda said: float(len(said))),
    "concat": of_texts(lambda *said: "".join(said)),
    "toUpper": of_texts(str.upper),
    "toLower": of_texts(str.lower),
    "trim": of_texts(lambda said, characters=SPACE: said.strip(characters)),
    "ltrim": of_texts(lambda said, characters=SPACE: said.lstrip(characters)),
    "rtrim": of_texts(lambda said, characters=SPACE: said.rstrip(characters)),
    "replace": of_texts(lambda said, part, other: said.replace(part, other) if part else said),
    "isEmpty": lambda value: text(value) in (None, ""),
    "isBlank": lambda value: (text(value) or "").strip(SPACE) == "",
    "strContains": holding(lambda said, part: part in said),
    "startsWith": holding(str.startswith),
    "endsWith": holding(str.endswith),
    "md5": of_texts(lambda said: md5(said.encode()).hexdigest()),
    "sha256": of_texts(lambda said: sha256(said.encode()).hexdigest()),
    "jsonParse": parsed,
    "substr": lambda value, start, length: substr(text(value), number(start), number(length)),
    "toMillis": number,
    "fromMillis": lambda value: None if number(value) is None else Time(math.trunc(number(value))),
}
LAZY = {
    "case": case,
    "if": case,
    "bin": lambda row, period: Time(floor_time(row["@timestamp"].ms, *period[1:])),
    "dateFloor": lambda row, moment, period: floored(evaluate(moment, row), period),
}


def substr(said, start, length):
    if None in (said, start, length):
        return None
    start = max(0, math.trunc(start))
    return said[start : start + max(0, math.trunc(length))]


def floored(moment, period):
    ms = moment.ms if isinstance(moment, Time) else number(moment)
    return None if ms is None else Time(floor_time(math.trunc(ms), *period[1:]))
