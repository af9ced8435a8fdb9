import base64
import hashlib
import json
import math

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

EVENT = '{"text": "xyZfooxyZ", "number": "-7.5", "empty": "", "blank": " \\t", "yes": true, "umlaut": "äöü☃"}'


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("abs(number)", "7.5"),
        ("ceil(number)", "-7"),
        ("floor(number)", "-8"),
        ("round(number)", "-8"),
        ("round(2.567, 1)", "2.6"),
        ("round(1250, -2)", "1300"),
        ("round(2.5, missing)", None),
        ("sqrt(2.25)", "1.5"),
        ("sqrt(number)", None),
        ("log(1)", "0"),
        ("log(0)", None),
        ("log(number)", None),
        ("greatest(1, number, missing, '3')", "3"),
        ("least(1, number, missing, 'word')", "-7.5"),
        ("greatest(missing)", None),
        ("toNumber('1e3')", "1000"),
        ("toDouble(text)", None),
        ("toInt(number)", "-7"),
        ("toLong('9.9')", "9"),
        ("abs(missing)", None),
        ("haversine(52.52, 13.405, 48.8566, 2.3522)", "877.4633259175432"),
        ("haversine(0, 0, 0, 180)", "20015.086796020572"),
        ("isPresent(text)", "1"),
        ("ispresent(missing)", "0"),
        ("isPresent(empty)", "1"),
        ("coalesce(missing, empty, text)", ""),
        ("coalesce(missing, 5)", "5"),
        ("coalesce(missing)", None),
        ("case(number > 0, 'up', number < 0, 'down', 'still')", "down"),
        ("case(number > 0, 'up', number > 1, 'higher')", None),
        ("case(missing = 1, 1, 2)", "2"),
        ("case(yes, 1, 2)", "1"),
        ("if(text like 'foo', 'a', 1)", "a"),
        ("if(missing, 1, 0 = 1)", "0"),
        ("isNumeric(number)", "1"),
        ("isNumeric(text)", "0"),
        ("isNumeric(missing)", "0"),
        ("messageSize(umlaut)", "9"),
        ("messageSize(@message) > 100", "1"),
        ("unmask(text)", "xyZfooxyZ"),
        ("isEmpty(empty)", "1"),
        ("isEmpty(blank)", "0"),
        ("isEmpty(missing)", "1"),
        ("isBlank(blank)", "1"),
        ("isBlank(text)", "0"),
        ("isBlank(missing)", "1"),
        ("concat('a', number, 2 > 1)", "a-7.51"),
        ("concat('a', missing)", None),
        ("strlen(umlaut)", "4"),
        ("toUpper(umlaut)", "ÄÖÜ☃"),
        ("toLower('ÄX')", "äx"),
        ("substr(text, 3, 3)", "foo"),
        ("substr(text, 3)", "fooxyZ"),
        ("substr(umlaut, 1, 2)", "öü"),
        ("substr(text, -2, 3)", "xyZ"),
        ("substr(text, 3, -1)", ""),
        ("substr(text, 99)", ""),
        ("substr(text, 1.9, 1)", "y"),
        ("substr(text, 99999999999999, 99999999999999)", ""),
        ("replace(text, 'xyZ', '-')", "-foo-"),
        ("replace(text, 'o', number)", "xyZf-7.5-7.5xyZ"),
        ("replace(text, '', '-')", "xyZfooxyZ"),
        ("replace(text, missing, '-')", None),
        (r"regexReplace(text, '([a-z])Z', '<\1>')", "x<y>foox<y>"),
        (r"regexReplace(text, /[xyZ]+/, '')", "foo"),
        (r"regexReplace(text, /o/, '\0\0\\')", "xyZfoo\\oo\\xyZ"),
        ("strContains(text, 'foo')", "1"),
        ("strContains(text, 'FOO')", "0"),
        ("strContains(text, 'FOO', 1 = 1)", "1"),
        ("strContains(text, 'FOO', 0)", "0"),
        ("strContains(missing, 'foo')", "0"),
        ("startsWith(text, 'xy')", "1"),
        ("endsWith(text, 'xy')", "0"),
        ("split('a,b,,c', ',')", '["a","b","","c"]'),
        ("split('äb', '')[0]", "ä"),
        ("split(missing, ',')", None),
        ("urlEncode('a b/ä?')", "a%20b%2F%C3%A4%3F"),
        ("urlDecode('a%20b%2F%C3%A4')", "a b/ä"),
        ("urlDecode('%ff')", None),
        ("base64Encode(umlaut)", base64.b64encode("äöü☃".encode()).decode()),
        ("base64Decode('w6Q=')", "ä"),
        ("base64Decode('!')", None),
        ("base64Decode('/w==')", None),
        ("hexToAscii('48656c6c6f')", "Hello"),
        ("hexToAscii('0x4869')", "Hi"),
        ("hexToAscii('zz')", None),
        ("hexToDec('0x1F')", "31"),
        ("hexToDec('ff')", "255"),
        ("hexToDec('-0x10')", "-16"),
        ("hexToDec('no')", None),
        ("decToHex(255)", "0xff"),
        ("decToHex(-255)", "-0xff"),
        ("decToHex(0)", "0x0"),
        ("decToHex('word')", None),
        ("md5('a')", hashlib.md5(b"a", usedforsecurity=False).hexdigest()),
        ("sha256(umlaut)", hashlib.sha256("äöü☃".encode()).hexdigest()),
        ("trim('xyZxyfooxyxyZ', 'xyZ')", "foo"),
        ("ltrim(text, 'xyZ')", "fooxyZ"),
        ("rtrim(text, 'xyZ')", "xyZfoo"),
        ("concat('[', trim(' \\t\\n a \\r '), ']')", "[a]"),
        ("TOUPPER(text)", "XYZFOOXYZ"),
    ],
)
def test_functions(value, expression, expected):
    assert value(expression, EVENT) == expected


