"""Events and queries of the properties: strategies for Hypothesis."""

import json
from dataclasses import dataclass

from hypothesis import strategies as st

# Words that try what engines get wrong: numbers in texts, quotes, other scripts, JSON in JSON, SQL.
WORDS = st.sampled_from(
    [
        "a",
        "b",
        "B",
        "ab",
        "",
        " ",
        "5",
        "05",
        "5.0",
        "-3",
        "1e2",
        "nan",
        "inf",
        "é",
        "雪",
        "x y",
        "a2b10",
        "a2b9",
        "it's",
        '"',
        "\\",
        "%",
        "_",
        "{}",
        "[1]",
        '{"k": 5}',
        "'; DROP TABLE events; --",
        "user=joe id=7",
        "null",
        "true",
        "a\nb",
        " 7 ",
    ]
) | st.text("ab1.-é", max_size=5)
NUMBERS = st.integers(-20, 200) | st.integers(-80, 80).map(lambda number: number / 4)
SCALARS = WORDS | NUMBERS | st.booleans() | st.none()
NAMES = ["a", "b", "c", "k.x", "k.y", "items.0", "items.1", "missing", "foo-bar", "log"]
JSON = st.fixed_dictionaries(
    {},
    optional={
        "a": SCALARS,
        "b": SCALARS,
        "c": NUMBERS,
        "k": st.dictionaries(st.sampled_from(["x", "y"]), SCALARS, max_size=2) | SCALARS,
        "k.x": SCALARS,
        "items": st.lists(SCALARS, max_size=3),
        "foo-bar": SCALARS,
        "@a": SCALARS,
        "log": st.dictionaries(st.sampled_from(["x", "y", "x.y"]), SCALARS | st.lists(NUMBERS, max_size=3)).map(
            json.dumps
        ),
    },
)
MESSAGES = JSON.map(json.dumps) | WORDS


@dataclass(frozen=True)
class Stored:
    timestamp: int
    message: str
    stream: str


STREAMS = "st"
EVENTS = st.lists(
    st.builds(
        Stored, st.integers(0, 40).map(lambda place: 1_700_000_000_000 + place * 777), MESSAGES, st.sampled_from("st")
    ),
    max_size=12,
)


@st.composite
def conditions(draw, values):  # noqa: PLR0911 - a case for each kind of condition
    kind = draw(st.sampled_from(["compare", "compare", "like", "match", "in", "not", "and", "or", "present", "value"]))
    match kind:
        case "compare":
            return ("compare", draw(st.sampled_from(["=", "!=", "<", "<=", ">", ">="])), draw(values), draw(values))
        case "like":
            return ("like", draw(values), draw(WORDS))
        case "match":
            return (
                "match",
                draw(values),
                draw(st.sampled_from(["a", "^b", "[0-9]+", "(?i)AB", "a.b", "é|x", "x*", r"\d\d", "^$"])),
            )
        case "in":
            return ("in", draw(values), draw(st.lists(literals, max_size=4)))
        case "not":
            return ("not", draw(conditions(values)))
        case "and" | "or":
            return (kind, draw(st.lists(conditions(values), min_size=2, max_size=3)))
        case "present":
            return ("call", draw(st.sampled_from(["isPresent", "isNumeric", "isEmpty", "isBlank"])), [draw(values)])
        case _:
            return draw(values)


literals = st.one_of(WORDS.map(lambda said: ("text", said)), NUMBERS.map(lambda number: ("number", number)))


ONE = [
    "abs",
    "ceil",
    "floor",
    "round",
    "toInt",
    "toNumber",
    "sqrt",
    "messageSize",
    "strlen",
    "toUpper",
    "toLower",
    "trim",
    "ltrim",
    "rtrim",
    "md5",
    "sha256",
    "isPresent",
    "isNumeric",
]
TWO = ["concat", "greatest", "least", "strContains", "startsWith", "endsWith", "ltrim", "rtrim", "trim"]
IN_LOG = [("x",), ("y",), ("x", 0), ("y", 1), ("x.y",)]


def calls(names, *arguments):
    return st.tuples(st.just("call"), st.sampled_from(names), st.tuples(*arguments))


def expressions(names, depth=2):
    """Expressions of any kind."""
    leaves = st.sampled_from(names).map(lambda name: ("field", name)) | literals
    if depth == 0:
        return leaves
    inner = expressions(names, depth - 1)
    log = ("call", "jsonParse", (("field", "log"),))
    members = st.tuples(st.just("member"), st.just(log), st.sampled_from(IN_LOG))
    return st.one_of(leaves, leaves, members, calls(["jsonParse"], inner), *computed(inner), *chosen(names, depth))


def computed(inner):
    return [
        st.tuples(st.just("compute"), st.sampled_from("+-*/%"), inner, inner),
        calls(ONE, inner),
        calls(TWO, inner, inner),
        calls(["replace", "substr"], inner, inner, inner),
    ]


def chosen(names, depth):
    """Choices between values; what has times or maps among texts is text, which the evaluator does not know."""
    leaves = st.sampled_from([name for name in names if name in NAMES]).map(lambda name: ("field", name)) | literals
    inner = leaves if depth < 2 else st.one_of(leaves, *computed(leaves))
    return [
        calls(["coalesce"], inner, inner),
        calls(["case"], conditions(inner), inner, conditions(inner), inner, inner),
        calls(["if"], conditions(inner), inner, inner),
    ]


