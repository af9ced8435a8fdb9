"""Functions of JSON, and what is in a map or a list.

After "Structure types" and "JSON functions" in the CloudWatch Logs User Guide. What the guide leaves open, and what is
chosen here: text that is no JSON object or array has no structure; a name after a map is one of its keys even when it
has dots in backticks, and a number also a place in a list; null is missing.
"""

from collections.abc import Sequence
from dataclasses import replace

from refapp.backends.cloudwatch.insights import values
from refapp.backends.cloudwatch.insights.arguments import Arguments, Function, condition, number, structure, text
from refapp.backends.cloudwatch.insights.rows import Rows
from refapp.backends.cloudwatch.insights.values import Kind, Value


def member(of: Value, path: Sequence[str | int], rows: Rows) -> Value:
    """What a map or a list has by a path: a JSON Pointer (RFC 6901)."""
    steps = "".join(f"/{str(step).replace('~', '~0').replace('/', '~1')}" for step in path)
    found = structure(f"json_extract({values.structure(of, rows.let)}, {rows.parameters.add(steps)})")
    return replace(found, growth=of.growth)


def elements(of: Value, rows: Rows) -> tuple[str, Kind]:
    """The elements of a list, in SQL; anything else is a list of itself, and what is missing has no element."""
    if of.kind is not Kind.STRUCTURE:
        value = rows.let(values.comparable(of, rows.let).sql)
        return f"CASE WHEN {value} IS NOT NULL THEN [{value}] END", of.kind
    json = rows.let(of.sql)
    several = (
        f"CASE json_type({json}) WHEN 'ARRAY' THEN json_extract({json}, '$[*]') WHEN 'NULL' THEN NULL ELSE [{json}] END"
    )
    return f"(CASE WHEN {json} IS NOT NULL THEN {several} END)::JSON[]", Kind.STRUCTURE


def _stringify(given: Arguments) -> Value:
    value = given.value(0)
    if value.kind is Kind.STRUCTURE:
        return replace(text(f"nullif(json_extract({value.sql}, '$')::VARCHAR, 'null')"), growth=value.growth)
    said = text(f"to_json({values.comparable(value, given.let).sql})::VARCHAR")
    return given.grown(said, 6 * value.growth)  # control characters are written as \\u0000


def _size(given: Arguments) -> Value:
    json = given.let(given.structure(0))
    return number(f"CASE json_type({json}) WHEN 'ARRAY' THEN json_array_length({json})::DOUBLE END")


def _contains(given: Arguments) -> Value:
    json = given.let(given.structure(0))
    several = f"json_extract_string({json}, '$[*]')"
    return condition(f"json_type({json}) = 'ARRAY' AND list_contains({several}, {given.text(1)})")


FUNCTIONS = {
    "jsonParse": Function(1, 1, lambda given: replace(structure(given.structure(0)), growth=given.value(0).growth)),
    "jsonStringify": Function(1, 1, _stringify),
    "jsonArraySize": Function(1, 1, _size),
    "jsonArrayContains": Function(2, 2, _contains),
}
