import operator

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from refapp.backends.cloudwatch.metrics.alarms.alarm import State
from refapp.backends.cloudwatch.metrics.alarms.verdicts import Criteria, Point, judge

KEPT = None
INSUFFICIENT = State.INSUFFICIENT_DATA
ALARM, OK = State.ALARM, State.OK
TREATMENTS = ["missing", "ignore", "breaching", "notBreaching"]


def points(text):
    """Data points as the user guide draws them: 0 does not breach, X does, - is missing; the newest is the last."""
    values = {"0": 0.0, "X": 9.0, "-": None}
    return [Point(60 * place, values[mark]) for place, mark in enumerate(text.split())]


def criteria(periods, needed, missing="missing"):
    return Criteria(periods=periods, needed=needed, breaches=lambda value: value > 5, missing=missing)


# The tables of the user guide, with a column for each treatment.
@pytest.mark.parametrize(
    ("needed", "drawn", "states"),
    [
        (3, "0 - X - X", [OK, OK, OK, OK]),
        (3, "0 - - - -", [OK, OK, OK, OK]),
        (3, "- - - - -", [INSUFFICIENT, KEPT, ALARM, OK]),
        (3, "0 X X - X", [ALARM, ALARM, ALARM, ALARM]),
        (3, "- - X - -", [ALARM, KEPT, ALARM, OK]),
        (3, "- - - - X", [INSUFFICIENT, KEPT, ALARM, OK]),
        (3, "- - - X -", [INSUFFICIENT, KEPT, ALARM, OK]),
        (3, "X - - - -", [ALARM, KEPT, ALARM, OK]),
        (2, "0 - X - X", [ALARM, ALARM, ALARM, ALARM]),
        (2, "0 0 X 0 X", [ALARM, ALARM, ALARM, ALARM]),
        (2, "0 - X - -", [OK, OK, ALARM, OK]),
        (2, "- - - - 0", [OK, OK, ALARM, OK]),
        (2, "- - - X -", [ALARM, KEPT, ALARM, OK]),
        (2, "- - - - X", [INSUFFICIENT, KEPT, ALARM, OK]),
        (2, "- - X - X", [ALARM, ALARM, ALARM, ALARM]),
    ],
)
def test_missing_data(needed, drawn, states):
    assert [judge(points(drawn), criteria(3, needed, missing)).state for missing in TREATMENTS] == states


def test_what_a_verdict_follows_from():
    verdict = judge(points("X - 0 - X"), criteria(3, 3))
    assert [point.time for point in verdict.points] == [240, 120, 0]
    assert [point.time for point in verdict.missing] == [180]
    assert verdict.filled == 0
    verdict = judge(points("X X X X X"), criteria(3, 3))
    assert [point.time for point in verdict.points] == [240, 180, 120]
    verdict = judge(points("- - - - X"), criteria(3, 2, "breaching"))
    assert (verdict.filled, [point.time for point in verdict.missing]) == (2, [180, 120])
    assert judge(points("- - - - X"), criteria(3, 2, "ignore")).filled == 0


VALUES = st.lists(st.sampled_from(["0", "X", "-"]), min_size=1, max_size=8)


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(values=VALUES, data=st.data(), missing=st.sampled_from(TREATMENTS))
def test_the_rules_of_the_user_guide(values, data, missing):
    periods = data.draw(st.integers(1, len(values)))
    needed = data.draw(st.integers(1, periods))
    state = judge(points(" ".join(values)), criteria(periods, needed, missing)).state
    real = [value for value in values if value != "-"][-periods:]
    filled = (periods - len(real)) * {"breaching": ["X"], "notBreaching": ["0"]}.get(missing, [])
    if (real + filled).count("X") >= needed:
        assert state == ALARM
    elif len(real + filled) == periods or "0" in real:
        assert state == OK
    elif missing == "ignore":
        assert state is KEPT
    else:
        is_old = real and len(values) - values.index("X") >= needed
        assert state == (ALARM if is_old else INSUFFICIENT)


@pytest.mark.parametrize(("value", "state"), [(4.0, OK), (5.0, ALARM), (6.0, ALARM)])
def test_the_comparison_is_the_criteria_s(value, state):
    at_least = Criteria(periods=1, needed=1, breaches=lambda one: operator.ge(one, 5))
    assert judge([Point(0, value)], at_least).state == state
