import time

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from refapp.backends.cloudwatch.errors import MalformedQuery
from refapp.backends.cloudwatch.insights.grammar import UNSUPPORTED
from refapp.backends.cloudwatch.insights.parser import LONGEST, parse

TOKENS = """
    fields display filter where filterIndex parse sort limit dedup unnest unmask pattern stats source logGroups as by
    asc desc like not in and or any into multi
    | , ( ) [ ] + - * / % ^ = != < >= =~ @timestamp a b.c `foo-bar` 5 1.5 5m 2mo
    'x' "y*" /a+/ # \\ ` ' " é ; -- count(*) jsonParse(a).b : x[0]
"""


def refused(text):
    with pytest.raises(MalformedQuery) as caught:
        parse(text)
    assert 0 <= caught.value.start <= caught.value.end <= max(len(text), LONGEST)
    return caught.value.message, text[caught.value.start : caught.value.end]


@pytest.mark.parametrize(
    ("text", "message", "part"),
    [
        ("", "the query is empty", ""),
        ("  \n", "the query is empty", ""),
        ("# a comment", "the query ends too early", ""),
        ("fields a |", "the query ends too early", ""),
        ("fields", "the query ends too early", ""),
        ("fields a b", "unexpected `b`", "b"),
        ("fields a, , b", "unexpected `,`", ","),
        ("filter a == 1", "unexpected `=`", "="),
        ("filter a = b = c", "unexpected `=`", "="),
        ("filter a orb", "unexpected `orb`", "orb"),
        ("filter a and", "the query ends too early", ""),
        ('fields "open', 'unexpected `"`', '"'),
        ("filter a like /open", "unexpected `/`", "/"),
        ("fields ☃", "unexpected `☃`", "☃"),
        ("stats count(*) by a offset 1d", "unexpected `offset`", "offset"),
        ("parse a logfmt as b", "unexpected `logfmt`", "logfmt"),
        ("fields a ; drop", "unexpected `;`", ";"),
    ],
)
def test_what_is_wrong_and_where(text, message, part):
    assert refused(text) == (message, part)


@pytest.mark.parametrize("name", UNSUPPORTED)
def test_commands_that_are_not_supported_are_named(name):
    assert refused(f"fields a | {name} b") == (f"the command `{name}` is not supported", name)
    assert refused(name.upper()) == (f"the command `{name.upper()}` is not supported", name.upper())


def test_an_unknown_command_is_named():
    message, part = refused("fields a | foo b")
    assert message.startswith("`foo` is no command; these are: fields, display, filter")
    assert part == "foo"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("fields " + "a" * LONGEST, "at most 10,000 characters, not 10,007"),
        ("|".join(["limit 5"] * 101), "at most 100 commands"),
        ("fields " + ", ".join(["a"] * 101), "at most 100 expressions"),
        ("filter a in [" + ",".join(["1"] * 2001) + "]", "at most 2,000 names"),
        *(
            (text, "nested at most 50 deep")
            for text in (
                "filter " + "not " * 2400 + "a",
                "fields " + "-" * 9900 + "a",
                "fields " + "a+" * 4900 + "a",
                "fields " + "a^" * 4900 + "a",
                "fields " + "f(" * 3300 + "a" + ")" * 3300,
                "fields f(a)" + "[0]" * 3300,
                "filter " + "(a=" * 2400 + "b" + ")" * 2400,
            )
        ),
    ],
)
def test_too_much_of_anything_is_refused_at_once(text, message):
    began = time.perf_counter()
    assert message in refused(text)[0]
    assert time.perf_counter() - began < 5


def test_much_that_is_harmless_is_no_error():
    assert len(parse("filter " + "(" * 4900 + "a" + ")" * 4900).commands) == 1
    assert len(parse("filter " + " or ".join(["a=1"] * 500)).commands[0].condition.operands) == 500
    assert len(parse("fields " + "a." * 4900 + "a").commands[0].items[0].expression.parts) == 4901


@given(st.lists(st.sampled_from(TOKENS.split()), max_size=25).map(" ".join) | st.text(max_size=50))
@example("`" * 5000)
@example("'" * 5001)
@example("/" * 5000)
@example("\\" * 5000)
@example("(" * 9000)
@example("[" * 9000)
@example("\0")
def test_any_text_is_a_query_or_malformed(text):
    try:
        assert parse(text).commands
    except MalformedQuery as error:
        assert 0 <= error.start <= error.end <= len(text)  # noqa: PT017 - either is right
