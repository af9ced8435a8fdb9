import re

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from refapp.backends.cloudwatch.metrics.alarms.alarm import State
from refapp.backends.cloudwatch.metrics.alarms.rules import DEEPEST, MOST_ALARMS, MOST_ELEMENTS, parse_rule
from refapp.backends.cloudwatch.metrics.errors import ValidationError

STATES = {"a": State.ALARM, "b": State.OK, "c d": State.INSUFFICIENT_DATA, "x(1)": State.ALARM}


@pytest.mark.parametrize(
    ("rule", "holds", "names"),
    [
        ("TRUE", True, set()),
        ("False", False, set()),
        ("ALARM(a)", True, {"a"}),
        ('ALARM("a")', True, {"a"}),
        ("ALARM( a )", True, {"a"}),
        ("OK(a)", False, {"a"}),
        ("OK(b)", True, {"b"}),
        ("INSUFFICIENT_DATA(c d)", True, {"c d"}),
        ('ALARM("x(1)")', True, {"x(1)"}),
        ("ALARM(arn:aws:cloudwatch:eu-west-1:123456789012:alarm:a)", True, {"a"}),
        ("ALARM(a) AND ALARM(b)", False, {"a", "b"}),
        ("ALARM(a) AND NOT ALARM(b)", True, {"a", "b"}),
        ("ALARM(b) OR ALARM(a) AND OK(b)", True, {"a", "b"}),
        ("(ALARM(b) OR ALARM(a)) AND OK(a)", False, {"a", "b"}),
        ("NOT (ALARM(a) AND NOT OK(b))", True, {"a", "b"}),
        ("NOT NOT ALARM(a)", True, {"a"}),
        ("ALARM(a)\n AND (TRUE)", True, {"a"}),
    ],
)
def test_rules(rule, holds, names):
    parsed = parse_rule(rule)
    assert parsed.names == names
    assert parsed.holds(STATES.__getitem__) is holds


@pytest.mark.parametrize(
    ("rule", "message"),
    [
        ("", "ends too early"),
        ("ALARM", "ends too early"),
        ("ALARM()", "cannot be read at character 7"),
        ("ALARM(a", "ends too early"),
        ("alarm(a)", "cannot be read at character 1"),
        ("ALARM(a) and ALARM(b)", "cannot be read at character 10"),
        ("ALARM(a) ALARM(b)", "cannot be read at character 10"),
        ("ALARM(a) AND", "cannot be read"),
        ("ALARM(a, b)", None),
        ("TRUEFALSE", "cannot be read"),
        (" TRUE", "leading or trailing whitespace"),
        ("AT_LEAST(2, ALARM, (a, b))", "AT_LEAST of an AlarmRule is not supported"),
        (" OR ".join(f"ALARM(a{no})" for no in range(MOST_ALARMS + 1)), "at most 100 alarms; this one has 101"),
        (" OR ".join(["TRUE"] * (MOST_ELEMENTS + 1)), "at most 500 elements; this one has 501"),
        ("(" * MOST_ELEMENTS + "TRUE" + ")" * MOST_ELEMENTS, "at most 500 elements; this one has 501"),
        ("TRUE AND (" * DEEPEST + "FALSE" + ")" * DEEPEST, "at most 100 levels deep"),
        ("NOT " * 2000 + "TRUE", "at most 100 levels deep"),
    ],
)
def test_what_is_no_rule_is_refused(rule, message):
    if message is None:  # a comma is a part of a name
        assert parse_rule(rule).names == {"a, b"}
        return
    with pytest.raises(ValidationError, match=re.escape(message)):
        parse_rule(rule)


def test_as_much_as_is_allowed():
    assert len(parse_rule(" OR ".join(f"ALARM(a{no})" for no in range(MOST_ALARMS))).names) == MOST_ALARMS
    assert parse_rule("TRUE AND (" * 99 + "FALSE" + ")" * 99).elements == 99 * 2 + 1


def nested(inner):
    return (
        st.tuples(st.just("NOT"), inner)
        | st.tuples(st.just("AND"), inner, inner)
        | st.tuples(st.just("OR"), inner, inner)
    )


LEAVES = st.sampled_from(["TRUE", "FALSE"]) | st.tuples(st.sampled_from(State), st.sampled_from(sorted(STATES)))


def written(tree):
    match tree:
        case str():
            return tree
        case ("NOT", inner):
            return f"NOT ({written(inner)})"
        case (State() as state, name):
            return f'{state}("{name}")'
        case (sign, left, right):
            return f"({written(left)}) {sign} ({written(right)})"


def holds(tree):
    match tree:
        case str():
            return tree == "TRUE"
        case ("NOT", inner):
            return not holds(inner)
        case (State() as state, name):
            return STATES[name] == state
        case (sign, left, right):
            return (holds(left) and holds(right)) if sign == "AND" else (holds(left) or holds(right))


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(tree=st.recursive(LEAVES, nested, max_leaves=10))
def test_a_rule_is_what_it_says(tree):
    assert parse_rule(written(tree)).holds(STATES.__getitem__) is holds(tree)


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(rule=st.text('ALRMOKNDTUEFS()" a', max_size=30) | st.text(max_size=20))
def test_any_text_is_read_or_refused(rule):
    try:
        parsed = parse_rule(rule)
    except ValidationError:
        return
    parsed.holds(lambda _: State.OK)
