"""The algorithm of the HorizontalPodAutoscaler, by examples and by what always holds."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from refapp.deploy.autoscaling import SYNC_PERIOD, Autoscaler, AutoscalerError, Controller, PodUse

WINDOW = 300.0


def pod(cpu=None, memory=None, *, ready=True, cpu_request=100.0, memory_request=100.0):
    used = {name: value for name, value in (("cpu", cpu), ("memory", memory)) if value is not None}
    return PodUse(ready=ready, used=used, requested={"cpu": cpu_request, "memory": memory_request})


def decide(pods, now=0.0, **asked):
    return Controller(Autoscaler(**{"minimum": 1, "maximum": 100} | asked)).decide(now, pods)


def after_the_window(pods, **asked):
    """The decision on pods that have been used so for longer than the window of stabilisation."""
    controller = Controller(Autoscaler(**{"minimum": 1, "maximum": 100} | asked))
    controller.decide(0.0, pods)
    return controller.decide(WINDOW + 1, pods)


@pytest.mark.parametrize(
    ("used", "replicas"),
    [
        ([80], 1),  # on target
        ([88], 1),  # a tenth off
        ([89], 2),
        ([160], 2),
        ([161], 3),
        ([160, 0], 2),  # on average on target
        ([200, 200], 5),
    ],
)
def test_use_above_the_target_adds_pods(used, replicas):
    assert decide([pod(cpu) for cpu in used]).replicas == replicas


@pytest.mark.parametrize(
    ("used", "replicas"),
    [([72] * 4, 4), ([71] * 4, 4), ([60] * 4, 3), ([40] * 4, 2), ([1] * 4, 1), ([0] * 4, 1)],
)
def test_use_below_the_target_takes_pods_away(used, replicas):
    assert after_the_window([pod(cpu) for cpu in used]).replicas == replicas


def test_bounds_hold():
    assert decide([pod(800)], maximum=6).replicas == 5
    assert decide([pod(800)] * 2, maximum=6).replicas == 6
    assert decide([pod(800)] * 2, maximum=6).reason == "TooManyReplicas"
    assert after_the_window([pod(1)] * 4, minimum=2).replicas == 2
    assert after_the_window([pod(1)] * 4, minimum=2).reason == "TooFewReplicas"
    assert decide([pod(80)], minimum=2).replicas == 2


def test_no_faster_than_doubled_or_four_more_in_a_period():
    controller = Controller(Autoscaler(minimum=1, maximum=100))
    numbers, pods = [], [pod(1000)]
    for second in (0, 5, 15, 20, 30):
        decision = controller.decide(second, pods)
        numbers.append(decision.replicas)
        pods = [pod(1000)] * decision.replicas
    assert numbers == [5, 5, 10, 10, 20]


def test_a_lull_shorter_than_the_window_takes_no_pod_away():
    controller = Controller(Autoscaler(minimum=1, maximum=100))
    assert controller.decide(0, [pod(80)] * 4).replicas == 4
    lull = controller.decide(100, [pod(10)] * 4)
    assert (lull.replicas, lull.reason) == (4, "ScaleDownStabilized")
    assert controller.decide(200, [pod(50)] * 4).replicas == 4
    assert controller.decide(301, [pod(10)] * 4).replicas == 3  # the most of the last 300 s: ceil(4 · 50/80)
    assert controller.decide(501, [pod(10)] * 3).replicas == 1


def test_times_are_scaled():
    controller = Controller(Autoscaler(minimum=1, maximum=100), scale=0.1)
    controller.decide(0, [pod(80)] * 4)
    assert controller.decide(WINDOW / 10 - 1, [pod(10)] * 4).replicas == 4
    assert controller.decide(WINDOW / 10 + SYNC_PERIOD, [pod(10)] * 4).replicas == 1


def test_the_neediest_resource_counts():
    both = {"cpu": 50, "memory": 80}
    decision = decide([pod(100, 320)], targets=both)
    assert decision.replicas == 4
    assert decision.utilisation == {"cpu": 100, "memory": 320}
    assert decide([pod(100, 10)], targets=both).replicas == 2


def test_while_one_resource_cannot_tell_no_pod_goes():
    both = {"cpu": 80, "memory": 80}
    assert after_the_window([pod(10)] * 4, targets=both).replicas == 4
    assert after_the_window([pod(160)] * 4, targets=both).replicas == 8


def test_nothing_is_decided_on_nothing():
    decision = after_the_window([pod()] * 3)
    assert (decision.replicas, decision.utilisation) == (3, {})
    assert decide([pod(500, cpu_request=0)]).replicas == 1


def test_a_pod_that_was_not_measured_makes_the_change_smaller():
    assert decide([pod(160), pod(160)]).replicas == 4
    assert decide([pod(160), pod(160), pod()]).replicas == 4  # it may use nothing: 320 of 300 requested
    assert decide([pod(160), pod()]).replicas == 2  # with the one that may use nothing on target
    assert after_the_window([pod(20)] * 4).replicas == 1
    assert after_the_window([pod(20)] * 3 + [pod()]).replicas == 2  # it may use all it requests


def test_the_cpu_of_a_pod_that_starts_is_not_believed():
    assert decide([pod(80), pod(1000, ready=False)]).replicas == 2
    assert decide([pod(200), pod(1000, ready=False)]).replicas == 3  # counted as one that uses nothing
    assert decide([pod(memory=80), pod(memory=400, ready=False)], targets={"memory": 80}).replicas == 6


@given(
    used=st.lists(st.floats(0, 2000), min_size=1, max_size=20),
    target=st.integers(1, 200),
    minimum=st.integers(1, 5),
    more=st.integers(0, 20),
)
def test_the_number_is_within_the_bounds_and_right_if_it_can_be(used, target, minimum, more):
    autoscaler = Autoscaler(minimum=minimum, maximum=minimum + more, targets={"cpu": target})
    replicas = Controller(autoscaler).decide(0.0, [pod(cpu) for cpu in used]).replicas
    assert autoscaler.minimum <= replicas <= autoscaler.maximum
    ratio = sum(used) / len(used) / target
    if abs(ratio - 1) > 0.1 and ratio > 1:
        wanted = math.ceil(ratio * len(used) - 1e-9)
        fastest = max(2 * len(used), len(used) + 4)
        assert abs(replicas - max(minimum, min(wanted, fastest, autoscaler.maximum))) <= 1


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        ({"minimum": 0}, "not 0 to 6"),
        ({"minimum": 7}, "not 7 to 6"),
        ({"targets": {}}, "not at none"),
        ({"targets": {"disk": 80}}, "not at disk"),
        ({"targets": {"cpu": 0}}, "positive percentage"),
    ],
)
def test_impossible_autoscalers(asked, message):
    with pytest.raises(AutoscalerError, match=message):
        Autoscaler(**asked)