TIMES = st.sampled_from(
    [
        ("call", "bin", (("period", 1, "s"),)),
        ("call", "bin", (("period", 5, "s"),)),
        ("call", "dateFloor", (("field", "@timestamp"), ("period", 300, "s"))),
        ("field", "@timestamp"),
    ]
)
OWN = ["@timestamp", "@message", "@logStream"]


@st.composite
def queries(draw):
    names, commands = [*NAMES, *OWN], []
    for number in range(draw(st.integers(0, 4))):
        expression = expressions(names)
        match draw(st.sampled_from(["fields", "display", "filter", "filter", "parse", "sort", "limit", "unnest"])):
            case "fields" | "display" as name:
                items = draw(
                    st.lists(
                        st.tuples(expression | TIMES, st.none() | st.sampled_from(["x", "y", "@t"])),
                        min_size=1,
                        max_size=3,
                    )
                )
                items = [
                    (item, alias or (None if item[0] == "field" else f"n{number}{place}"))
                    for place, (item, alias) in enumerate(items)
                ]
                commands.append((name, items))
                names += [alias for _, alias in items if alias]
            case "filter":
                commands.append(("filter", draw(conditions(expression))))
            case "parse":
                pattern = draw(
                    st.sampled_from(
                        ["user=* id=*", "*=*", "a*b*", ("([a-z]+)=([a-z]+)?",), ("(.)(.?)",), ("(x|5)(y)?",)]
                    )
                )
                commands.append(("parse", ("field", draw(st.sampled_from(names))), pattern, ["p", "q"]))
                names += ["p", "q"]
            case "sort":
                commands.append(
                    ("sort", draw(st.lists(st.tuples(expression | TIMES, st.booleans()), min_size=1, max_size=2)))
                )
            case "limit":
                commands.append(("limit", draw(st.integers(1, 8))))
            case "unnest":
                subject = draw(
                    st.sampled_from(
                        [
                            ("member", ("call", "jsonParse", (("field", "log"),)), ("x",)),
                            ("call", "jsonParse", (("field", "@message"),)),
                            ("field", "a"),
                        ]
                    )
                )
                commands.append(("unnest", subject, "u"))
                names.append("u")
    if draw(st.booleans()):
        commands += draw(statistics_of(names))
    elif draw(st.booleans()):
        commands.append(("dedup", draw(st.lists(expressions(names, 1), min_size=1, max_size=2))))
    return commands or [("limit", 5)]


@st.composite
def statistics_of(draw, names):
    expression = expressions(names, 1)
    one = st.sampled_from(
        ["count", "count_distinct", "sum", "avg", "min", "max", "earliest", "latest", "sortsFirst", "sortsLast"]
    )
    calls = st.one_of(
        st.tuples(st.just("aggregate"), st.just("count"), st.just(())),
        st.tuples(st.just("aggregate"), one, st.tuples(expression)),
        st.tuples(
            st.just("aggregate"),
            st.just("pct"),
            st.tuples(expression, st.sampled_from([("number", 0), ("number", 50), ("number", 95), ("number", 100)])),
        ),
    )
    aggregates = st.one_of(
        calls,
        st.tuples(
            st.just("compute"),
            st.sampled_from("+-*/"),
            calls,
            calls | NUMBERS.map(lambda number: ("number", abs(number))),
        ),
    )
    items = [(item, f"s{place}") for place, item in enumerate(draw(st.lists(aggregates, min_size=1, max_size=3)))]
    keys = [(item, f"k{place}") for place, item in enumerate(draw(st.lists(expression | TIMES, max_size=2)))]
    commands = [("stats", items, keys)]
    known = [alias for _, alias in (*items, *keys)]
    fields = st.sampled_from(known).map(lambda name: ("field", name))
    if draw(st.booleans()):
        commands.append(
            ("filter", ("compare", draw(st.sampled_from(["=", "!=", "<", ">="])), draw(fields), draw(literals)))
        )
    if draw(st.booleans()):
        commands.append(("sort", draw(st.lists(st.tuples(fields, st.booleans()), min_size=1, max_size=2))))
    if draw(st.booleans()):
        commands.append(("limit", draw(st.integers(1, 4))))
    return commands


@st.composite
def mutated(draw, texts):
    text = draw(texts)
    for _ in range(draw(st.integers(1, 3))):
        place = draw(st.integers(0, len(text)))
        cut = draw(st.integers(0, 4))
        text = text[:place] + draw(st.sampled_from(FRAGMENTS)) + text[place + cut :]
    return text


FRAGMENTS = [
    "",
    " ",
    "|",
    "(",
    ")",
    ",",
    "'",
    '"',
    "`",
    "/",
    "*",
    "5",
    "5m",
    "a",
    "@timestamp",
    " as x",
    " by ",
    " = ",
    " in [1]",
    "not ",
    " | sort x desc",
    " | limit 2",
    " | stats count(*) by x",
    " | filter x > 1",
    "count(*)",
    "jsonParse(log)",
    "bin(1h)",
    "case(",
    "max(",
    "regexReplace(a, /(.)/, ",
    "formatDate(@timestamp, 'yyyy')",
    ".b",
    "[0]",
    "#",
    "\\",
    "\n",
    "é",
    ";--",
]
