import json
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from refapp.backends.cloudwatch.logs.patterns import PatternError, compile_pattern

TRAIL = {
    "eventType": "UpdateTrail",
    "sourceIPAddress": "111.111.111.111",
    "arrayKey": ["value", "another value"],
    "objectList": [{"name": "a", "id": 1}, {"name": "b", "id": 2}],
    "SomeObject": None,
    "ThisFlag": True,
    "cluster.name": "c",
    "latency": 500,
    "ratio": 0.25,
    "account": "123456789012",
    "sentence": 'it says "no"',
}
USERS = {
    "user": {"id": 1, "email": "John.Stiles@example.com"},
    "users": [{"id": 2, "email": "John.Doe@example.com"}, {"id": 3, "email": "Jane.Doe@example.com"}],
    "actions": ["GET", "PUT", "DELETE"],
    "coordinates": [[0, 1, 2], [4, 5, 6], [7, 8, 9]],
}


@pytest.mark.parametrize(
    "pattern",
    [
        '{ $.eventType = "UpdateTrail" }',
        "{$.eventType=UpdateTrail}",
        "{ $.sourceIPAddress != 123.123.* }",
        '{ $.arrayKey[0] = "value" }',
        "{ $.objectList[1].id = 2 }",
        "{ $.SomeObject IS NULL }",
        "{ $.SomeOtherObject NOT EXISTS }",
        "{ $.objectList[2] NOT EXISTS }",
        "{ $.eventType.more NOT EXISTS }",
        "{ $.ThisFlag IS TRUE }",
        "{ $.['cluster.name'] = \"c\" }",
        "{ $['cluster.name'] = c }",
        "{ $.eventType = %Trail% }",
        "{ $.arrayKey[*] = %val.{2}% }",
        r"{ $.* = %111\.111\.111\.1[0-9]{1,2}% }",
        "{ $.objectList[*].id = 2 }",
        "{ $.latency >= 500 && $.latency < 10e3 && $.latency > +499 && $.latency = 5* }",
        "{ $.ratio = 25e-2 && $.ratio != 1e-3 }",
        "{ $.account = 123456789012 }",
        '{ $.latency = * && $.eventType = "*" }',
        r'{ $.sentence = "it says \"no\"" }',
    ],
)
def test_patterns_that_choose_the_trail(pattern):
    assert compile_pattern(pattern).matches(json.dumps(TRAIL))


@pytest.mark.parametrize(
    "pattern",
    [
        "{ $.eventType = updateTrail }",
        "{ $.objectList = 1 }",  # neither = nor != apply to an array, an object, or nothing at all
        "{ $.objectList != 1 }",
        "{ $.objectList[0] != 1 }",
        "{ $.missing != 1 }",
        "{ $.missing = * }",
        "{ $.SomeObject = * }",
        "{ $.SomeObject != a }",
        "{ $.ThisFlag = true }",
        "{ $.ThisFlag = 1 }",
        "{ $.ThisFlag IS FALSE }",
        "{ $.missing IS NULL }",
        "{ $.eventType[0] = U }",
        "{ $.SomeObject NOT EXISTS }",
        "{ $.objectList[*].id = 3 }",
        "{ $.cluster.name = c }",
    ],
)
def test_patterns_that_do_not_choose_the_trail(pattern):
    assert not compile_pattern(pattern).matches(json.dumps(TRAIL))


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ('{ ($.user.id = 1) && ($.users[0].email = "John.Doe@example.com") }', True),
        ('{ ($.user.id = 2 && $.users[0].email = "nonmatch") || $.actions[2] = "GET" }', False),
        (
            '{ $.user.email = "John.Stiles@example.com" || $.coordinates[0][1] = nonmatch && $.actions[2] = nomatch }',
            True,
        ),
        (
            '{ ($.user.email = "John.Stiles@example.com" || $.coordinates[0][1] = no) && $.actions[2] = nomatch }',
            False,
        ),
        ("{ $.coordinates[1][2] = 6 }", True),
    ],
)
def test_compound_conditions(pattern, expected):
    assert compile_pattern(pattern).matches(json.dumps(USERS)) is expected


@pytest.mark.parametrize(
    "message", ["", "a = 1", "[1]", "1", '{"a":1', "{nonsense}", '{"a":1} and more', '{"a":NaN}', "{" * 2000]
)
def test_what_is_no_json_object_is_not_chosen(message):
    assert not compile_pattern("{ $.a NOT EXISTS || $.a = * }").matches(message)


@pytest.mark.parametrize(
    ("pattern", "complaint"),
    [
        ("{ $.a = 1", "unexpected end at character 9; expected && or"),
        ("  { $.a = 1 } x", "unexpected 'x' at character 14; expected the end"),
        ("{ $.a IS NOT NULL }", "expected NULL, TRUE or FALSE"),
        ("{ $.a EXISTS }", "unexpected 'EXISTS }' at character 6; expected .*IS.*NOT EXISTS"),
        ("{ a = 1 }", "expected .* a property such as"),
        ("{ $ = 1 }", "unexpected"),
        ("{ $.a = foo-bar }", "a text of more than letters"),
        ("{ $.a.b c = 1 }", "unexpected 'c = 1 }'"),
        ("{ $.a = é }", "stands in quotation marks"),
        ("{ $.a = 1 & $.b = 2 }", "unexpected '& "),
        ("{ $[0] = 1 }", "an element follows the name of its array"),
        ("{ $.a.*.b[*] = 1 }", "has more than one wildcard"),
        ("{ $.a.* = 1 || $.b.* = 1 || $.c.* = 1 || $.* NOT EXISTS }", "it has 4 wildcards in its selectors; 3 are"),
        ("{ $.a = %a% || $.b = %b% && $.c = %c% }", "it has 3 regular expressions; 2 are allowed"),
        ("{ $.a < abc }", "< compares numbers, and abc is none"),
        ("{}", "unexpected '}'"),
    ],
)
def test_broken_patterns_are_explained(pattern, complaint):
    with pytest.raises(PatternError, match=complaint):
        compile_pattern(pattern)


