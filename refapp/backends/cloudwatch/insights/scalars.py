r"""Functions of numbers, of texts, and of any value.

After "Boolean, comparison, numeric, datetime, and other functions" and "Hash functions" in the CloudWatch Logs User
Guide. What the guide leaves open, and what is chosen here:

- A function of something that is missing is missing; `greatest` and `least` pass over what is.
- `round` rounds halves away from zero; `toInt` and `toLong` cut decimals off; `haversine` takes 6,371 km for the
  earth's radius. A logarithm or a root that is no number is missing.
- A text that would get longer by `replace` or `regexReplace`, and have more than 65,536 characters, is missing.
- `strlen` and `substr` count code points; a place below 0 is 0. Without characters, `trim` takes white space.
- `split` at an empty text cuts between all characters. In what `regexReplace` writes, `\1` is what a group matched.
- `decToHex` writes small letters after `0x`, and `-` before it; `hexToDec` reads that, with or without `0x`.
"""

import re
from dataclasses import replace

from refapp.backends.cloudwatch.insights import values
from refapp.backends.cloudwatch.insights.arguments import (
    ANY_NUMBER,
    Arguments,
    Function,
    condition,
    number,
    structure,
    text,
)
from refapp.backends.cloudwatch.insights.regexes import replacement_of
from refapp.backends.cloudwatch.insights.values import Kind, Value

_WHITE_SPACE = r"' ' || chr(9) || chr(10) || chr(11) || chr(12) || chr(13)"
_EARTH = 6371  # km
_BRANCHES = 10  # of `case`
_LONGEST = 2**16  # characters that a text may get by replacing
_GROWTH = 20  # times as long as most texts is one of so many characters, or less
_MOST_PLACES = 10**9  # in a text; DuckDB refuses larger ones


def _of_number(sql: str) -> Function:
    """A function of one number, which stands for `{}` in the SQL."""
    return Function(1, 1, lambda given: number(sql.format(given.number(0))))


def _of_text(sql: str, kind: Kind) -> Function:
    """A function of one text, which stands for `{}` in the SQL."""
    return Function(1, 1, lambda given: Value(sql.format(given.text(0)), kind, growth=given.value(0).growth))


def _of_texts(sql: str, kind: Kind) -> Function:
    """A function of two texts, which stand for `{}` in the SQL."""
    return Function(2, 2, lambda given: Value(sql.format(given.text(0), given.text(1)), kind))


def _numbers(given: Arguments) -> str:
    return ", ".join(map(given.number, range(len(given))))


def _round(given: Arguments) -> Value:
    places = f", TRY_CAST({given.whole(1)} AS INTEGER)" if len(given) > 1 else ""
    return number(f"round({given.number(0)}{places})")


def _haversine(given: Arguments) -> Value:
    first, second = given.let(f"radians({given.number(0)})"), given.let(f"radians({given.number(2)})")
    longitudes = f"sin((radians({given.number(3)}) - radians({given.number(1)})) / 2)"
    share = f"sin(({second} - {first}) / 2) ** 2 + cos({first}) * cos({second}) * {longitudes} ** 2"
    return number(f"2 * {_EARTH} * asin(sqrt(least(1, {share})))")


def _coalesce(given: Arguments) -> Value:
    several = [values.once(given.value(place), given.let) for place in range(len(given))]
    chosen, kind = _alike(several, given)
    branches = (f"WHEN {values.present(value)} THEN {sql}" for value, sql in zip(several, chosen, strict=True))
    return Value(f"CASE {' '.join(branches)} END", kind, growth=max(value.growth for value in several))


def _case(given: Arguments) -> Value:
    if len(given) // 2 > _BRANCHES:
        given.refuse(f"`case` has at most {_BRANCHES} branches", 2 * _BRANCHES)
    places = [*range(1, len(given), 2), *([len(given) - 1] if len(given) % 2 else [])]
    several = [given.value(place) for place in places]
    chosen, kind = _alike(several, given)
    branches = [
        f"WHEN {given.condition(place - 1)} THEN {sql}" for place, sql in zip(places, chosen, strict=True) if place % 2
    ]
    default = f"ELSE {chosen[-1]}" if len(given) % 2 else ""
    return Value(f"CASE {' '.join(branches)} {default} END", kind, growth=max(value.growth for value in several))


