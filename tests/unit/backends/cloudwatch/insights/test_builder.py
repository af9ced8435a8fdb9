import pytest

from refapp.backends.cloudwatch.errors import MalformedQuery
from refapp.backends.cloudwatch.insights import tree
from refapp.backends.cloudwatch.insights.parser import parse


def commands(text):
    return parse(text).commands


def expression(text):
    (item,) = commands(f"fields {text}")[0].items
    return item.expression


def shape(node):  # noqa: C901, PLR0911 - a case for each kind of node
    """An expression in brackets, as it binds."""
    match node:
        case tree.Number(value=value):
            return f"{value:g}"
        case tree.Text(value=value):
            return repr(value)
        case tree.Field(name=name):
            return name
        case tree.Arithmetic() | tree.Comparison():
            return f"({shape(node.left)} {node.operator} {shape(node.right)})"
        case tree.Negative(operand=operand):
            return f"(-{shape(operand)})"
        case tree.Not(operand=operand):
            return f"(not {shape(operand)})"
        case tree.Logical(operator=operator, operands=operands):
            return f"({f' {operator} '.join(map(shape, operands))})"
        case tree.Member(of=of, path=path):
            return f"{shape(of)}{list(path)}"
        case tree.Call(name=name, arguments=arguments, star=star):
            return f"{name}({'*' if star else ', '.join(map(shape, arguments))})"
        case tree.Like(subject=subject, pattern=tree.Text(value=value)):
            return f"({shape(subject)} like {value!r})"
        case tree.Like(subject=subject, pattern=tree.Regex(pattern=pattern)):
            return f"({shape(subject)} like /{pattern}/)"
        case tree.In(subject=subject, values=values):
            return f"({shape(subject)} in [{', '.join(map(shape, values))}])"
    raise AssertionError(node)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a or b and not c = 1 + 2 * 3 ^ 4", "(a or (b and (not (c = (1 + (2 * (3 ^ 4)))))))"),
        ("a or b or c and d and e", "(a or b or (c and d and e))"),
        ("a - b - c", "((a - b) - c)"),
        ("a / b * c % d", "(((a / b) * c) % d)"),
        ("2 ^ 3 ^ 4", "(2 ^ (3 ^ 4))"),
        ("-2 ^ 2", "((-2) ^ 2)"),
        ("a -1", "(a - 1)"),
        ("(a or b) and c", "((a or b) and c)"),
        ("not not a", "(not (not a))"),
        ("not a in [1, 'x']", "(not (a in [1, 'x']))"),
        ("a not in []", "(not (a in []))"),
        ("a not like 'x'", "(not (a like 'x'))"),
        ("a like /b\\/c\\d/", "(a like /b/c\\d/)"),
        ("a =~ /b/", "(a like /b/)"),
        ("(a = b) = c", "((a = b) = c)"),
        ("jsonParse(a).b.`c.d`[2].e", "jsonParse(a)['b', 'c.d'][2]['e']"),
        ("a[0]", "a[0]"),
        ("@`aws.tag.a:b`", "@aws.tag.a:b"),
        ("`a b`.c", "a b.c"),
        ("count(*)", "count(*)"),
        ("now()", "now()"),
        ("f(a, -b)", "f(a, (-b))"),
    ],
)
def test_how_operators_bind(text, expected):
    assert shape(expression(text)) == expected


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        (r'"a\"b"', 'a"b'),
        (r"'a\'b'", "a'b"),
        (r'"a\\b"', "a\\b"),
        (r'"a\nb\tc\rd"', "a\nb\tc\rd"),
        (r'"\d+\."', r"\d+\."),
        ('"it\'s"', "it's"),
        ('"two\nlines"', "two\nlines"),
        ('""', ""),
        ('"é☃"', "é☃"),
    ],
)
def test_strings(said, meant):
    assert expression(said).value == meant


@pytest.mark.parametrize(
    ("text", "names"),
    [
        (
            "fields a, a.b as c, a+b, ( a + b ), count( * ), `foo-bar`",
            ["a", "c", "a+b", "( a + b )", "count( * )", "foo-bar"],
        ),
        ("fields bin(5 m) as `x y`, @`a`.b", ["x y", "@a.b"]),
    ],
)
def test_a_column_is_named_by_its_alias_or_by_what_the_query_says(text, names):
    assert [item.name for item in commands(text)[0].items] == names


