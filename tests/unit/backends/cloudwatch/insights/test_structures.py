import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

LOG = {
    "user": {"id": 7, "a.b": "dots", "a/b~c": "slashes"},
    "list": [1, "two", None, [3]],
    "no": None,
    "": "empty",
}
OTHERS = {"array": '[1, 2.0, "x"]', "number": "5", "text": "no JSON", "scalar": "true", "open": "{"}
EVENT = json.dumps({"log": json.dumps(LOG)} | OTHERS)
KEYS = st.text("ab.~/ -0☃", max_size=4)


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("jsonParse(log).user.id", "7"),
        ("jsonParse(log).`user`.`a.b`", "dots"),
        ("jsonParse(log).user.a.b", None),
        ("jsonParse(log).user.`a/b~c`", "slashes"),
        ("jsonParse(log).list[1]", "two"),
        ("jsonParse(log).list.1", "two"),
        ("jsonParse(log).list[3][0]", "3"),
        ("jsonParse(log).list[2]", None),
        ("jsonParse(log).no", None),
        ("isPresent(jsonParse(log).no)", "0"),
        ("isPresent(jsonParse(log).user)", "1"),
        ("isPresent(jsonParse(log).missing)", "0"),
        ("jsonParse(log).user.id.deeper", None),
        ("jsonParse(array)[1]", "2"),
        ("jsonParse(number)", None),
        ("jsonParse(text)", None),
        ("jsonParse(scalar)", None),
        ("jsonParse(open)", None),
        ("jsonParse(missing)", None),
        ("jsonParse(5)", None),
        ("text.member", None),
        ("jsonStringify(jsonParse(log).user)", '{"id":7,"a.b":"dots","a/b~c":"slashes"}'),
        ("jsonStringify(text)", '"no JSON"'),
        ("jsonStringify(jsonParse(log).no)", None),
        ("jsonStringify(1 = 1)", "true"),
        ("jsonStringify(missing)", None),
        ("jsonArraySize(array)", "3"),
        ("jsonArraySize(jsonParse(log).list)", "4"),
        ("jsonArraySize(log)", None),
        ("jsonArraySize(text)", None),
        ("jsonArrayContains(array, 'x')", "1"),
        ("jsonArrayContains(array, 1)", "1"),
        ("jsonArrayContains(array, 'y')", "0"),
        ("jsonArrayContains(log, 'x')", "0"),
        ("jsonArrayContains(missing, 'x')", "0"),
        ("jsonParse(log).user.id + 1", "8"),
        ("jsonParse(log).user = jsonParse(log).user", "0"),
    ],
)
def test_functions(value, expression, expected):
    assert value(expression, EVENT) == expected


def test_a_map_is_asked_for_by_its_name(ask):
    ask.add(EVENT)
    maps = "fields jsonParse(log) as j, jsonParse(log).user as j.u"
    members = "fields j.user.id as a, j.`user`.`a.b` as b, j.u.id as c, j.list[0] as d"
    assert ask(f"{maps} | {members} | display a, b, c, d, j.x").values == [("7", "dots", "7", "1", None)]


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.dictionaries(KEYS, st.integers(-(2**63), 2**63 - 1) | KEYS, max_size=4), st.data())
def test_any_key_is_found(value, members, data):
    key = data.draw(st.sampled_from(sorted(members)) if members else KEYS)
    if not key:
        return  # nothing can be said in backticks of no characters
    expected = members.get(key)
    assert value(f"jsonParse(@message).`{key}`", json.dumps(members)) == (None if expected is None else str(expected))


def test_elements(ask):
    ask.add(
        '{"n": 1, "l": "[1, {\\"a\\": 2}, null, [3]]"}',
        '{"n": 2, "l": "[]"}',
        '{"n": 3}',
        '{"n": 4, "l": "{\\"a\\": 5}"}',
    )
    found = ask("fields jsonParse(l) as j | unnest j into x | sort n asc | display n, x, x.a")
    assert found.values == [
        ("1", "1", None),
        ("1", '{"a":2}', "2"),
        ("1", None, None),
        ("1", "[3]", None),
        ("4", '{"a":5}', "5"),
    ]
    assert ask("unnest n into x | fields x + 1 as y | sort y asc | display y").values == [
        ("2",),
        ("3",),
        ("4",),
        ("5",),
    ]
    assert ask("unnest jsonParse(5) into x").values == []
    assert ask("unnest (n = 1) into x | stats sum(x)").values == [("1",)]
