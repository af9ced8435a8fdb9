"""What is common to all patterns; the package's own function."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from refapp.backends.cloudwatch.errors import ServiceError
from refapp.backends.cloudwatch.logs.patterns import PatternError, compile_pattern

SYMBOLS = '{ } [ ] ( ) $.a $.a[0] $.* $ ... = != > && || IS NULL NOT EXISTS ? - % %a+% " , w1 12 1e9999 * a* \\ é …'
FRAGMENTS = st.sampled_from(SYMBOLS.split(" ")) | st.sampled_from(['"a b"', " ", "\n", "\x00"])
TEXTS = (
    st.text(max_size=60)
    | st.lists(FRAGMENTS, max_size=30).map("".join)
    | st.lists(FRAGMENTS, max_size=20).map(" ".join)
)
MESSAGES = st.text(max_size=40) | st.sampled_from(
    ['{"a":[1,{"b":null}]}', "ERROR [x y] 12", '{"a":"b', "\ud800", "{" * 5000]
)


@given(text=TEXTS | TEXTS.map("{{{}}}".format) | TEXTS.map("[{}]".format), message=MESSAGES)
def test_any_text_is_a_pattern_or_refused(text, message):
    try:
        pattern = compile_pattern(text)
    except PatternError:
        return
    assert pattern.matches(message) in (True, False)
    assert all(name.startswith("$") for name in pattern.extract(message))
    if pattern.matches(message):
        assert all(needle in message for needle in pattern.needles)


@pytest.mark.parametrize(
    "text",
    [
        "{" + "(" * 511 + "$.a=1" + ")" * 400 + "}",
        "{" + "(" * 505 + "$.a=1" + ")" * 505 + "}",
        "{ " + " && ".join(["($.a = 1 || $.b = 2)"] * 43) + " }",
        "[" + "," * 1020 + "]",
        "- " * 500,
    ],
)
def test_a_deep_or_long_pattern_is_harmless(text):
    try:
        pattern = compile_pattern(text)
    except ServiceError:
        return
    assert pattern.matches('{"a": 1}') in (True, False)


def test_a_pattern_has_a_longest():
    assert compile_pattern("a" * 1024).matches("a" * 1025)
    with pytest.raises(PatternError, match="it has 1025 characters; 1024 are allowed"):
        compile_pattern("a" * 1025)


def test_a_pattern_is_compiled_once():
    assert compile_pattern("{ $.a = 1 }") is compile_pattern("{ $.a = 1 }")


def test_a_refusal_is_one_that_the_service_knows():
    with pytest.raises(ServiceError, match="Invalid filter pattern: unexpected") as refusal:
        compile_pattern("{")
    assert refusal.value.code == "InvalidParameterException"


@pytest.mark.parametrize("text", ["ERROR", "%a%"])
def test_terms_name_no_values(text):
    with pytest.raises(PatternError, match=r"\$\.latency refers to nothing"):
        compile_pattern(text).reference("$.latency")
    assert compile_pattern(text).extract("ERROR a") == {}