def test_regular_expressions_are_counted():
    assert compile_pattern("{ $.a = %a% || $.b = %b% && $.c = c }").regexes == 2


def test_references_read_one_property():
    pattern = compile_pattern("{ $.eventType = * }")
    content = pattern.content(json.dumps(TRAIL))
    selectors = [
        "$.latency",
        "$.ratio",
        "$.objectList[1].name",
        "$.['cluster.name']",
        "$.SomeObject",
        "$.ThisFlag",
        "$.no",
    ]
    values = [pattern.reference(selector)(content) for selector in selectors]
    assert values == [500, 0.25, "b", "c", None, None, None]


@pytest.mark.parametrize("text", ["$latency", "$.", "$.a b", "$.*", "$.a[*]", "$[0]", "latency"])
def test_what_is_no_reference(text):
    with pytest.raises(PatternError):
        compile_pattern("{ $.a = * }").reference(text)


# The obviously right evaluator: a selector is a list of names and indices, a condition a tuple.
NAMES = st.sampled_from(["a", "b", "c"])
STEPS = st.tuples(NAMES, st.lists(NAMES | st.integers(0, 2) | st.just("*"), max_size=2)).map(
    lambda pair: [pair[0], *pair[1]]
)
SCALARS = st.integers(-3, 3) | st.sampled_from(["x", "xy", "yx", "3", "-1", 0.5, None, True, False])
DOCUMENTS = st.dictionaries(
    NAMES,
    st.recursive(
        SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=3), max_leaves=6
    ),
    max_size=3,
)
VALUES = st.integers(-3, 3).map(str) | st.sampled_from(['"x"', "x*", "*y", "0.5", "*", '"3"'])


def compared(steps):
    return st.tuples(st.just("compare"), st.just(steps), st.sampled_from(["=", "!=", "<", ">", "<=", ">="]), VALUES)


LEAVES = STEPS.filter(lambda steps: steps.count("*") < 2).flatmap(
    lambda steps: (
        compared(steps).filter(lambda leaf: leaf[2] in ("=", "!=") or leaf[3][-1] in "0123455")
        | st.tuples(st.just("is"), st.just(steps), st.sampled_from(["NULL", "TRUE", "FALSE"]))
        | st.tuples(st.just("absent"), st.just(steps))
    )
)
CONDITIONS = st.recursive(LEAVES, lambda inner: st.tuples(st.sampled_from(["&&", "||"]), inner, inner), max_leaves=5)


def selector(steps):
    return "$" + "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in steps)


def written(condition):
    kind, *rest = condition
    if kind == "compare":
        return f"{selector(rest[0])} {rest[1]} {rest[2]}"
    if kind == "is":
        return f"{selector(rest[0])} IS {rest[1]}"
    if kind == "absent":
        return f"{selector(rest[0])} NOT EXISTS"
    return f"({written(rest[0])}) {kind} ({written(rest[1])})"


def found(document, steps):
    values = [document]
    for step in steps:
        following = []
        for value in values:
            if step == "*":
                following += (
                    list(value.values()) if isinstance(value, dict) else value if isinstance(value, list) else []
                )
            elif (isinstance(step, str) and isinstance(value, dict) and step in value) or (
                isinstance(step, int) and isinstance(value, list) and step < len(value)
            ):
                following.append(value[step])
        values = following
    return values


def as_number(value):
    try:
        return float(value)
    except ValueError:
        return None


def compares(value, sign, text):
    if value is None or isinstance(value, bool | list | dict):
        return False
    if as_number(text) is not None:
        left, right = as_number(value), as_number(text)
        if left is None:
            return sign == "!="
        return {"=": left == right, "!=": left != right, "<": left < right, ">": left > right, "<=": left <= right}.get(
            sign, left >= right
        )
    expression = re.escape(text.strip('"')).replace(r"\*", ".*")
    return (re.fullmatch(expression, str(value)) is not None) is (sign == "=")


def holds(condition, document):
    kind, *rest = condition
    if kind == "&&":
        return holds(rest[0], document) and holds(rest[1], document)
    if kind == "||":
        return holds(rest[0], document) or holds(rest[1], document)
    values = found(document, rest[0])
    if kind == "absent":
        return not values
    if kind == "is":
        return any(json.dumps(value) == rest[1].lower() for value in values)
    return any(compares(value, rest[1], rest[2]) for value in values)


@settings(max_examples=200, deadline=None)
@given(condition=CONDITIONS, documents=st.lists(DOCUMENTS, min_size=1, max_size=5))
def test_conditions_mean_what_they_say(condition, documents):
    try:
        pattern = compile_pattern(f"{{ {written(condition)} }}")
    except PatternError as error:
        assert "wildcards in its selectors" in str(error)  # noqa: PT017 - it need not be raised
        return
    for document in documents:
        assert pattern.matches(json.dumps(document)) is holds(condition, document)
