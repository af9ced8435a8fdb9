"""Service level objectives, and alerts on how fast their error budgets are used up.

Windows, burn rates and their pairs are those of Google's Site Reliability Workbook, chapter 5, "Alerting on SLOs",
section 6, "Multiwindow, Multi-Burn-Rate Alerts" (https://sre.google/workbook/alerting-on-slos/).
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Final, NamedTuple

from refapp.mesh.identity import INGRESS
from refapp.monitoring.cluster import INGRESS_NAMESPACE
from refapp.monitoring.rules.groups import Alert, Group, Recording, Severity
from refapp.monitoring.rules.traffic import failed
from refapp.monitoring.timing import DAY, HOUR, MINUTE, Timing
from refapp.topology import Topology

_WINDOWS = {
    "5m": 5 * MINUTE,
    "30m": 30 * MINUTE,
    "1h": HOUR,
    "2h": 2 * HOUR,
    "6h": 6 * HOUR,
    "1d": DAY,
    "3d": 3 * DAY,
}
_PERIOD = 30 * DAY


class _Burn(NamedTuple):
    """How many times faster than allowed the budget burns, over a long window and, still, over a short one."""

    rate: float
    long: str
    short: str


_FAST = (_Burn(14.4, "1h", "5m"), _Burn(6, "6h", "30m"))
_SLOW = (_Burn(3, "1d", "2h"), _Burn(1, "3d", "6h"))


@dataclass(frozen=True, kw_only=True)
class Objective:
    """What users of the platform are promised of their requests to the API.

    `goal` is the share of the requests that have to be good. `bad` makes the PromQL of the share that was not, of the
    requests with some labels and of a window; `failing` says in words what that is.

    Raises:
        ValueError: the goal is not between 0 and 1, or so low that no failure burns its budget 14.4 times too fast.
    """

    name: str
    goal: float
    bad: Callable[[str, str], str]
    failing: str

    def __post_init__(self) -> None:
        highest = 1 / _FAST[0].rate
        if not 0 < 1 - self.goal < highest:
            raise ValueError(f"the goal of {self.name} is {self.goal}: it has to lie between {1 - highest:.3f} and 1")

    @property
    def budget(self) -> float:
        """The share of the requests that may be bad."""
        return round(1 - self.goal, 12)


def _failed(labels: str, window: str) -> str:
    requests = f"sum(rate(istio_requests_total{{{labels}}}[{window}]))"
    return f"(sum({failed(labels, window)}) or {requests} * 0) / {requests}"


def _slow(labels: str, window: str) -> str:
    duration = "istio_request_duration_milliseconds"
    fast = f'sum(rate({duration}_bucket{{{labels},le="500"}}[{window}]))'
    return f"1 - {fast} / sum(rate({duration}_count{{{labels}}}[{window}]))"


AVAILABILITY: Final = Objective(name="availability", goal=0.999, bad=_failed, failing="fail")
"""999 of 1000 requests do not fail."""

LATENCY: Final = Objective(name="latency", goal=0.99, bad=_slow, failing="take longer than 500 ms")
"""99 of 100 requests are answered within 500 ms."""


def ratio(window: str) -> str:
    """The name of the recorded share of bad requests; `window` is one of those of the workbook, such as `5m`."""
    return f"slo:errors_per_request:ratio_rate{window}"


def group(objective: Objective, topology: Topology, timing: Timing) -> Group:
    """What is recorded of an objective over each window, and the alerts on its error budget."""
    return Group(
        name=f"slo-{objective.name}",
        rules=(
            *(_recording(objective, window, topology, timing) for window in _WINDOWS),
            _alert(objective, _FAST, timing, severity=Severity.CRITICAL),
            _alert(objective, _SLOW, timing, severity=Severity.WARNING),
        ),
    )


def _recording(objective: Objective, window: str, topology: Topology, timing: Timing) -> Recording:
    expr = objective.bad(_api(topology), timing.window(_WINDOWS[window]))
    return Recording(record=ratio(window), expr=expr, labels={"slo": objective.name})


def _api(topology: Topology) -> str:
    """The labels of the requests to the API: a page and its files would hide in their number how it does."""
    pages = f',destination_service_name!="{topology.ui.name}"' if topology.ui else ""
    return f'reporter="source",source_workload="{INGRESS}"{pages}'


def _alert(objective: Objective, burns: tuple[_Burn, ...], timing: Timing, *, severity: Severity) -> Alert:
    pace = "fast" if severity is Severity.CRITICAL else "slowly"
    windows = " or ".join(timing.window(_WINDOWS[burn.long]) for burn in burns)
    period, lasts = timing.scaled(_PERIOD), timing.scaled(_PERIOD / burns[-1].rate)
    return Alert(
        name=f"{objective.name.capitalize()}BudgetBurns{pace.capitalize()}",
        expr=" or ".join(_exceeds(objective, burn) for burn in burns),
        severity=severity,
        labels={"slo": objective.name, "namespace": INGRESS_NAMESPACE, "workload": INGRESS},
        summary=f"The error budget of {objective.name} burns {pace}",
        description=(
            f"{{{{ $value | humanizePercentage }}}} of the requests to the API {objective.failing}, over {windows}; "
            f"{100 * objective.budget:g}% may. The budget of {_words(period)} lasts {_words(lasts)} at most."
        ),
        value="{{ $value | humanizePercentage }}",
        runbook=(
            "See which workload the errors come from (WorkloadErrors, WorkloadSlow), and undo what was changed last; "
            "then look for the cause."
        ),
    )


def _exceeds(objective: Objective, burn: _Burn) -> str:
    limit = f"{burn.rate * objective.budget:.6g}"
    long, short = (f'{ratio(window)}{{slo="{objective.name}"}}' for window in (burn.long, burn.short))
    return f"({long} > {limit} and {short} > {limit})"


def _words(time: timedelta) -> str:
    for unit, length in (("days", DAY), ("hours", HOUR)):
        if time >= 2 * length:
            return f"{time / length:.3g} {unit}"
    return f"{time / MINUTE:.3g} minutes"
