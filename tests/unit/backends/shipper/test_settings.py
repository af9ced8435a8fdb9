from pathlib import Path

import pytest

from refapp.backends.shipper.settings import ShipperSettings
from refapp.services.settings import SettingsError


def test_settings_have_defaults():
    settings = ShipperSettings.from_environ({"FLUSH": ""})
    assert settings.address == ("127.0.0.1", 2020)
    assert (settings.logs, settings.state, settings.inventory) == (Path("pods"), Path("shipper"), None)
    assert (settings.cluster, settings.node, settings.namespace) == ("istio-observe-demo", "ip-127-0-0-1", "dev")
    assert (settings.labels, settings.units, settings.host_files) == (False, {}, ())
    assert (settings.endpoint, settings.region) == (None, None)
    assert (settings.flush, settings.poll, settings.timeout, settings.settle, settings.grace) == (1, 0.25, 30, 2, 5)
    assert (settings.backlog, settings.connections) == (1024**3, 8)


def test_settings_are_read():
    settings = ShipperSettings.from_environ(
        {
            "PORT": ":1",
            "LOGS": "/l",
            "STATE": "/s",
            "INVENTORY": "/i",
            "CLUSTER": "c",
            "NODE": "n",
            "NAMESPACE": "prod",
            "LABELS": "On",
            "UNITS": "a.service=/a,b.service=/b=c",
            "HOST_FILES": "/var/log/messages,/var/log/dmesg",
            "ENDPOINT": "http://127.0.0.1:1",
            "REGION": "eu-central-1",
            "FLUSH": "5",
            "BACKLOG": "1",
            "CONNECTIONS": "64",
        }
    )
    assert (settings.address, settings.logs, settings.state, settings.inventory) == (
        ("", 1),
        Path("/l"),
        Path("/s"),
        Path("/i"),
    )
    assert (settings.cluster, settings.node, settings.namespace, settings.labels) == ("c", "n", "prod", True)
    assert settings.units == {"a.service": Path("/a"), "b.service": Path("/b=c")}
    assert settings.host_files == (Path("/var/log/messages"), Path("/var/log/dmesg"))
    assert (settings.endpoint, settings.region) == ("http://127.0.0.1:1", "eu-central-1")
    assert (settings.flush, settings.backlog, settings.connections) == (5, 1, 64)


@pytest.mark.parametrize(
    "environ",
    [
        {"PORT": "x"},
        {"CLUSTER": "a b"},
        {"CLUSTER": "ü"},
        {"NODE": "a:b"},
        {"LABELS": "yes"},
        {"UNITS": "a"},
        {"UNITS": "a="},
        {"UNITS": "=/a"},
        {"UNITS": "a=/a,a=/b"},
        {"UNITS": "a=/a,b=/a"},
        {"HOST_FILES": "/a/messages,/b/messages"},
        {"HOST_FILES": "/a/x:y"},
        {"HOST_FILES": "/"},
        {"FLUSH": "0"},
        {"POLL": "x"},
        {"TIMEOUT": "inf"},
        {"SETTLE": "nan"},
        {"GRACE": "-1"},
        {"BACKLOG": "0"},
        {"CONNECTIONS": "65"},
    ],
)
def test_broken_settings_are_named(environ):
    (name,) = environ
    with pytest.raises(SettingsError, match=name):
        ShipperSettings.from_environ(environ)


def test_a_file_of_two_kinds():
    with pytest.raises(SettingsError, match="UNITS and HOST_FILES name a file twice"):
        ShipperSettings.from_environ({"UNITS": "a=/a", "HOST_FILES": "/a"})


def test_state_on_another_file_system(tmp_path):
    environ = {"LOGS": str(tmp_path / "pods"), "STATE": str(tmp_path / "state")}
    settings = ShipperSettings.from_environ(environ)
    settings.check_state()
    (tmp_path / "pods").mkdir()
    settings.check_state()
    other = ShipperSettings.from_environ({**environ, "LOGS": "/proc"})
    with pytest.raises(SettingsError, match=r"STATE is .*: it must be on the same file system as /proc"):
        other.check_state()
