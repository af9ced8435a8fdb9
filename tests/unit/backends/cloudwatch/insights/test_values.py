import json
from math import isfinite

import duckdb
import pytest
from hypothesis import given
from hypothesis import strategies as st

from refapp.backends.cloudwatch.insights import values
from refapp.backends.cloudwatch.insights.values import MISSING, Kind, Value, read_number

CHARACTERS = st.text("0123456789__..eE+-+- \t\nxn", max_size=8)


@given(st.lists(CHARACTERS | st.sampled_from(["nan", "inf", "-Infinity", "1e400", "0x1F", "\u0661"])))
def test_a_number_is_what_duckdb_reads_as_a_finite_one(texts):
    query = "SELECT TRY_CAST(text AS DOUBLE) FROM (SELECT unnest($1::VARCHAR[]) AS text)"
    found = [row[0] for row in duckdb.execute(query, [texts]).fetchall()]
    finite = [number if number is not None and isfinite(number) else None for number in found]
    assert [read_number(text) for text in texts] == finite


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("1 / 4", "0.25"),
        ("6 / 3", "2"),
        ("0 - 7", "-7"),
        ("0.1 + 0.2", "0.30000000000000004"),
        ("10 ^ 17", "100000000000000000"),
        ("10 ^ 18", "1e+18"),
        ("2 ^ 0.5 ^ 40", "1.0000000000006304"),
        ("10 ^ 400", None),
        ("1 / 0", None),
        ("5 % 0", None),
        ("0 - 8 ^ 0.5 * 0", "0"),
        ("(0 - 8) ^ 0.5", None),
        ("missing + 1", None),
        ("'x' + 1", None),
        ("'7' + '1'", "8"),
        ("1 = 1", "1"),
        ("1 = 2", "0"),
        ("missing = 1", "0"),
        ("(1 = 1) + 1", "2"),
        ("@timestamp", "2023-11-14 22:13:20.123"),
        ("@timestamp + 0", "1700000000123"),
        ("@timestamp < 1700000000124", "1"),
        ("@timestamp > '2023-11-14 22:13:20.122'", "1"),
        ("@timestamp like '22:13'", "1"),
        ("jsonParse(@message)", '{"a":[1,"x",true,null,2.5,{"b":{}}]}'),
        ("jsonParse(@message).a", '[1,"x",true,null,2.5,{"b":{}}]'),
        ("jsonParse(@message).a[0] + 1", "2"),
        ("jsonParse(@message).a[1]", "x"),
        ("jsonParse(@message).a[2]", "1"),
        ("jsonParse(@message).a[3]", None),
        ("jsonParse(@message).a[4]", "2.5"),
        ("jsonParse(@message).a[9]", None),
        ("concat(jsonParse(@message).a, 'x')", None),
        ("jsonParse(@message).a = jsonParse(@message).a", "0"),
        ("jsonParse(@message).a + 1", None),
    ],
)
def test_how_kinds_become_each_other(value, said, shown):
    assert value(said, '{"a":[1,"x",true,null,2.50,{"b":{}}]}') == shown


@pytest.mark.parametrize("time", [-(2**63), -1, 0, 2**62, 2**63 - 1])
def test_times_that_are_far_away_do_no_harm(value, time):
    shown = {-1: "1969-12-31 23:59:59.999", 0: "1970-01-01 00:00:00.000"}
    assert value("@timestamp", timestamp=time) == shown.get(time)


def test_the_order_of_the_guides_example(ask):
    example = "!: # *%04 0# 5A 111A 2345_ @ @_ A A9876fghj a12345hfh 0 01 1 2 3"
    order = example.split()
    ask.add(*(json.dumps({"a": text}) for text in sorted(order)))
    assert [text for (text,) in ask("fields a | sort a asc").values] == order
    assert [text for (text,) in ask("fields a | sort a desc").values] == order[::-1]


def test_terms_of_each_kind():
    value = Value("c1", Kind.TEXT)
    assert values.present(MISSING) == "NULL::VARCHAR IS NOT NULL"
    assert values.condition(Value("c2", Kind.CONDITION), str) == "c2"
    assert values.structure(Value("c3", Kind.NUMBER), str) == "NULL::JSON"
    assert values.comparable(value, str) is value
    assert values.nullable(Value("c4", Kind.CONDITION), str).kind is Kind.NUMBER
    assert values.once(Value("length(c5)", Kind.NUMBER, growth=3), lambda _: "c6") == Value("c6", Kind.NUMBER, growth=3)
