import sys
from collections import defaultdict

import psutil
import pytest
from hypothesis import given
from hypothesis import strategies as st

from refapp.backends.containers.cgroups import Memory
from refapp.backends.containers.meter import Ledger, Meter
from refapp.backends.containers.processes import Disk, Procfs, Resident, Stat

MEGABYTE = 1 << 20


def totals(*samples):
    ledger = Ledger()
    found = []
    for sample in samples:
        ledger.add(sample)
        found.append(ledger.total)
    return found


def test_what_processes_use_is_added_up():
    assert totals({"a": (1, 0)}, {"a": (3, 0), "b": (2, 0)}) == [1, 5]


def test_a_child_that_was_awaited_is_counted_once():
    assert totals({"a": (1, 0), "b": (2, 0)}, {"a": (1, 2)}) == [3, 3]


def test_what_a_child_used_at_last_is_counted():
    assert totals({"a": (1, 0), "b": (2, 0)}, {"a": (1, 2.5)}) == [3, 3.5]


def test_a_child_that_nobody_saw_is_counted():
    assert totals({"a": (1, 0)}, {"a": (1, 4)}) == [1, 5]


def test_a_child_may_be_gone_before_its_parent_has_it():
    assert totals({"a": (1, 0), "b": (2, 0)}, {"a": (1, 0)}, {"a": (1, 2)}) == [3, 3, 3]


def test_a_child_that_nobody_awaits_is_not_taken_from_others():
    samples = [{"a": (1, 0), "b": (9, 0)}, {"a": (2, 0)}, {"a": (3, 0)}, {"a": (3, 4)}]
    assert totals(*samples) == [10, 11, 12, 16]


def test_a_grandchild_is_counted_once_when_its_parent_ends_too():
    assert totals({"a": (1, 0), "b": (2, 0), "c": (4, 0)}, {"a": (1, 0), "b": (2, 4)}, {"a": (1, 6)}) == [7, 7, 7]


@st.composite
def histories(draw):
    """What a process with children uses in the course of time, and its samples: each child is awaited at its end."""
    used, taken, alive = defaultdict(int), 0, ["root"]
    samples = []
    for number in range(draw(st.integers(1, 12))):
        for step in draw(st.lists(st.sampled_from(["use", "fork", "end"]), max_size=6)):
            process = alive[draw(st.integers(0, len(alive) - 1))]
            if step == "use":
                used[process] += draw(st.integers(1, 5))
            elif step == "fork":
                alive.append(f"child-{number}-{len(used)}-{len(alive)}")
                used[alive[-1]] += 0
            elif process != "root":
                alive.remove(process)
                taken += used[process]
        readings = {process: (used[process], taken if process == "root" else 0) for process in alive}
        samples.append((readings, sum(used.values())))
    return samples


@given(histories())
def test_all_is_counted_once_when_every_child_is_awaited(history):
    ledger = Ledger()
    for readings, expected in history:
        ledger.add(readings)
        assert ledger.total == expected


PAIRS = st.tuples(st.integers(0, 50), st.integers(0, 50))


@given(st.lists(st.dictionaries(st.sampled_from("abc"), PAIRS)))
def test_a_counter_never_falls(samples):
    found = totals(*samples)
    assert found == sorted(found)


def test_a_number_that_another_process_has_now_starts_anew(made_up):
    meter = Meter(made_up)
    made_up.add(10, user=5.0)
    made_up.add(11, 10, user=3.0)
    meter.sample([10, 11], 0.0)
    made_up.add(11, 10, born=99, user=1.0)
    meter.sample([10, 11], 1.0)
    assert meter.usage.user == 9.0


def test_processes_that_vanish_while_they_are_read_are_left_out(made_up):
    meter = Meter(made_up)
    made_up.add(10, user=5.0)
    meter.sample([10, 11], 0.0)
    assert (meter.usage.user, meter.usage.processes) == (5.0, 1)
    made_up.stats.clear()
    meter.sample([10, 11], 1.0)
    assert (meter.usage.user, meter.usage.processes) == (5.0, 0)


def test_storage_is_counted_once_when_a_child_is_awaited(made_up):
    meter = Meter(made_up)
    made_up.add(10)
    made_up.add(11, 10)
    made_up.disks = {10: Disk(1, 10), 11: Disk(2, 20)}
    meter.sample([10, 11], 0.0)
    del made_up.stats[11]
    made_up.disks[10] = Disk(3, 30)
    meter.sample([10], 1.0)
    assert (meter.usage.read, meter.usage.written) == (3, 30)


def test_page_faults_of_a_child_that_was_awaited_are_counted_once(made_up):
    meter = Meter(made_up)
    made_up.stats[10] = Stat(1, 10, 1, 0, 0, 0, 0, faults=100, major_faults=4)
    made_up.stats[11] = Stat(10, 11, 1, 0, 0, 0, 0, faults=30, major_faults=1)
    meter.sample([10, 11], 0.0)
    assert (meter.usage.faults, meter.usage.major_faults) == (130, 5)
    del made_up.stats[11]
    made_up.stats[10] = Stat(
        1, 10, 1, 0, 0, 0, 0, faults=101, major_faults=4, children_faults=32, children_major_faults=1
    )
    meter.sample([10], 1.0)
    assert (meter.usage.faults, meter.usage.major_faults) == (133, 5)


