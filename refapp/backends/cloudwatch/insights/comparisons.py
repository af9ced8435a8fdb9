"""Comparisons of values: as numbers when both are, as texts otherwise.

Texts are compared by code points. That numbers are compared when both sides read as such, whatever they are, is general
knowledge of the service; the guide does not say it.
"""

from collections.abc import Sequence

from refapp.backends.cloudwatch.insights import values
from refapp.backends.cloudwatch.insights.values import Kind, Let, Value

_SQL = {"!=": "<>"}
_NUMERIC = (Kind.NUMBER, Kind.CONDITION, Kind.TIME)


def compare(operator: str, left: Value, right: Value, let: Let) -> str:
    """Whether one of `= != < <= > >=` holds between two values, in SQL; null when one is missing."""
    sql = _SQL.get(operator, operator)
    left, right = values.once(left, let), values.once(right, let)
    if _is_word(left) or _is_word(right):
        return f"{values.text(left, let)} {sql} {values.text(right, let)}"
    numbers = [values.number(value, let) for value in (left, right)]
    numerical = f"{numbers[0]} {sql} {numbers[1]}"
    doubtful = [number for number, value in zip(numbers, (left, right), strict=True) if not _is_number(value)]
    if not doubtful:
        return numerical
    if operator == "=" and len(doubtful) == 1:
        return numerical  # no text that is no number is equal to a number
    texts = f"{values.text(left, let)} {sql} {values.text(right, let)}"
    unread = " OR ".join(f"{number} IS NULL" for number in doubtful)
    return f"CASE WHEN {unread} THEN {texts} ELSE {numerical} END"


def one_of(subject: Value, several: Sequence[Value], let: Let) -> str:
    """Whether a value is equal to one of several, in SQL; null or false when it is not."""
    if not several:
        return "false"
    subject = values.once(subject, let)
    words = [value.sql for value in several if _is_word(value)]
    numbers = [values.number(value, let) for value in several if _is_number(value) and value.kind is not Kind.TIME]
    tests = [f"{values.text(subject, let)} IN ({', '.join(words)})"] if words else []
    tests += [f"{values.number(subject, let)} IN ({', '.join(numbers)})"] if numbers else []
    tests += [compare("=", subject, value, let) for value in several if not (_is_word(value) or _is_number(value))]
    return f"({' OR '.join(tests)})"


def _is_word(value: Value) -> bool:
    """Whether the query says it, and it is no number."""
    return isinstance(value.literal, str) and values.read_number(value.literal) is None


def _is_number(value: Value) -> bool:
    return value.kind in _NUMERIC or (isinstance(value.literal, str) and values.read_number(value.literal) is not None)