def _alike(several: list[Value], given: Arguments) -> tuple[list[str], Kind]:
    """Values as they are when they are all of one kind, or as texts."""
    several = [values.nullable(value, given.let) for value in several]
    kinds = {value.kind for value in several}
    if len(kinds) == 1:
        return [value.sql for value in several], kinds.pop()
    return [values.text(value, given.let) for value in several], Kind.TEXT


def _split(given: Arguments) -> Value:
    several = structure(f"to_json(string_split({given.text(0)}, {given.text(1)}))")
    return given.grown(several, 4 * given.value(0).growth)  # quotes and commas around each character


def _trim(name: str) -> Function:
    def build(given: Arguments) -> Value:
        characters = given.text(1) if len(given) > 1 else _WHITE_SPACE
        return replace(text(f"{name}({given.text(0)}, {characters})"), growth=given.value(0).growth)

    return Function(1, 2, build)


def _concat(given: Arguments) -> Value:
    several = range(len(given))
    joined = text(f"({' || '.join(map(given.text, several))})")
    return given.grown(joined, sum(given.value(place).growth for place in several))


def _longer(sql: str, times: float) -> Function:
    """A function of one text, which stands for `{}` in the SQL, that makes it so many times as long at most."""
    return Function(1, 1, lambda given: given.grown(text(sql.format(given.text(0))), times * given.value(0).growth))


def _replace(given: Arguments) -> Value:
    whole, part, other = (given.let(given.text(place)) for place in range(3))
    replaced = text(f"replace({whole}, {part}, {other})")
    said = [given.value(place).literal for place in (1, 2)]
    if isinstance(said[0], str) and isinstance(said[1], str) and len(said[1]) <= len(said[0]):
        return replace(replaced, growth=given.value(0).growth)
    times = f"(length({whole}) - length(replace({whole}, {part}, ''))) // length({part})"  # null for an empty part
    return _if_not_too_long(given, replaced, f"length({whole}) + coalesce({times}, 0) * length({other})")


def _regex_replace(given: Arguments) -> Value:
    whole, pattern = given.let(given.text(0)), given.pattern(1)
    written, regex = replacement_of(given.said(2), pattern.groups), given.parameter(pattern.text)
    replaced = text(f"regexp_replace({whole}, {regex}, {given.parameter(written)}, 'g')")
    if not written:
        return replace(replaced, growth=given.value(0).growth)
    times = f"len(regexp_extract_all({whole}, {regex}))"
    references = len(re.findall(r"\\[0-9]", written.replace(r"\\", "")))
    left = f"length(regexp_replace({whole}, {regex}, '', 'g'))"
    length = f"{left} + (length({whole}) - {left}) * {references} + {times} * {len(written) - 2 * references}"
    return _if_not_too_long(given, replaced, length)


def _if_not_too_long(given: Arguments, replaced: Value, length: str) -> Value:
    whole = given.let(given.text(0))
    guarded = f"CASE WHEN {length} <= greatest(length({whole}), {_LONGEST}) THEN {replaced.sql} END"
    return given.grown(replace(replaced, sql=guarded), max(given.value(0).growth, _GROWTH))


def _substr(given: Arguments) -> Value:
    start, *length = [_bounded(given.let(given.whole(place))) for place in range(1, len(given))]
    cut = text(f"substring({', '.join([given.text(0), f'{start} + 1', *length])})")
    return replace(cut, growth=given.value(0).growth)


def _bounded(places: str) -> str:
    return f"CASE WHEN {places} > 0 THEN least({places}, {_MOST_PLACES}) WHEN {places} <= 0 THEN 0 END"


