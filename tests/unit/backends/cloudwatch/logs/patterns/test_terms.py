import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from refapp.backends.cloudwatch.logs.patterns import PatternError, compile_pattern

MESSAGES = [
    "[ERROR 400] BAD REQUEST",
    "[ERROR 401] UNAUTHORIZED REQUEST",
    "[ERROR 419] MISSING ARGUMENTS",
    "[ERROR 420] INVALID ARGUMENTS",
    "[ERROR 500] INTERNAL SERVER ERROR",
    "[SUCCESS 200] AUTHORIZED REQUEST",
]


@pytest.mark.parametrize(
    ("pattern", "codes"),
    [
        ("ERROR", [400, 401, 419, 420, 500]),
        ("error", []),
        ("ERROR ARGUMENTS", [419, 420]),
        ("ARGUMENTS\n ERROR", [419, 420]),
        ("?REQUEST ?ARGUMENTS", [400, 401, 419, 420, 200]),
        ("?SUCCESS ?ARGUMENTS REQUEST", [400, 401, 200]),  # beside another term those with ? have no effect
        ("?SUCCESS -ERROR", [200]),
        ("ERROR -ARGUMENTS", [400, 401, 500]),
        ("ERROR - ARGUMENTS", [400, 401, 500]),
        ('"ERROR" - "ARGUMENTS"', [400, 401, 500]),
        ("-ERROR", [200]),
        ('"INTERNAL SERVER ERROR"', [500]),
        ('"[ERROR 4" -"] M"', [400, 401, 420]),
        ('?"] B" ?"] M"', [400, 419]),
        ("%AUTHORIZED%", [401, 200]),
        ("%^.SUCCESS%", [200]),
        (r"%4[0-9]{2}\] (B|M)%".replace("(B|M)", "[BM]"), [400, 419]),
        (" ", [400, 401, 419, 420, 500, 200]),
        ("", [400, 401, 419, 420, 500, 200]),
        ('" "', [400, 401, 419, 420, 500, 200]),
    ],
)
def test_messages_are_chosen_by_their_terms(pattern, codes):
    compiled = compile_pattern(pattern)
    assert [int(re.search(r"\d+", message)[0]) for message in MESSAGES if compiled.matches(message)] == codes


def test_a_phrase_may_have_quotation_marks_and_any_letters():
    pattern = compile_pattern(r'"say \"né\" \\ \d"')
    assert pattern.matches('I say "né" \\ \\d!')
    assert not pattern.matches("say né")


@pytest.mark.parametrize(
    ("pattern", "complaint"),
    [
        ("a foo-bar", "unexpected 'foo-bar' at character 2; expected .* a term of more than letters"),
        ("foo:bar", "unexpected 'foo:bar'"),
        ('a"b"', "unexpected"),
        ('"a"b', "unexpected"),
        ('"a', "unexpected"),
        ("-", "unexpected end at character 1"),
        ("? ?a", "unexpected"),
        ("ERROR %a%", "unexpected '%a%' at character 6"),
        ("%a% ERROR", "unexpected 'ERROR' at character 4; expected the end"),
    ],
)
def test_what_is_no_term_is_refused(pattern, complaint):
    with pytest.raises(PatternError, match=complaint):
        compile_pattern(pattern)


TERMS = st.lists(st.tuples(st.sampled_from(["", "-", "?"]), st.text("abc", min_size=1, max_size=2), st.booleans()))


@given(terms=TERMS, message=st.text("abcd ", max_size=8))
def test_terms_are_what_they_are_said_to_be(terms, message):
    text = " ".join(f'{sign}"{term}"' if quoted else sign + term for sign, term, quoted in terms)
    has = {sign: [term in message for kind, term, _ in terms if kind == sign] for sign in ("", "-", "?")}
    expected = all(has[""]) and not any(has["-"])
    if has["?"] and not has[""] and not has["-"]:
        expected = any(has["?"])
    assert compile_pattern(text).matches(message) is expected


def test_required_terms_are_the_needles():
    assert compile_pattern('a "b c" -d').needles == ("a", "b c")
    assert compile_pattern("?a ?b").needles == ()
