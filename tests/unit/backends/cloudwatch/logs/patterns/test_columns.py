import re
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from refapp.backends.cloudwatch.logs.patterns import PatternError, compile_pattern

ACCESS = '127.0.0.1 Prod frank [10/Oct/2000:13:25:15 -0700] "GET /index.html HTTP/1.0" 404 1534'
LINES = [
    "INFO 09/25/2014 12:00:00 GET /service/resource/67 1200",
    "INFO 09/25/2014 12:00:01 POST /service/resource/67/part/111 1310",
    "WARNING 09/25/2014 12:00:02 Invalid user request",
    "ERROR 09/25/2014 12:00:02 Failed to process request",
]


@pytest.mark.parametrize(
    "pattern",
    [
        r"[ip=%127\.0\.0\.[1-9]%, user, username, timestamp, request =*.html*, status_code = 4*, bytes]",
        "[..., request =*.html*, status_code = 4*, bytes]",
        "[ip, user, username, timestamp, request =*.html*, status_code = 404 || status_code = 410, bytes]",
        "[ip, user, username, timestamp, request, status_code = 404 && status_code != 403, bytes > 1000]",
        "[..., status_code, bytes]",
        "[ip, user, ..., status_code = 404, bytes]",
        "[ip, user, ...]",
        "[...]",
        "[ ip , user ,...,bytes=1534 ]",
        '[..., request = "GET /index.html*", (status = 404 || status = 410) && status != 41*, bytes]',
        "[..., request=*.html*, status_code=4*,]",
    ],
)
def test_patterns_that_choose_the_access(pattern):
    assert compile_pattern(pattern).matches(ACCESS)


@pytest.mark.parametrize(
    "pattern",
    [
        "[ip, user, username, timestamp, request, status_code, bytes, more]",
        "[ip, user, username, timestamp, request, status_code = 404]",
        "[ip, user, username, timestamp, request, status_code, bytes > 1534]",
        "[ip, user != *od, ...]",
        "[..., status_code = 5*, bytes]",
        "[a, b, c, d, ..., e, f, g, h]",
    ],
)
def test_patterns_that_do_not_choose_the_access(pattern):
    assert not compile_pattern(pattern).matches(ACCESS)


@pytest.mark.parametrize(
    ("pattern", "chosen"),
    [
        ("[w1=ERROR, w2]", [3]),
        ("[w1=ERROR || w1=WARNING, w2]", [2, 3]),
        ("[w1!=ERROR && w1!=WARNING, w2]", [0, 1]),
        ("[logLevel, date, time, method, url=%/service/resource/[0-9]+$%, response_time]", [0]),
        ("[logLevel, date, time, method, url=%/service/resource/[0-9]+/part/[0-9]+$%, response_time]", [1]),
    ],
)
def test_the_documented_examples(pattern, chosen):
    assert [place for place, line in enumerate(LINES) if compile_pattern(pattern).matches(line)] == chosen


def test_words_have_names_or_numbers():
    pattern = compile_pattern("[..., request=*.html*, status_code=4*,]")
    assert pattern.extract(ACCESS) == {
        "$1": "127.0.0.1",
        "$2": "Prod",
        "$3": "frank",
        "$4": "10/Oct/2000:13:25:15 -0700",
        "$request": "GET /index.html HTTP/1.0",
        "$status_code": "404",
        "$7": "1534",
    }


def test_the_last_name_takes_what_is_left():
    assert compile_pattern("[level, , rest]").extract(LINES[2] + " \n") == {
        "$level": "WARNING",
        "$2": "09/25/2014",
        "$rest": "12:00:02 Invalid user request",
    }


def test_brackets_that_never_close_take_no_time():
    pattern = compile_pattern("[first, ..., last = end]")
    start = time.process_time()
    assert pattern.matches("[a b] " + "[ " * 100_000 + "end")
    assert time.process_time() - start < 2  # it would be minutes
    assert pattern.extract("[a b] [ [ end")["$first"] == "a b"


def test_references_read_one_word():
    pattern = compile_pattern("[ip, , ..., status, bytes]")
    words = [pattern.reference(name)(pattern.content(ACCESS)) for name in ("$ip", "$2", "$status", "$bytes")]
    assert words == ["127.0.0.1", "Prod", "404", "1534"]


@pytest.mark.parametrize("text", ["$no", "$", "$.ip", "", "$1", "ip"])
def test_what_is_no_reference(text):
    with pytest.raises(PatternError, match=r"is none of the pattern's words: \$ip, \$2, \$rest"):
        compile_pattern("[ip, , rest]").reference(text)


@pytest.mark.parametrize(
    ("pattern", "complaint"),
    [
        ("[a, b", r"unexpected end at character 5; expected .*\]"),
        ("[a b]", "unexpected 'b]' at character 3"),
        ("[a, b] c", "unexpected 'c' at character 7; expected the end"),
        ("[a = 1 && b = 2]", "a condition is about one word, not about a and b"),
        ("[a, ..., b, ...]", "more than one ellipsis"),
        ("[a, b, a = 1]", "a is the name of more than one word"),
        ("[a = b c]", "unexpected 'c]'"),
        ("[a > b]", "> compares numbers"),
        ("[a = %x%, b = %y%, c = %z%]", "it has 3 regular expressions; 2 are allowed"),
        ("[a.b]", "unexpected '.b]'"),
    ],
)
def test_broken_patterns_are_explained(pattern, complaint):
    with pytest.raises(PatternError, match=complaint):
        compile_pattern(pattern)


def test_regular_expressions_are_counted():
    assert compile_pattern("[a = %x%, b = %y% || b = 1]").regexes == 2


# The obviously right evaluator.
WORDS = st.sampled_from(["a", "b", "12", "7", '"a b"', "[7 x]", '""'])
CONDITIONS = st.sampled_from(
    [None, ("=", "a"), ("!=", "a"), ("=", "a*"), ("=", "*b"), (">", "7"), ("<=", "7"), ("=", "12")]
)


def compares(word, sign, text):
    if text.isdigit():
        if not re.fullmatch(r"\d+", word):
            return sign == "!="
        return {"=": int(word) == int(text), ">": int(word) > int(text), "<=": int(word) <= int(text)}[sign]
    return (re.fullmatch(text.replace("*", ".*"), word) is not None) is (sign == "=")


@given(
    words=st.lists(WORDS, max_size=6),
    head=st.lists(CONDITIONS, max_size=3),
    tail=st.lists(CONDITIONS, max_size=3) | st.none(),
)
def test_columns_mean_what_they_say(words, head, tail):
    columns = [*head, *(tail or [])]
    names = [f"w{place} {' '.join(condition)}" if condition else f"w{place}" for place, condition in enumerate(columns)]
    # a name is put in front of the condition, and an ellipsis between the two parts
    parts = [*names[: len(head)], *([] if tail is None else ["..."]), *names[len(head) :]]
    if not parts:
        parts, columns, head = ["w"], [None], [None]
    line = "  ".join(words)
    bare = [word.strip('"[]') for word in words]
    if tail is None:
        fits = len(bare) == len(columns) or (len(bare) > len(columns) and columns[-1] is None)
        pairs = zip(columns, bare, strict=False)
    else:
        fits = len(bare) >= len(columns)
        pairs = [*zip(head, bare, strict=False), *zip(reversed(tail), reversed(bare), strict=False)]
    expected = fits and all(compares(word, *condition) for condition, word in pairs if condition)
    assert compile_pattern(f"[{', '.join(parts)}]").matches(line) is expected
