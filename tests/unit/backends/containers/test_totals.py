from hypothesis import given
from hypothesis import strategies as st

from refapp.backends.containers.meter import Usage
from refapp.backends.containers.totals import Counters, Totals


def used(user=0.0, faults=0):
    return Usage(user=user, system=2 * user, faults=faults, major_faults=faults // 2)


def test_containers_are_added_up():
    totals = Totals()
    totals.add({"p": {"a": used(1.0, 10), "b": used(2.0, 20)}, "q": {"c": used(4.0)}, "r": {}})
    assert totals.pods == {"p": Counters(3.0, 6.0, 30, 15), "q": Counters(4.0, 8.0, 0, 0), "r": Counters()}


def test_what_a_container_used_that_has_ended_remains():
    totals = Totals()
    totals.add({"p": {"a-0": used(5.0), "b": used(1.0)}})
    totals.add({"p": {"b": used(1.5)}})
    assert totals.pods["p"].user == 6.5
    totals.add({"p": {"a-1": used(0.25), "b": used(1.5)}})
    assert totals.pods["p"].user == 6.75


def test_counters_that_were_made_anew_take_nothing_away():
    totals = Totals()
    for user in (5.0, 1.0, 2.0):
        totals.add({"p": {"a": used(user)}})
    assert totals.pods["p"].user == 6.0


def test_a_pod_that_is_gone_is_forgotten():
    totals = Totals()
    totals.add({"p": {"a": used(5.0)}})
    totals.add({})
    assert totals.pods == {}


@given(st.lists(st.dictionaries(st.sampled_from("abc"), st.integers(0, 9))))
def test_a_total_is_what_all_runs_of_all_containers_used(steps):
    """A container that is missing in a step has ended; when it is there again it is another run, from nothing."""
    totals, now, runs, expected = Totals(), {}, {}, 0
    for step in steps:
        for name in "abc":
            if name not in step:
                runs[name] = runs.get(name, 0) + bool(now.pop(name, 0))
        for name, more in step.items():
            now[name] = now.get(name, 0) + more + 1
            expected += more + 1
        totals.add({"p": {(name, runs.get(name, 0)): used(float(value)) for name, value in now.items()}})
        assert totals.pods["p"].user == expected
