from dataclasses import replace
from functools import partial

import pytest

from refapp.monitoring.rules import AVAILABILITY, LATENCY, objectives
from refapp.monitoring.timing import MINUTE, Timing
from refapp.topology import REFERENCE

EDGE = 'reporter="source",source_workload="istio-ingressgateway"'
OK, FAILED = (f'istio_requests_total{{{EDGE},response_code="{code}"}}' for code in ("200", "503"))
DURATION = "istio_request_duration_milliseconds"
FAST, ALL = f'{DURATION}_bucket{{{EDGE},le="500"}}', f"{DURATION}_count{{{EDGE}}}"
# Fewer samples than every 15 s: these alerts look far back.
MINUTELY = Timing(interval=MINUTE)
WHERE = {"namespace": "istio-system", "workload": "istio-ingressgateway"}


def case(alert, series, at):
    return {"alert": alert, "series": series, "at": at, "timing": MINUTELY}


def requests(*phases):
    """Series of requests of which some fail: so many of 1000 a minute, for so many minutes, one phase after another."""
    return counters({OK: [(1000 - bad, n) for bad, n in phases], FAILED: [(bad, n) for bad, n in phases]})


def answers(*phases):
    """Series of requests of which some are slow, likewise."""
    return counters({FAST: [(1000 - slow, n) for slow, n in phases], ALL: [(1000, n) for _, n in phases]})


def counters(series):
    return {name: " ".join(steps(phases)) for name, phases in series.items()}


def steps(phases):
    total = 0
    for rate, minutes in phases:
        yield f"{total}+{rate}x{minutes - 1}"
        total += rate * minutes


PAGES = OK.replace("}", ',destination_service_name="angular-ui"}')
AVAILABLE = [
    # 2 % fail: 20 times the budget. An hour before that was good.
    case("AvailabilityBudgetBurnsFast", requests((0, 60), (20, 60)), "2h")
    | {
        "fires": WHERE | {"slo": "availability"},
        "summary": "The error budget of availability burns fast",
        "value": "2%",
        "description": (
            "2% of the requests to the API fail, over 1h or 6h; 0.1% may. The budget of 30 days lasts 5 days at most."
        ),
    },
    # 0.8 % fail: 8 times the budget, too few for one hour to tell, but not for six; pages that go well change nothing.
    *(
        case("AvailabilityBudgetBurnsFast", requests((8, 360)) | pages, "6h")
        | {
            "fires": WHERE | {"slo": "availability"},
            "summary": "The error budget of availability burns fast",
            "value": "0.8%",
            "description": (
                "0.8% of the requests to the API fail, over 1h or 6h; 0.1% may. The budget of 30 days lasts 5 days at "
                "most."
            ),
        }
        for pages in ({}, {PAGES: "0+90000x360"})
    ),
    # It is over: the long windows still see it, the short ones no longer do.
    case("AvailabilityBudgetBurnsFast", requests((20, 60), (0, 40)), "1h39m"),
    case("AvailabilityBudgetBurnsFast", requests((0, 360)), "6h"),
    # 0.4 % fail: too few for the fast one.
    case("AvailabilityBudgetBurnsFast", requests((4, 360)), "6h"),
    case("AvailabilityBudgetBurnsSlowly", requests((4, 360)), "6h")
    | {
        "fires": WHERE | {"slo": "availability"},
        "summary": "The error budget of availability burns slowly",
        "value": "0.4%",
        "description": (
            "0.4% of the requests to the API fail, over 1d or 3d; 0.1% may. The budget of 30 days lasts 30 days at "
            "most."
        ),
    },
    case("AvailabilityBudgetBurnsSlowly", requests((0, 360)), "6h"),
    case("AvailabilityBudgetBurnsSlowly", {OK: "9x360"}, "6h"),  # nobody asks for anything
]
QUICK = [
    case("LatencyBudgetBurnsFast", answers((0, 60), (200, 60)), "2h")
    | {
        "fires": WHERE | {"slo": "latency"},
        "summary": "The error budget of latency burns fast",
        "value": "20%",
        "description": (
            "20% of the requests to the API take longer than 500 ms, over 1h or 6h; 1% may. The budget of 30 days "
            "lasts 5 days at most."
        ),
    },
    case("LatencyBudgetBurnsFast", answers((40, 360)), "6h"),
    case("LatencyBudgetBurnsSlowly", answers((40, 360)), "6h")
    | {
        "fires": WHERE | {"slo": "latency"},
        "summary": "The error budget of latency burns slowly",
        "value": "4%",
        "description": (
            "4% of the requests to the API take longer than 500 ms, over 1d or 3d; 1% may. The budget of 30 days "
            "lasts 30 days at most."
        ),
    },
    case("LatencyBudgetBurnsSlowly", answers((1, 360)), "6h"),
]
ALERTS = [*((AVAILABILITY, case) for case in AVAILABLE), *((LATENCY, case) for case in QUICK)]


@pytest.mark.parametrize(("objective", "case"), ALERTS)
def test_alerts(objective, case, check):
    check(case, partial(objectives.group, objective, REFERENCE))


@pytest.mark.parametrize(("objective", "cases"), [(AVAILABILITY, AVAILABLE), (LATENCY, QUICK)])
def test_each_alert_fires_and_is_silent(objective, cases, both):
    both(cases, partial(objectives.group, objective, REFERENCE))


@pytest.mark.parametrize("goal", [1, 1.5, 0.9, 0, -1])
def test_a_goal_that_no_alert_can_watch(goal):
    with pytest.raises(ValueError, match="the goal of availability is"):
        replace(AVAILABILITY, goal=goal)


def test_limits_follow_the_goal():
    objective = replace(AVAILABILITY, goal=0.99)
    fast, slow = objectives.group(objective, REFERENCE, Timing()).alerts
    assert 'ratio_rate1h{slo="availability"} > 0.144 and' in fast.expr
    assert 'ratio_rate6h{slo="availability"} > 0.06 and' in fast.expr
    assert 'ratio_rate3d{slo="availability"} > 0.01 and' in slow.expr
