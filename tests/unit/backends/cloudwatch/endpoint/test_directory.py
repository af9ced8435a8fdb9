import signal
import subprocess
import sys

import pytest

from refapp.backends.cloudwatch.endpoint.directory import DirectoryError, occupied


def test_a_directory_is_made_and_let_go(tmp_path):
    for _ in range(2):
        with occupied(tmp_path / "a" / "b") as directory:
            assert directory.is_dir()


def test_one_at_a_time(tmp_path):
    complaint = f"{tmp_path}: another process uses this directory; name another one"
    with occupied(tmp_path), pytest.raises(DirectoryError, match=complaint), occupied(tmp_path):
        pass


def test_the_end_of_a_process_lets_it_go_however_it_comes(tmp_path):
    program = (
        "import sys, pathlib\n"
        "from refapp.backends.cloudwatch.endpoint.directory import occupied\n"
        "with occupied(pathlib.Path(sys.argv[1])):\n"
        "    print('here', flush=True)\n"
        "    sys.stdin.read()\n"
    )
    command = [sys.executable, "-c", program, str(tmp_path)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout.readline() == "here\n"
        with pytest.raises(DirectoryError), occupied(tmp_path):
            pass
        process.send_signal(signal.SIGKILL)
        process.wait(20)
        with occupied(tmp_path):
            pass


def test_what_cannot_be_used(tmp_path):
    (tmp_path / "file").write_text("")
    with (
        pytest.raises(DirectoryError, match="file/below: Not a directory; name another"),
        occupied(tmp_path / "file" / "below"),
    ):
        pass
