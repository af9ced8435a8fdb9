import os
import subprocess
import sys

import psutil
import pytest

from refapp.backends.containers.processes import Portable, Procfs, kernel

MEGABYTE = 1 << 20
NOBODY = 2**22 + 1
linux = pytest.mark.skipif(sys.platform != "linux", reason="there is no /proc")
KERNELS = [pytest.param(Procfs(), marks=linux, id="procfs"), pytest.param(Portable(), id="portable")]


def test_linux_is_read_from_proc():
    assert isinstance(kernel(), Procfs if sys.platform == "linux" else Portable)


@pytest.mark.parametrize("source", KERNELS)
def test_a_process_is_there_with_its_parent(source, child):
    pid = child().pid
    assert {pid, os.getpid()} <= source.pids()
    assert source.stat(pid).parent == os.getpid()
    assert source.stat(pid).threads == 1


@pytest.mark.parametrize("source", KERNELS)
def test_cpu_is_what_psutil_says(source, child):
    burning = child()
    burning.run("import time\nwhile time.process_time() < 0.3: pass")
    stat, times = source.stat(burning.pid), psutil.Process(burning.pid).cpu_times()
    assert stat.user + stat.system >= 0.25
    assert stat.user == pytest.approx(times.user, abs=0.03)
    assert stat.system == pytest.approx(times.system, abs=0.03)


@linux
def test_cpu_of_children_that_were_awaited_is_told(child):
    parent = child()
    parent.run(f"import subprocess; subprocess.run([{sys.executable!r}, '-c', {BURN!r}])")
    stat = Procfs().stat(parent.pid)
    assert stat.children_user + stat.children_system >= 0.25


@linux
def test_page_faults_are_counted(child):
    touching = child()
    touching.run("import resource")
    before = Procfs().stat(touching.pid)
    touching.run(f"data = b'x' * {16 * MEGABYTE}")
    told = touching.run("usage = resource.getrusage(resource.RUSAGE_SELF); answer = usage.ru_minflt, usage.ru_majflt")
    minor, major = map(int, told.strip("()").split(","))
    after = Procfs().stat(touching.pid)
    assert before.faults < after.faults == pytest.approx(minor + major, abs=20)
    assert after.major_faults == pytest.approx(major, abs=2)


@linux
def test_page_faults_of_children_that_were_awaited_are_told(child):
    parent = child()
    before = Procfs().stat(parent.pid).children_faults
    parent.run("import subprocess; subprocess.run(['true'])")
    assert Procfs().stat(parent.pid).children_faults > before


BURN = "import time\nwhile time.process_time() < 0.3: pass"


@pytest.mark.parametrize("source", KERNELS)
def test_resident_memory_grows_with_what_is_held(source, child):
    holding = child()
    before = source.resident(holding.pid)
    holding.run(f"data = b'x' * {64 * MEGABYTE}")
    after = source.resident(holding.pid)
    assert 60 * MEGABYTE <= after.anonymous - before.anonymous <= 70 * MEGABYTE
    assert sum(after) == pytest.approx(psutil.Process(holding.pid).memory_info().rss, rel=0.05)


@linux
def test_a_share_of_the_memory_is_the_proportional_set_size(child):
    pid = child().pid
    share, full = Procfs().share(pid), psutil.Process(pid).memory_full_info()
    assert sum(share) == pytest.approx(full.pss, rel=0.1)
    # This process and the child run the same program, so its pages are shared.
    assert share.file < Procfs().resident(pid).file


@linux
def test_descriptors_are_counted(child):
    opening = child()
    before = Procfs().descriptors(opening.pid)
    opening.run("import os; pipes = [os.pipe() for _ in range(10)]")
    assert Procfs().descriptors(opening.pid) == before + 20
    assert Procfs().descriptors(opening.pid) == psutil.Process(opening.pid).num_fds()


def test_descriptors_are_counted_without_proc(child):
    pid = child().pid
    assert Portable().descriptors(pid) == psutil.Process(pid).num_fds()


@linux
def test_sockets_are_found(child):
    opening = child()
    assert Procfs().sockets(opening.pid) == set()
    opening.run("import socket, os; pair = socket.socketpair(); answer = [os.fstat(s.fileno()).st_ino for s in pair]")
    assert Procfs().sockets(opening.pid) == set(map(int, opening.run("pass").strip("[]").split(", ")))


@linux
def test_writes_are_counted(child, tmp_path):
    writing = child()
    writing.run(f"file = open({str(tmp_path / 'file')!r}, 'wb'); file.write(b'x' * {MEGABYTE}); file.flush()")
    disk = Procfs().disk(writing.pid)
    assert disk == psutil_disk(writing.pid)


def psutil_disk(pid):
    counters = psutil.Process(pid).io_counters()
    return counters.read_bytes, counters.write_bytes


@linux
def test_a_name_may_look_like_the_fields_after_it(tmp_path):
    program = tmp_path / "a) S 1 (b"
    program.symlink_to("/bin/sleep")
    process = subprocess.Popen([program, "600"])
    try:
        assert Procfs().stat(process.pid).parent == os.getpid()
    finally:
        process.kill()
        process.wait()


@pytest.mark.parametrize("source", KERNELS)
def test_a_process_that_is_gone_is_not_known(source):
    assert [source.stat(NOBODY), source.disk(NOBODY), source.resident(NOBODY), source.share(NOBODY)] == [None] * 4
    assert (source.descriptors(NOBODY), source.sockets(NOBODY)) == (0, set())


@linux
def test_a_zombie_still_has_its_times(child, eventually):
    dying = child()
    dying.run("import time\nwhile time.process_time() < 0.1: pass")
    dying.process.kill()
    eventually(lambda: psutil.Process(dying.pid).status() == psutil.STATUS_ZOMBIE)
    stat = Procfs().stat(dying.pid)
    assert stat.user + stat.system >= 0.07
    assert Procfs().share(dying.pid) is None


@linux
@pytest.mark.skipif(sys.platform == "linux" and os.geteuid() == 0, reason="root may read everything")
def test_a_process_of_somebody_else_is_known_in_part():
    assert Procfs().stat(1) is not None
    assert Procfs().share(1) is None
    assert Procfs().sockets(1) == set()
