import pytest

from refapp.backends.cloudwatch.errors import MalformedQuery
from refapp.backends.cloudwatch.insights.regexes import (
    Pattern,
    extraction_of,
    is_plain,
    pattern_of,
    replacement_of,
)
from refapp.backends.cloudwatch.insights.tree import Field, Parse, Regex, Span, Text

HERE = Span(3, 9)
GLOBS = {
    "user=*, id:*": (2, "(?s)user=(.*?), id:(.*)"),
    "*": (1, "(?s)(.*)"),
    "a*b": (1, "(?s)a(.*?)b"),
    "**": (2, "(?s)(.*?)(.*)"),
    "none": (0, "(?s)none"),
}


def parse(pattern, *names, multi=False):
    return Parse(HERE, Field(HERE, ("@message",)), pattern, names, multi)


@pytest.mark.parametrize("glob", GLOBS)
def test_globs(glob):
    count, pattern = GLOBS[glob]
    names = [f"n{number}" for number in range(1, count + 1)]
    found = extraction_of(parse(Text(HERE, glob), *names))
    assert (found.groups, found.names) == (count, dict(enumerate(names, 1)))
    assert found.text.replace("\\", "") == pattern


@pytest.mark.parametrize(("glob", "names"), [("a*b", []), ("a*b", ["x", "y"]), ("none", ["x"])])
def test_a_glob_has_as_many_places_as_names(glob, names):
    with pytest.raises(MalformedQuery, match=f"{len(names)} names for {glob.count('*')} times") as caught:
        extraction_of(parse(Text(HERE, glob), *names))
    assert (caught.value.start, caught.value.end) == HERE


@pytest.mark.parametrize(
    ("pattern", "names", "expected"),
    [
        ("(?<a>x)(y)(?P<b>z)", (), {1: "a", 3: "b"}),
        ("(?<a>x)(y)", ("p", "q"), {1: "p", 2: "q"}),
        ("(x)", ("p",), {1: "p"}),
    ],
)
def test_groups_make_fields(pattern, names, expected):
    assert extraction_of(parse(Regex(HERE, pattern), *names)).names == expected


@pytest.mark.parametrize(
    ("pattern", "names", "message"),
    [
        ("x", (), "has a name"),
        ("(x)", (), "has a name"),
        ("(x)(y)", ("p",), "1 names for the 2 groups"),
        ("x", ("p",), "for the 0"),
    ],
)
def test_groups_and_names_have_to_fit(pattern, names, message):
    with pytest.raises(MalformedQuery, match=message):
        extraction_of(parse(Regex(HERE, pattern), *names))


@pytest.mark.parametrize(
    ("said", "given"),
    [
        ("(?<a>x)", "(?P<a>x)"),
        (r"\(?<a>x", r"\(?<a>x"),
        ("[(?<]a>(?<b>x)", "[(?<]a>(?P<b>x)"),
        (r"[\](?<](?<b>x)", r"[\](?<](?P<b>x)"),
        ("[](?<](?<b>x)", "[](?<](?P<b>x)"),
        ("[[:alpha:](?<](?<b>x)", "[[:alpha:](?<](?P<b>x)"),
        ("(?i)a.b", "(?i)a.b"),
        (r"\\C", r"\\C"),
    ],
)
def test_names_of_groups_as_any_re2_reads_them(said, given):
    assert pattern_of(Regex(HERE, said)).text == given


@pytest.mark.parametrize(
    "pattern",
    [
        "(?=a)",
        "(?!a)",
        "(?<=a)b",
        "(?<!a)b",
        r"(a)\1",
        "(",
        "[a",
        "a{2000}",
        "(a{1000}){1000}",
        "*a",
        r"\C",
        "(?<a-b>x)",
    ],
)
def test_what_re2_does_not_read_has_a_place(pattern):
    with pytest.raises(MalformedQuery, match="this regular expression cannot be used: ") as caught:
        pattern_of(Regex(HERE, pattern))
    assert (caught.value.start, caught.value.end) == HERE


@pytest.mark.parametrize(
    ("said", "written"),
    [
        ("x", "x"),
        (r"\1-\0", r"\1-\0"),
        (r"\2", r"\\2"),
        ("\\", r"\\"),
        (r"\n", r"\\n"),
        (r"\\1", r"\\\1"),
    ],
)
def test_what_is_written_for_a_match(said, written):
    assert replacement_of(said, 1) == written


@pytest.mark.parametrize(
    ("text", "plain"), [("service-f é/\n", True), ("", True), *((f"a{sign}", False) for sign in r"\.^$|?*+()[]{}")]
)
def test_plain_patterns(text, plain):
    assert is_plain(text) is plain


def test_a_pattern_that_would_take_for_ever_elsewhere(ask):
    ask.add("x" * 5000)
    assert ask("filter @message like /(x+x+)+y/").rows == []
    assert ask("parse @message /(?<a>(x|xx)+)y/ | filter isPresent(a)").rows == []


def test_patterns_are_values():
    assert pattern_of(Regex(HERE, "(a)")) == Pattern("(a)", 1, {})
