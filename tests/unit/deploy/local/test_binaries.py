import os
import stat

import pytest

from refapp.deploy.errors import MissingBinaryError
from refapp.deploy.local import binaries


@pytest.fixture
def program(tmp_path):
    path = tmp_path / "program"
    path.write_text("#!/bin/sh\n")
    path.chmod(0o755)
    return path


@pytest.mark.parametrize("find", [binaries.mongod, binaries.rabbitmq_server, binaries.epmd])
def test_programs_of_this_machine_can_be_run(find):
    assert os.access(find(), os.X_OK)


def test_mongod_of_the_user_s_choice(monkeypatch, program):
    monkeypatch.setenv("REFAPP_MONGOD", str(program))
    assert binaries.mongod() == str(program)


def test_mongod_that_is_not_executable(monkeypatch, program):
    program.chmod(stat.S_IRUSR)
    monkeypatch.setattr(binaries, "_packaged_mongod", lambda: program)
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(MissingBinaryError, match=r"program is not executable; run: chmod \+x .*program"):
        binaries.mongod()


def test_missing_mongod(monkeypatch):
    monkeypatch.setattr(binaries, "_packaged_mongod", lambda: None)
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(MissingBinaryError, match="mongod is not installed; run: make setup"):
        binaries.mongod()


@pytest.mark.parametrize(
    ("platform", "command"), [("linux", "sudo apt-get install rabbitmq-server"), ("darwin", "brew install rabbitmq")]
)
def test_missing_rabbitmq(monkeypatch, platform, command):
    monkeypatch.setattr(binaries, "_RABBITMQ", ("no-such-program",))
    monkeypatch.setattr(binaries.sys, "platform", platform)
    with pytest.raises(MissingBinaryError, match=f"rabbitmq-server is not installed; run: {command}"):
        binaries.rabbitmq_server()
