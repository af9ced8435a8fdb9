"""The addresses are ones that AWS's console has shown: https://github.com/libero/prc (README.md, 2020), and others."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from refapp.query.cloudwatch.console import encode, insights_url
from refapp.query.cloudwatch.spans import Span

LIBERO = (
    "~(end~0~start~-900~timeType~'RELATIVE~unit~'seconds~editorString~'fields*20*40timestamp*2c*20*40message*0a*7c*20"
    "filter*20*60kubernetes.labels.app_kubernetes_io*2finstance*60*3d*22prc--prod*22*0a*7c*20sort*20*40timestamp*20desc"
    "*0a*7c*20limit*2020~isLiveTail~false~queryId~'89133ab9-5bb4-4770-b3e9-96052e8300ef~source~(~'*2faws*2fcontainerins"
    "ights*2flibero-eks--franklin*2fapplication))"
)
ABSOLUTE = (
    "~(end~'2025-05-30T05*3a00*3a00.000Z~start~'2025-05-30T04*3a00*3a00.000Z~timeType~'ABSOLUTE~tz~'LOCAL~editorString"
    "~'fields*20*40timestamp*2c*20*40message*0a*7c*20limit*2010000~source~(~'arn*3aaws*3alogs*3aus-west-2*3a12345*3alog"
    "-group*3aprod)~lang~'CWLI)"
)


def decode(text):
    """What JSURL reads: https://github.com/Sage/jsurl."""
    value, rest = _value(text)
    assert rest == ""
    return value


def _value(text):
    assert text[0] == "~"
    if text.startswith("~'"):
        written = re.match(r"[\w.*-]*", text[2:], re.ASCII)[0]
        return _unescape(written), text[2 + len(written) :]
    if text.startswith("~("):
        return _parts(text[2:])
    written = re.match(r"[\w.+-]+", text[1:], re.ASCII)[0]
    known = {"true": True, "false": False}
    return known.get(written, float(written) if written not in known else None), text[1 + len(written) :]


def _parts(text):
    if text.startswith("~)"):
        return [], text[2:]
    if text.startswith("~"):
        found = []
        while not text.startswith(")"):
            value, text = _value(text)
            found.append(value)
        return found, text[1:]
    pairs = {}
    while not text.startswith(")"):
        name = re.match(r"[\w.*-]*", text, re.ASCII)[0]
        value, text = _value(text[len(name) :])
        pairs[_unescape(name)] = value
        text = text.removeprefix("~")
    return pairs, text[1:]


def _unescape(text):
    units = re.sub(r"\*\*([0-9a-f]{4})|\*([0-9a-f]{2})", lambda match: chr(int(match[1] or match[2], 16)), text)
    return units.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "surrogatepass")


def test_an_address_is_written_as_the_console_does():
    query = (
        "fields @timestamp, @message\n"
        '| filter `kubernetes.labels.app_kubernetes_io/instance`="prc--prod"\n'
        "| sort @timestamp desc\n"
        "| limit 20"
    )
    detail = {
        "end": 0,
        "start": -900,
        "timeType": "RELATIVE",
        "unit": "seconds",
        "editorString": query,
        "isLiveTail": False,
        "queryId": "89133ab9-5bb4-4770-b3e9-96052e8300ef",
        "source": ["/aws/containerinsights/libero-eks--franklin/application"],
    }
    assert encode(detail) == LIBERO
    assert decode(LIBERO) == detail


def test_an_address_with_fixed_times_is_written_as_the_console_does():
    detail = {
        "end": "2025-05-30T05:00:00.000Z",
        "start": "2025-05-30T04:00:00.000Z",
        "timeType": "ABSOLUTE",
        "tz": "LOCAL",
        "editorString": "fields @timestamp, @message\n| limit 10000",
        "source": ["arn:aws:logs:us-west-2:12345:log-group:prod"],
        "lang": "CWLI",
    }
    assert encode(detail) == ABSOLUTE
    assert decode(ABSOLUTE) == detail


def test_the_address_of_a_moving_time():
    url = insights_url("limit 1", ["/a", "/b"], "us-east-1", timedelta(minutes=15))
    assert url == (
        "https://us-east-1.console.aws.amazon.com/cloudwatch/home?region=us-east-1#logsV2:logs-insights$3FqueryDetail$3D"
        "~(end~0~start~-900~timeType~'RELATIVE~tz~'UTC~unit~'seconds~editorString~'limit*201~source~(~'*2fa~'*2fb)"
        "~lang~'CWLI)"
    )


def test_the_address_of_a_fixed_time():
    start = datetime(2026, 3, 1, 12, tzinfo=UTC)
    url = insights_url("x", [], "eu-west-1", Span(start, start + timedelta(milliseconds=1500)))
    _, detail = url.split("$3FqueryDetail$3D")
    assert decode(detail) == {
        "end": "2026-03-01T12:00:01.500Z",
        "start": "2026-03-01T12:00:00.000Z",
        "timeType": "ABSOLUTE",
        "tz": "UTC",
        "editorString": "x",
        "source": [],
        "lang": "CWLI",
    }


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("a-Z_0.9", "~'a-Z_0.9"),
        ("*~'()", "~'*2a*7e*27*28*29"),
        ("é€", "~'*e9**20ac"),
        ("😀", "~'**d83d**de00"),
        ("", "~'"),
    ],
)
def test_texts_are_escaped(text, written):
    assert encode(text) == written


VALUES = st.recursive(
    st.text() | st.booleans() | st.integers(-(10**9), 10**9).map(float),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(min_size=1), inner, min_size=1, max_size=3),
    max_leaves=8,
)


@given(VALUES)
def test_whatever_is_written_can_be_read(value):
    written = encode(value)
    assert decode(written) == value
    assert re.fullmatch(r"[\w.*~'()+-]*", written, re.ASCII)
