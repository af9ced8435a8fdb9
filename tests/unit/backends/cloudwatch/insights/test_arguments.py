import pytest


@pytest.mark.parametrize(
    ("text", "message", "part"),
    [
        ("fields regexReplace(a, b, 'x')", "this has to be a regular expression", "b"),
        ("fields regexReplace(a, 5, 'x')", "this has to be a regular expression", "5"),
        ("fields regexReplace(a, 'b', c)", "this has to be a string", "c"),
        ("fields regexReplace(a, '(', 'x')", "this regular expression cannot be used: missing ): (", "'('"),
        ("fields bin(a)", "this has to be a period, like 5m", "a"),
        ("fields dateFloor(@timestamp, 5)", "this has to be a period, like 5m", "5"),
        ("stats pct(a, b)", "this has to be a number", "b"),
        ("stats pct(a, -1)", "this has to be a number", "-1"),
        ("stats pct(a, 101)", "a percentile is a number from 0 to 100", "101"),
        ("fields abs()", "`abs` takes 1 arguments, not 0", "abs()"),
        ("fields abs(a, b)", "`abs` takes 1 arguments, not 2", "abs(a, b)"),
        ("fields round(a, 1, 2)", "`round` takes 1 to 2 arguments, not 3", "round(a, 1, 2)"),
        ("fields " + "concat(a, " * 40 + "a" + ")" * 40, None, None),
        ("fields " + "concat(a, a, a, a, " * 30 + "a" + ")" * 30, "this makes texts more than 100 times as long", None),
        ("fields concat(a, a, a, a) as b | fields concat(b, b, b, b, b) as c | fields concat(c, c, c, c, c, c) as d",
         "this makes texts more than 100 times as long", "concat(c, c, c, c, c, c)"),
        ("stats max(concat(a, a, a, a, a, a, a, a, a, a, a)) as b | fields concat(b, b, b, b, b, b, b, b, b, b) as c",
         "this makes texts more than 100 times as long", "concat(b, b, b, b, b, b, b, b, b, b)"),
    ],
)  # fmt: skip
def test_arguments_that_are_wrong(ask, refused, text, message, part):
    if message is None:
        assert ask(text).rows == []
        return
    said, where = refused(text)
    assert said == message
    assert part is None or where == part


GROWN = "concat(a, a, a, a, a, a, a, a, a, a, a)"


@pytest.mark.parametrize(
    "made",
    [
        f"fields {GROWN} as b",
        f"fields substr({GROWN}, 1) as b",
        f"fields trim({GROWN}) as b",
        f"fields case(a = 1, {GROWN}, 5) as b",
        f"fields coalesce(a, {GROWN}) as b",
        f"fields jsonParse({GROWN}) as j | fields jsonStringify(j.x) as b",
        "fields split(concat(a, a, a), ',') as j | unnest j into b",
        f"unnest {GROWN} into b",
        f"parse {GROWN} '*' as b",
        f"stats latest({GROWN}) as b",
        f"stats count(*) by {GROWN} as b",
        f"fields '{'x' * 3300}' as b",
        f"fields formatDate(@timestamp, '%Y{'x' * 3300}') as b",
        "fields replace(a, 'x', a) as b",
        "fields regexReplace(a, /x/, 'yy') as b",
        "fields urlEncode(urlEncode(base64Encode(a))) as b",
    ],
)
def test_what_is_long_stays_long_whatever_is_done_with_it(refused, made):
    joined = f"concat({', '.join(['b'] * 10)}, b, b)"
    assert refused(f"{made} | fields {joined}") == ("this makes texts more than 100 times as long", joined)


def test_what_gets_no_longer_may_be_done_often(ask):
    ask.add('{"a": "x-y"}')
    text = "replace(" * 30 + "a" + ", '-', '')" * 30
    assert ask(f"fields regexReplace({text}, /y/, '') as x | display x").values == [("x",)]


def test_an_argument_is_made_once_however_often_it_is_asked_for(ask):
    ask.add('{"ip": "10.0.0.1"}')
    assert ask("fields isPublicIP(" + "concat(" * 40 + "ip" + ")" * 40 + ") as x | display x").values == [("0",)]
    assert ask("fields " + "isPublicIP(" * 8 + "ip" + ")" * 8 + " as x | display x").values == [("0",)]