def test_commands():
    text = """
        fields a | display b | filter c | where d | filterIndex e = 1 | filterIndex e in [1] | parse "x*" as f
        | parse g /(?<h>i)/ | parse g /(i)/ as h multi | parse lower(g) 'y*' as h, i | sort a, b desc, c asc | limit 3
        | limit any 4 | dedup a, b | unnest a into b | unmask a | pattern a
        | stats count(*), sum(a) as b by c, bin(1h) as d
    """
    found = commands(text)
    kinds = """
        Fields Display Filter Filter Filter Filter Parse Parse Parse Parse Sort Limit Limit Dedup Unnest Unmask Pattern
        Stats
    """
    assert [type(command).__name__ for command in found] == kinds.split()
    globs, named, multi, called = found[6:10]
    assert (shape(globs.subject), globs.pattern.value, globs.names) == ("@message", "x*", ("f",))
    assert (shape(named.subject), named.pattern.pattern, named.names, named.multi) == ("g", "(?<h>i)", (), False)
    assert (multi.names, multi.multi) == (("h",), True)
    assert (shape(called.subject), called.names) == ("lower(g)", ("h", "i"))
    assert [(shape(key.expression), key.descending) for key in found[10].keys] == [
        ("a", False),
        ("b", True),
        ("c", False),
    ]
    assert [(limit.count, limit.any) for limit in found[11:13]] == [(3, False), (4, True)]
    stats = found[-1]
    assert ([item.name for item in stats.aggregates], [item.name for item in stats.keys]) == (
        ["count(*)", "b"],
        ["c", "d"],
    )


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("SOURCE logGroups()", tree.Source),
        ("SOURCE logGroups(namePrefix: ['a', \"b\"])", {"prefixes": ("a", "b")}),
        (
            "source loggroups(class: ['STANDARD'], accountIdentifiers: ['1', '2'])",
            {"classes": ("STANDARD",), "accounts": ("1", "2")},
        ),
        ("SOURCE logGroups(logGroupClass:['X'],accountIdentifier:['1'])", {"classes": ("X",), "accounts": ("1",)}),
        ("SOURCE '/aws/a'", {"names": ("/aws/a",)}),
        ("SOURCE 'a' 'b', 'c'", {"names": ("a", "b", "c")}),
    ],
)
def test_sources(text, expected):
    source = parse(f"{text} | limit 1").source
    wanted = tree.Source(source.span, **(expected if isinstance(expected, dict) else {}))
    assert source == wanted


@pytest.mark.parametrize(
    ("text", "message", "part"),
    [
        ("limit 0", "from 1 to 100000", "0"),
        ("limit 100001", "from 1 to 100000", "100001"),
        ("limit 1000000000", "from 1 to 100000", "1000000000"),
        ("limit 2.5", "whole number", "2.5"),
        (f"limit {'9' * 500}", "at most 30 digits", "9" * 500),
        (f"fields {'1' * 31}", "at most 30 digits", "1" * 31),
        ("fields bin(0s)", "period", "0s"),
        (f"fields bin({'1' * 31}s)", "period", "1" * 31 + "s"),
        ("fields a[1.5]", "place in a list", "1.5"),
        ("filterIndex a > 1", "one condition", "filterIndex a > 1"),
        ("filterIndex a = 1 and b = 2", "one condition", "filterIndex a = 1 and b = 2"),
        ("filterIndex f(a) = 1", "one condition", "filterIndex f(a) = 1"),
        ("SOURCE logGroups(foo: ['a']) | limit 1", "`foo`", "foo"),
        ("SOURCE logGroups(class: ['a'], logGroupClass: ['b']) | limit 1", "twice", "logGroupClass: ['b']"),
        (
            f"SOURCE logGroups(namePrefix: [{', '.join(['1'] * 6)}]) | limit 1".replace("1,", "'1',").replace(
                "1]", "'1']"
            ),
            "at most 5",
            None,
        ),
    ],
)
def test_what_is_wrong_and_where(text, message, part):
    with pytest.raises(MalformedQuery, match=message) as caught:
        parse(text)
    assert part is None or text[caught.value.start : caught.value.end] == part
