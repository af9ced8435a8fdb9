"""Kinds of values in a query, and how one becomes another.

CloudWatch types loosely: a text that is a number is one where a number is asked for, and everything is a text in the
end. What the guide leaves open, and what is chosen here:

- A number is what reads as a decimal one, with or without an exponent; it is computed as a double. A whole number below
  10^18 is shown without decimals, any other as short as it reads back; what is no finite number is shown as missing.
- A condition is 1 or 0. One about a missing field does not hold, `!=` and functions like `strcontains` included, and
  `not` of it therefore does. A value that is no condition holds when it is a number other than 0.
- A time is shown as `2026-01-31 12:00:00.000` in UTC, is a number of milliseconds where a number is asked for, and is
  compared with a text that is no number as it is shown.
- A map or a list is missing where a text, a number or a time is asked for, and is shown as JSON.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import Enum, auto
from math import isfinite

Let = Callable[[str], str]


class Kind(Enum):
    """What a value is, with its type in SQL."""

    TEXT = auto()  # VARCHAR; any field that was discovered
    NUMBER = auto()  # DOUBLE
    TIME = auto()  # BIGINT, milliseconds since 1970
    CONDITION = auto()  # BOOLEAN; null is false
    STRUCTURE = auto()  # JSON: a map, a list, or what is in one


@dataclass(frozen=True, slots=True)
class Value:
    """A term of SQL, and what it is; `literal` when the query says the value itself.

    `growth` is how many times as long as most texts of events it may be.
    """

    sql: str
    kind: Kind
    literal: str | float | None = None
    growth: float = 1


TYPICAL = 300  # characters of an event

MISSING = Value("NULL::VARCHAR", Kind.TEXT)
# What DuckDB reads as a DOUBLE, apart from 'nan' and 'inf'.
_DIGITS = "[0-9]+(?:_[0-9]+)*"
_NUMBER = re.compile(rf"\+?-?(?:{_DIGITS}(?:\.(?:{_DIGITS})?)?|\.{_DIGITS})(?:[eE][+-]?{_DIGITS})?")
_SPACE = " \t\n\v\f\r"


def read_number(said: str) -> float | None:
    """The number that a text is, as DuckDB reads it; None when it is none."""
    said = said.strip(_SPACE)
    if not _NUMBER.fullmatch(said):
        return None
    parsed = float(said.removeprefix("+").replace("_", ""))
    return parsed if isfinite(parsed) else None


def once(value: Value, let: Let) -> Value:
    """The value as one that may be asked for more than once; else terms of terms would grow beyond all bounds."""
    return replace(value, sql=let(value.sql))


def text(value: Value, let: Let) -> str:
    """The value as a text, or null."""
    match value.kind:
        case Kind.TEXT:
            return value.sql
        case Kind.NUMBER:
            return _number_text(let(value.sql))
        case Kind.TIME:
            return f"TRY(strftime(epoch_ms({value.sql}), '%Y-%m-%d %H:%M:%S.%g'))"
        case Kind.CONDITION:
            return f"CASE WHEN {value.sql} THEN '1' ELSE '0' END"
        case Kind.STRUCTURE:
            return _scalar_text(let(value.sql))


def number(value: Value, let: Let) -> str:
    """The value as a DOUBLE, or null."""
    match value.kind:
        case Kind.NUMBER:
            return value.sql
        case Kind.TIME:
            return f"{value.sql}::DOUBLE"
        case Kind.CONDITION:
            return f"CASE WHEN {value.sql} THEN 1 ELSE 0 END::DOUBLE"
        case Kind.TEXT | Kind.STRUCTURE:
            said = f"TRY_CAST({let(text(value, let))} AS DOUBLE)"
            return f"CASE WHEN isfinite({said}) THEN {said} END"  # 'nan' and 'inf' are words here


def condition(value: Value, let: Let) -> str:
    """Whether the value holds; null when it does not."""
    return value.sql if value.kind is Kind.CONDITION else f"{number(value, let)} <> 0"


def structure(value: Value, let: Let) -> str:
    """The value as a map or a list in JSON; what a text says is read. Null for anything else."""
    if value.kind is Kind.STRUCTURE:
        return value.sql
    if value.kind is not Kind.TEXT:
        return "NULL::JSON"
    said = let(f"TRY_CAST({value.sql} AS JSON)")
    return f"CASE WHEN json_type({said}) IN ('OBJECT', 'ARRAY') THEN {said} END"


def time(value: Value, let: Let) -> str:
    """The value as a BIGINT of milliseconds, or null."""
    return value.sql if value.kind is Kind.TIME else f"TRY_CAST(trunc({number(value, let)}) AS BIGINT)"


def shown(value: Value, let: Let) -> str:
    """The value as results show it: a text, or null."""
    if value.kind is not Kind.STRUCTURE:
        return text(value, let)
    json = let(value.sql)
    said = f"json_extract({json}, '$')::VARCHAR"  # which is without white space
    return f"CASE WHEN json_type({json}) IN ('OBJECT', 'ARRAY') THEN {said} ELSE {text(value, let)} END"


def present(value: Value) -> str:
    """Whether there is a value."""
    if value.kind is Kind.CONDITION:
        return "true"
    return f"json_type({value.sql}) <> 'NULL'" if value.kind is Kind.STRUCTURE else f"{value.sql} IS NOT NULL"


def nullable(value: Value, let: Let) -> Value:
    """The value as one that may be missing, which a condition never is: a number instead of a condition."""
    return replace(value, sql=number(value, let), kind=Kind.NUMBER) if value.kind is Kind.CONDITION else value


def comparable(value: Value, let: Let) -> Value:
    """The value as one that can be grouped and sorted by: no condition that is null, and no map."""
    if value.kind is Kind.CONDITION:
        return replace(value, sql=f"coalesce({value.sql}, false)")
    return replace(value, sql=text(value, let), kind=Kind.TEXT) if value.kind is Kind.STRUCTURE else value


def natural_order(value: Value, let: Let) -> list[str]:
    """Terms to sort by, as the page on `sort` has it.

    What is no number comes before all numbers, cut into digits and other characters: digits are sorted by their number,
    then by themselves, and against other characters as characters.
    """
    value = comparable(value, let)
    if value.kind is not Kind.TEXT:
        return [value.sql]
    value = once(value, let)
    said, parsed = value.sql, number(value, let)
    is_number = f"CASE WHEN {said} IS NOT NULL THEN {parsed} IS NOT NULL END"
    return [is_number, parsed, f"CASE WHEN {parsed} IS NULL THEN {natural_key(said)} END", said]


def natural_key(said: str) -> str:
    """A list that sorts as a text sorts naturally; digits have their number in front."""
    chunk = "CASE WHEN c[1] BETWEEN '0' AND '9' THEN '0' || lpad(length(c)::VARCHAR, 9, '0') || c ELSE c END"
    return f"list_transform(regexp_extract_all({said}, '[0-9]+|[^0-9]+'), lambda c: {chunk})"


def _number_text(sql: str) -> str:
    whole = f"{sql} = trunc({sql}) AND abs({sql}) < 1e18"
    return f"CASE WHEN {whole} THEN TRY_CAST({sql} AS BIGINT)::VARCHAR WHEN isfinite({sql}) THEN {sql}::VARCHAR END"


def _scalar_text(json: str) -> str:
    plain = f"json_extract_string({json}, '$')"
    return (
        f"CASE json_type({json}) WHEN 'OBJECT' THEN NULL WHEN 'ARRAY' THEN NULL "
        f"WHEN 'BOOLEAN' THEN CASE {plain} WHEN 'true' THEN '1' ELSE '0' END "
        f"WHEN 'DOUBLE' THEN {_number_text(f'TRY_CAST({plain} AS DOUBLE)')} ELSE {plain} END"
    )