def test_memory_between_two_readings_of_the_share_follows_what_is_resident(made_up):
    meter = Meter(made_up)
    made_up.add(10)
    made_up.residents[10], made_up.shares[10] = Resident(100, 80), Resident(90, 20)
    meter.sample([10], 1.0)
    assert meter.usage.memory == Memory(110, 110, 90, 20)
    made_up.residents[10], made_up.shares[10] = Resident(150, 70), None
    meter.sample([10], 2.0)
    assert meter.usage.memory == Memory(150, 150, 140, 10)
    made_up.residents[10] = Resident(0, 0)
    meter.sample([10], 3.0)
    assert meter.usage.memory == Memory(0, 0, 0, 0)


def test_memory_without_a_share_is_what_is_resident(made_up):
    meter = Meter(made_up)
    made_up.add(10)
    made_up.residents[10] = Resident(100, 80)
    meter.sample([10], 1.0)
    assert meter.usage.memory == Memory(180, 180, 100, 80)


def test_a_share_wants_to_be_read_again_when_it_is_old_or_files_were_mapped(made_up):
    meter = Meter(made_up)
    made_up.add(10)
    meter.sample([10], 1.0)
    member = meter.members[10]
    assert member.urgency(2.0) < 1 <= member.urgency(21.0)
    made_up.residents[10] = Resident(50 * MEGABYTE, 0)
    meter.sample([10], 2.0)
    assert member.urgency(2.0) < 1
    made_up.residents[10] = Resident(0, 2 * MEGABYTE)
    meter.sample([10], 2.0)
    assert member.urgency(2.0) >= 1


def test_a_cgroup_tells_better(made_up, tmp_path):
    for name, content in {
        "memory.current": "1000",
        "cpu.stat": "user_usec 2000000\nsystem_usec 1000000",
        "memory.stat": "anon 500\nfile 400\ninactive_file 300\npgfault 90\npgmajfault 8",
        "memory.events": "oom_kill 1",
    }.items():
        (tmp_path / name).write_text(content)
    meter = Meter(made_up, str(tmp_path))
    made_up.add(10, user=5.0)
    meter.sample([10], 1.0)
    usage = meter.usage
    assert (usage.user, usage.system, usage.memory, usage.oom_kills) == (2.0, 1.0, Memory(1000, 700, 500, 400), 1)
    assert (usage.processes, usage.threads, usage.descriptors) == (1, 1, 3)
    assert (usage.faults, usage.major_faults) == (90, 8)


@pytest.mark.skipif(sys.platform != "linux", reason="there is no /proc")
class TestRealProcesses:
    def test_cpu_and_memory_are_what_psutil_says(self, child):
        working = child()
        meter = Meter(Procfs())
        working.run(f"import time; data = b'x' * {64 * MEGABYTE}\nwhile time.process_time() < 0.5: pass")
        meter.sample([working.pid], 1.0)
        process = psutil.Process(working.pid)
        times = process.cpu_times()
        assert meter.usage.user + meter.usage.system == pytest.approx(times.user + times.system, abs=0.05)
        assert meter.usage.memory.working_set == pytest.approx(process.memory_full_info().pss, rel=0.05)
        assert meter.usage.memory.anonymous >= 64 * MEGABYTE

    def test_memory_that_is_allocated_and_freed_is_seen_without_reading_the_share_again(self, child):
        working, meter = child(), Meter(Procfs())
        meter.sample([working.pid], 1.0)
        before = meter.usage.memory.working_set
        working.run(f"data = b'x' * {64 * MEGABYTE}")
        meter.sample([working.pid], 2.0)
        assert meter.usage.memory.working_set - before == pytest.approx(64 * MEGABYTE, rel=0.05)
        assert meter.members[working.pid].refreshed == 1.0
        working.run("del data")
        meter.sample([working.pid], 3.0)
        assert meter.usage.memory.working_set - before < MEGABYTE

    def test_the_end_of_a_child_takes_nothing_away(self, child):
        parent, meter = child(), Meter(Procfs())
        burn = "import time\nwhile time.process_time() < 0.4: pass\nprint(flush=True)\nimport sys; sys.stdin.read()"
        pid = int(
            parent.run(f"""
import subprocess, sys
started = subprocess.Popen([sys.executable, "-c", {burn!r}], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
started.stdout.readline(); answer = started.pid
""")
        )
        meter.sample([parent.pid, pid], 1.0)
        before = meter.usage.user + meter.usage.system
        assert before >= 0.35  # the kernel tells whole hundredths, rounded down
        parent.run("started.communicate()")
        meter.sample([parent.pid], 2.0)
        after = meter.usage.user + meter.usage.system
        assert before <= after <= before + 0.2
        times = Procfs().stat(parent.pid)
        assert after == pytest.approx(sum(times[3:7]), abs=0.05)
