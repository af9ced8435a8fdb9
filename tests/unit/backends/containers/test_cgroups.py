import pytest

from refapp.backends.containers.cgroups import Cgroup, Memory, read

FILES = {
    "memory.current": "1000\n",
    "cpu.stat": "usage_usec 3500000\nuser_usec 2500000\nsystem_usec 1000000\n",
    "memory.stat": "anon 500\nfile 400\ninactive_file 300\npgfault 90\npgmajfault 8\n",
    "memory.events": "low 0\nmax 7\noom 2\noom_kill 1\n",
    "io.stat": "8:0 rbytes=10 wbytes=20 rios=1 wios=2\n8:16 rbytes=1 wbytes=2 rios=1 wios=2\n",
}


@pytest.fixture
def cgroup(tmp_path):
    for name, content in FILES.items():
        (tmp_path / name).write_text(content)
    return tmp_path


def test_the_files_are_read(cgroup):
    assert read(str(cgroup)) == Cgroup(2.5, 1.0, Memory(1000, 700, 500, 400), 11, 22, 1, 90, 8)


def test_the_working_set_is_never_negative(cgroup):
    (cgroup / "memory.current").write_text("100\n")
    assert read(str(cgroup)).memory.working_set == 0


def test_there_may_be_no_controller_of_io(cgroup):
    (cgroup / "io.stat").unlink()
    assert (read(str(cgroup)).read, read(str(cgroup)).written) == (0, 0)


@pytest.mark.parametrize("name", ["memory.current", "cpu.stat", "memory.stat", "memory.events"])
def test_a_cgroup_that_tells_too_little_is_none(cgroup, name):
    (cgroup / name).write_text("")
    assert read(str(cgroup)) is None
    (cgroup / name).unlink()
    assert read(str(cgroup)) is None