def _contains(given: Arguments) -> Value:
    whole, part = given.text(0), given.text(1)
    if len(given) == 2:  # noqa: PLR2004
        return condition(f"contains({whole}, {part})")
    whole, part = given.let(whole), given.let(part)
    return condition(f"contains({whole}, {part}) OR {given.condition(2)} AND contains(lower({whole}), lower({part}))")


def _hex_to_number(given: Arguments) -> Value:
    said = given.let(f"lower({given.text(0)})")
    digits = f"TRY_CAST('0x' || regexp_replace({said}, '^-?(0x)?', '') AS HUGEINT)::DOUBLE"
    return number(f"CASE WHEN starts_with({said}, '-') THEN -{digits} ELSE {digits} END")


def _number_to_hex(given: Arguments) -> Value:
    whole = given.let(f"TRY_CAST(trunc({given.number(0)}) AS HUGEINT)")
    return text(f"CASE WHEN {whole} < 0 THEN '-0x' ELSE '0x' END || lower(ltrim(hex(abs({whole})::UHUGEINT)))")


FUNCTIONS = {
    "abs": _of_number("abs({})"),
    "ceil": _of_number("ceil({})"),
    "floor": _of_number("floor({})"),
    "log": _of_number("TRY(ln({}))"),
    "sqrt": _of_number("TRY(sqrt({}))"),
    "round": Function(1, 2, _round),
    "greatest": Function(1, ANY_NUMBER, lambda given: number(f"greatest({_numbers(given)})")),
    "least": Function(1, ANY_NUMBER, lambda given: number(f"least({_numbers(given)})")),
    "haversine": Function(4, 4, _haversine),
    "toNumber": _of_number("{}"),
    "toDouble": _of_number("{}"),
    "toInt": _of_number("trunc({})"),
    "toLong": _of_number("trunc({})"),
    "isPresent": Function(1, 1, lambda given: condition(values.present(given.value(0)))),
    "coalesce": Function(1, ANY_NUMBER, _coalesce),
    "case": Function(2, 2 * _BRANCHES + 1, _case),
    "if": Function(3, 3, _case),
    "isNumeric": Function(1, 1, lambda given: condition(f"{given.number(0)} IS NOT NULL")),
    "messageSize": _of_text("strlen({})::DOUBLE", Kind.NUMBER),
    "unmask": Function(1, 1, lambda given: given.value(0)),
    "isEmpty": _of_text("coalesce({} = '', true)", Kind.CONDITION),
    "isBlank": _of_text(f"coalesce(trim({{}}, {_WHITE_SPACE}) = '', true)", Kind.CONDITION),
    "concat": Function(1, ANY_NUMBER, _concat),
    "trim": _trim("trim"),
    "ltrim": _trim("ltrim"),
    "rtrim": _trim("rtrim"),
    "strlen": _of_text("length({})::DOUBLE", Kind.NUMBER),
    "toUpper": _of_text("upper({})", Kind.TEXT),
    "toLower": _of_text("lower({})", Kind.TEXT),
    "substr": Function(2, 3, _substr),
    "replace": Function(3, 3, _replace),
    "regexReplace": Function(3, 3, _regex_replace),
    "strContains": Function(2, 3, _contains),
    "startsWith": _of_texts("starts_with({}, {})", Kind.CONDITION),
    "endsWith": _of_texts("ends_with({}, {})", Kind.CONDITION),
    "split": Function(2, 2, _split),
    "urlEncode": _longer("url_encode({})", 3),
    "urlDecode": _of_text("TRY(url_decode({}))", Kind.TEXT),
    "base64Encode": _longer("to_base64(encode({}))", 1.4),
    "base64Decode": _of_text("TRY(decode(from_base64({})))", Kind.TEXT),
    "hexToAscii": _of_text("TRY(decode(unhex(regexp_replace({}, '^0[xX]', ''))))", Kind.TEXT),
    "hexToDec": Function(1, 1, _hex_to_number),
    "decToHex": Function(1, 1, _number_to_hex),
    "md5": _of_text("md5({})", Kind.TEXT),
    "sha256": _of_text("sha256({})", Kind.TEXT),
}
