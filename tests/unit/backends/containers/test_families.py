from hypothesis import given
from hypothesis import strategies as st

from refapp.backends.containers.families import Families
from refapp.backends.containers.processes import Procfs


def test_all_that_descend_belong_to_the_container(made_up):
    for pid, parent in ((10, 1), (11, 10), (12, 11), (20, 1), (21, 20), (30, 1), (31, 30)):
        made_up.add(pid, parent)
    assert Families(made_up).update({"a": (10,), "b": (20,)}) == {"a": [10, 11, 12], "b": [20, 21]}


def test_who_joins_a_container_belongs_to_it_with_all_that_descend_from_it(made_up):
    for pid, parent in ((10, 1), (11, 10), (20, 1), (21, 20)):
        made_up.add(pid, parent)
    assert Families(made_up).update({"a": (10, 20)}) == {"a": [10, 20, 11, 21]}


def test_a_process_stays_when_its_parent_ends(made_up):
    families = Families(made_up)
    for pid, parent in ((10, 1), (11, 10), (12, 11)):
        made_up.add(pid, parent)
    families.update({"a": (10,)})
    del made_up.stats[11]
    made_up.add(12, 1)
    made_up.add(13, 12)
    assert families.update({"a": (10,)}) == {"a": [10, 12, 13]}


def test_a_container_without_processes_is_left_out(made_up):
    made_up.add(20)
    assert Families(made_up).update({"a": (10,), "b": (20,)}) == {"b": [20]}


def test_what_is_left_of_a_container_is_not_the_next_ones(made_up):
    families = Families(made_up)
    made_up.add(10)
    made_up.add(11, 10)
    families.update({"first": (10,)})
    del made_up.stats[10]
    made_up.add(11, 1)
    made_up.add(20)
    assert families.update({"second": (20,)}) == {"second": [20]}


def test_a_process_is_found_though_it_was_there_before_its_container(made_up):
    families = Families(made_up)
    made_up.add(10)
    made_up.add(11, 10)
    assert families.update({}) == {}
    assert families.update({"a": (10,)}) == {"a": [10, 11]}


def test_processes_are_read_once_as_long_as_nothing_changes(made_up):
    families = Families(made_up)
    made_up.add(10)
    made_up.add(30)
    families.update({"a": (10,)})
    made_up.read.clear()
    families.update({"a": (10,)})
    assert made_up.read == []


def test_parents_that_go_round_in_a_circle_are_nobodys(made_up):
    made_up.add(10, 11)
    made_up.add(11, 10)
    made_up.add(20)
    assert Families(made_up).update({"a": (20,)}) == {"a": [20]}


@given(st.lists(st.integers(0, 100), max_size=30), st.randoms())
def test_parents_come_before_children(choices, random):
    pids = random.sample(range(10, 1000), len(choices) + 1)
    parents = {pids[0]: 1} | {
        pid: pids[choice % (place + 1)] for place, (pid, choice) in enumerate(zip(pids[1:], choices, strict=True))
    }

    class Kernel(Procfs):
        def pids(self):
            return set(parents)

        def stat(self, pid):
            return type("Stat", (), {"parent": parents[pid]})

    (family,) = Families(Kernel()).update({"a": (pids[0],)}).values()
    assert set(family) == set(pids)
    places = {pid: place for place, pid in enumerate(family)}
    assert all(places[parents[pid]] < places[pid] for pid in pids[1:])


def test_real_children_are_found(child, eventually):
    parent, families = child(), Families(Procfs())
    assert families.update({"a": (parent.pid,)}) == {"a": [parent.pid]}
    grandchild = int(
        parent.run("import subprocess; started = subprocess.Popen(['sleep', '600']); answer = started.pid")
    )
    try:
        assert families.update({"a": (parent.pid,)}) == {"a": [parent.pid, grandchild]}
    finally:
        parent.run("started.kill(); started.wait()")
    eventually(lambda: families.update({"a": (parent.pid,)}) == {"a": [parent.pid]})
