import pytest

from refapp.backends.cloudwatch.insights.expressions import FUNCTIONS

EVENT = (
    '{"a": {"b.c": 1, "d": [true, {"e": "x"}]}, "@own": "at", "foo-bar": "dash", "log": "{\\"level\\": \\"error\\"}",'
    ' "kubernetes": {"labels": {"app.kubernetes.io/name": "shop"}}, "limit": 5, "n": "12"}'
)

# Every function that the guide documents, by the categories of its page.
DOCUMENTED = """
    abs ceil floor greatest least log round sqrt haversine toNumber toInt toLong toDouble
    bin dateFloor dateCeil fromMillis toMillis now parseDate formatDate strftime
    isPresent coalesce case if isNumeric messageSize queryStartTime queryEndTime queryTimeRange
    jsonParse jsonStringify jsonArraySize jsonArrayContains
    isValidIp isValidIpV4 isValidIpV6 isIpInSubnet isIpv4InSubnet isIpv6InSubnet ipv4ToNumber isPrivateIP isPublicIP
    isReservedIP isEmpty isBlank concat ltrim rtrim trim strlen toUpper toLower substr replace regexReplace strContains
    startsWith endsWith urlEncode urlDecode base64Encode base64Decode split hexToAscii hexToDec decToHex md5 sha256
    unmask
"""


def test_all_documented_functions_are_known():
    assert set(FUNCTIONS) == set(DOCUMENTED.split())


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("a.b.c", "1"),
        ("a.`b.c`", "1"),
        ("`a.b.c`", "1"),
        ("a.d.0", "1"),
        ("a.d.1.e", "x"),
        ("a.d", None),
        ("a", None),
        ("@@own", "at"),
        ("@own", None),
        ("@entity.KeyAttributes.Name", None),
        ("`foo-bar`", "dash"),
        ("log.level", None),
        ("jsonParse(log).level", "error"),
        ("`kubernetes.labels.app.kubernetes.io/name`", "shop"),
        ("kubernetes.labels.`app.kubernetes.io/name`", "shop"),
        ("limit", "5"),
        ("A.b.c", None),
        ("@message like 'shop'", "1"),
        ("@message like /SHOP/", "0"),
        ("@message like /(?i)SHOP/", "1"),
        ("n like 2", None),
        ("not n = 12 or limit = 5 and n", "1"),
        ("not (n = 12 or limit = 5)", "0"),
        ("n + limit * 2 ^ 2", "32"),
        ("-n", "-12"),
        ("--n", "12"),
        ("7 % 4 - 7 / 4", "1.25"),
        ("n = 12 and missing", "0"),
        ("limit like '5'", "1"),
    ],
)
def test_values(value, refused, expression, expected):
    if expression == "n like 2":
        assert refused(f"fields {expression}") == ("unexpected `2`", "2")
    else:
        assert value(expression, EVENT) == expected


def test_fields_of_the_service(ask):
    ask.add("text", stream="pod-1", start=1_700_000_000_000)
    found = ask("fields @timestamp, @ingestionTime, @message, @logStream, @log")
    time = "2023-11-14 22:13:20.000"
    assert found.values == [(time, time, "text", "pod-1", f"123456789012:{ask.group}")]
    assert (
        len(ask("filter @logStream like /^pod/ and @log like /:.group/ and @ingestionTime = 1700000000000").rows) == 1
    )


@pytest.mark.parametrize(
    ("text", "message", "part"),
    [
        ("fields foo(a)", "the function `foo` is not known here", "foo(a)"),
        ("fields abs(foo(a))", "the function `foo` is not known here", "foo(a)"),
        ("fields count(*)", "the function `count` is not known here", "count(*)"),
        ("filter sum(a) > 1", "the function `sum` is not known here", "sum(a)"),
        ("stats sum(count(*))", "the function `count` is not known here", "count(*)"),
        ("stats count_over_time(a)", "the function `count_over_time` is not known here", "count_over_time(a)"),
        ("stats rate(a, 5m)", "the function `rate` is not known here", "rate(a, 5m)"),
        ("fields strlen(*)", "the function `strlen` is not known here", "strlen(*)"),
        ("fields /a/", "a regular expression or a period cannot be here", "/a/"),
        ("filter a = /x/", "a regular expression or a period cannot be here", "/x/"),
        ("unmask foo(a)", "the function `foo` is not known here", "foo(a)"),
        ("stats count(*) by a | fields b", "`b` is not known after `stats` or `pattern`", "b"),
    ],
)
def test_what_is_wrong_and_where(refused, text, message, part):
    assert refused(text) == (message, part)


def test_names_in_any_case(value):
    assert value("TOLOWER(ToUpper('a'))") == "a"