@settings(max_examples=10, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(st.tuples(st.integers(-(2**40), 2**40), st.text("aé☃ %+/x", max_size=10)), min_size=1, max_size=20))
def test_what_is_written_can_be_read(ask, pairs):
    ask.store.delete(ask.group)
    ask.add(*(json.dumps({"number": number, "text": text}) for number, text in pairs))
    written = ["hexToDec(decToHex(number))", "urlDecode(urlEncode(text))", "base64Decode(base64Encode(text))"]
    found = ask(f"fields {', '.join(written)} | sort @timestamp asc").values
    assert found == [(str(number), text, text) for number, text in pairs]


def test_haversine_is_the_formula(value):
    found = float(value("haversine(52.52, 13.405, 48.8566, 2.3522)"))
    one, other, between = math.radians(52.52), math.radians(48.8566), math.radians(13.405 - 2.3522)
    angle = math.acos(math.sin(one) * math.sin(other) + math.cos(one) * math.cos(other) * math.cos(between))
    assert found == pytest.approx(6371 * angle)


def test_a_case_has_at_most_ten_branches(value, refused):
    branches = ", ".join(f"1 = {number}, {number}" for number in range(10))
    assert value(f"case({branches}, 'none')") == "1"
    message, part = refused(f"fields case({branches}, 2 = 2, 3)")
    assert (message, part) == ("`case` has at most 10 branches", "2 = 2") or "takes 2 to 21 arguments" in message


@pytest.mark.parametrize(
    "expression",
    [
        "replace(@message, 'a', concat('b', 'b'))",
        "replace(@message, 'a', 'bb')",
        "regexReplace(@message, /a/, 'bb')",
        r"regexReplace(@message, /a/, '\0\0')",
    ],
)
def test_a_text_does_not_grow_beyond_bounds_by_replacing(value, expression):
    assert value(f"isPresent({expression})", "a" * 20_000) == "1"
    assert value(f"isPresent({expression})", "a" * 40_000) == "0"
    assert value(f"isPresent({expression})", "c" * 65_530 + "a") == "1"
    assert value(f"strlen({expression})", "c" * 65_530 + "a") == "65532"
    assert value("strlen(replace(@message, 'a', ''))", "ab" * 100_000) == "100000"
    assert value("strlen(regexReplace(@message, /a/, ''))", "ab" * 100_000) == "100000"
