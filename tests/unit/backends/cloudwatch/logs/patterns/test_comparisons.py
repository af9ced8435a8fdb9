import re
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lark import Token

from refapp.backends.cloudwatch.logs.patterns import PatternError
from refapp.backends.cloudwatch.logs.patterns.comparisons import comparison, number, regex, text_of

SIGNS = {
    "=": lambda a, b: a == b,
    "!=": lambda a, b: a != b,
    "<": lambda a, b: a < b,
    ">": lambda a, b: a > b,
    "<=": lambda a, b: a <= b,
    ">=": lambda a, b: a >= b,
}


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1", 1),
        ("+1000", 1000),
        ("-5", -5),
        ("55.5", 55.5),
        ("10e3", 10_000),
        ("10e-3", 0.01),
        ("1E+3", 1000),
        (".5", 0.5),
        ("5.", 5),
        ("007", 7),
        ("1e999", float("inf")),
        ("123456789012345678901", 123456789012345678901),
    ],
)
def test_numbers(text, value):
    assert number(text) == value


@pytest.mark.parametrize(
    "text", ["", "e3", ".", "1e", "1_000", "1,5", "٣", " 1", "1 ", "nan", "inf", "0x1", "4*", "9" * 41]
)
def test_what_is_no_number(text):
    assert number(text) is None


@pytest.mark.parametrize(
    ("value", "text"), [("a", "a"), (1, "1"), (1000.0, "1000"), (1.5, "1.5"), (1e300, "1e+300"), (-0.5, "-0.5")]
)
def test_the_text_of_a_value(value, text):
    assert text_of(value) == text


@given(sign=st.sampled_from(list(SIGNS)), limit=st.integers(-5, 5), value=st.integers(-500, 500).map(lambda n: n / 100))
def test_numbers_compare_as_numbers_even_in_a_text(sign, limit, value):
    test = comparison(sign, Token("LITERAL", str(limit)))
    assert test(value) is test(f"{value:.2f}") is SIGNS[sign](value, limit)


@pytest.mark.parametrize("sign", SIGNS)
def test_another_text_is_no_number_and_differs_from_all(sign):
    assert comparison(sign, Token("LITERAL", "5"))("abc") is (sign == "!=")


@pytest.mark.parametrize(
    ("text", "matched", "others"),
    [
        ("*Event", ["PutEvent", "Event"], ["Events"]),
        ("Event*", ["EventId", "Event"], ["AnEvent"]),
        ("*Event*", ["AnEventId", "Event"], ["event", ""]),
        ("Ev*ent", ["Ev*ent"], ["Evxent"]),  # an asterisk within stands for itself
        ("123.123.*", ["123.123.4.5"], ["123.12.3"]),
        ("4*", ["404", 404, 4, 404.0], ["504", 504]),
        ("*", ["", "a", 0], []),
        ("**", ["", "a"], []),
        ("abc", ["abc"], ["abcd", "Abc"]),
        ("1.2.3", ["1.2.3"], ["1.2.30"]),
    ],
)
def test_asterisks_at_either_end_stand_for_anything(text, matched, others):
    for token in (Token("LITERAL", text), Token("STRING", f'"{text}"')):
        equal, different = comparison("=", token), comparison("!=", token)
        assert all(equal(value) and not different(value) for value in matched)
        assert all(different(value) and not equal(value) for value in others)


def test_a_quoted_number_is_a_text():
    test = comparison("=", Token("STRING", '"1e3"'))
    assert test("1e3")
    assert not test(1000)
    assert comparison("=", Token("STRING", '"1000"'))(1000)


def test_a_text_in_quotation_marks_may_be_empty():
    test = comparison("=", Token("STRING", '""'))
    assert test("")
    assert not test("a")


@pytest.mark.parametrize("sign", ["<", ">", "<=", ">="])
@pytest.mark.parametrize(
    "value", [Token("LITERAL", "abc"), Token("STRING", '"5"'), Token("REGEX", "%5%"), Token("LITERAL", "4*")]
)
def test_only_numbers_have_an_order(sign, value):
    with pytest.raises(PatternError, match=f"{sign} compares numbers, and {re.escape(value)} is none"):
        comparison(sign, value)


@pytest.mark.parametrize(
    ("expression", "matched", "others"),
    [
        ("^[hc]at", ["hat", "cats"], ["that", "bat"]),
        ("[hc]at$", ["hat", "that"], ["cats"]),
        ("colou?r", ["color", "colour"], ["colouur"]),
        ("[abcx-z]", ["b", "y"], ["d"]),
        ("^a{3,5}$", ["aaa", "aaaaa"], ["aa", "aaaaaa"]),
        ("^a{,2}$", ["", "aa"], ["aaa"]),
        ("^a{2,}$", ["aa", "aaaa"], ["a"]),
        ("^starting|^initializing|^shutting down", ["initializing x", "shutting down"], ["skipping initializing"]),
        (r"\[.\]", ["[a]", "[]]", "[ ]"], ["a", "[ab]"]),
        (r"10\.10\.0\.1", ["10.10.0.1"], ["10010,051"]),
        ("ab*c", ["ac", "abbbc"], ["adc"]),
        ("ab+c", ["abc"], ["ac"]),
        (r"^\d\D\s\S\w\W$", ["1a\t._-"], ["aa\t._-"]),
        (r"\x3A\x28", [":("], [":"]),
        ("^.$", ["é", "\U0001f600"], ["éé"]),
        (r"a\{,2\}", ["a{,2}"], ["aa"]),
        (r"^\\{,2}$", ["", "\\\\"], ["\\\\\\"]),
        ("^[{,2}]$", ["2", "{"], ["0"]),
    ],
)
def test_regular_expressions_as_documented(expression, matched, others):
    found = regex(expression)
    assert all(map(found, matched))
    assert not any(map(found, others))


@pytest.mark.parametrize(
    ("expression", "complaint"),
    [
        ("something!", r"'!' is not allowed"),
        ("(a)", r"'\(' is not allowed"),
        ("é", "'é' is not allowed"),
        (r"\b", r"'\\\\' is not allowed"),
        (r"\x4", r"'\\\\' is not allowed"),
        ("a\\", r"'\\\\' is not allowed"),
        ("[a", "missing ]"),
        ("*a", "no argument for repetition operator"),
        ("a{2000}", "repetition"),
        ("", "nothing stands between"),
    ],
)
def test_other_regular_expressions_are_refused(expression, complaint):
    with pytest.raises(PatternError, match=complaint):
        regex(expression)


def test_no_regular_expression_takes_long():
    found = regex("a*a*a*a*a*a*a*a*b$")
    start = time.process_time()
    assert not found("a" * 100_000)
    assert time.process_time() - start < 5


def test_a_regular_expression_is_searched_in_numbers_and_in_broken_text():
    test = comparison("=", Token("REGEX", "%^40[0-9]%"))
    assert test(404)
    assert not test(504)
    assert not test("\ud800")
