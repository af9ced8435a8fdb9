from pathlib import Path

import pytest

from refapp.backends.containerinsights.events import Place
from refapp.backends.containerinsights.settings import AgentSettings
from refapp.services.settings import SettingsError


def test_settings_have_defaults():
    settings = AgentSettings.from_environ({"PERIOD": "", "ENDPOINT": ""})
    assert (settings.address, settings.kubelet) == (("127.0.0.1", 8888), ("127.0.0.1", 10250))
    assert settings.inventory == Path("inventory.json")
    assert settings.place == Place(cluster="istio-observe-demo", node="ip-127-0-0-1")
    assert settings.group == "/aws/containerinsights/istio-observe-demo/performance"
    assert (settings.enhanced, settings.period, settings.timeout, settings.grace) == (True, 60.0, 10.0, 5.0)
    assert (settings.endpoint, settings.region, settings.buffer) == (None, None, 16 * 2**20)


def test_settings_are_read():
    settings = AgentSettings.from_environ(
        {
            "PORT": ":1",
            "KUBELET": "http://[::1]:2/",
            "INVENTORY": "/x",
            "CLUSTER": "demo",
            "NODE": "ip-1",
            "INSTANCE_ID": "i-1",
            "INSTANCE_TYPE": "t3.large",
            "AUTO_SCALING_GROUP": "ng-1",
            "ENHANCED": "Off",
            "PERIOD": "5",
            "ENDPOINT": "http://127.0.0.1:4566",
            "REGION": "eu-west-1",
            "TIMEOUT": "1.5",
            "GRACE": "2",
            "BUFFER": "1000",
        }
    )
    assert (settings.address, settings.kubelet, settings.inventory) == (("", 1), ("::1", 2), Path("/x"))
    assert settings.place == Place(
        cluster="demo", node="ip-1", instance_id="i-1", instance_type="t3.large", auto_scaling_group="ng-1"
    )
    assert settings.group == "/aws/containerinsights/demo/performance"
    assert (settings.enhanced, settings.period, settings.timeout, settings.grace) == (False, 5.0, 1.5, 2.0)
    assert (settings.endpoint, settings.region, settings.buffer) == ("http://127.0.0.1:4566", "eu-west-1", 1000)


@pytest.mark.parametrize(
    "environ",
    [
        {"PORT": "x"},
        {"KUBELET": "127.0.0.1:10250"},
        {"KUBELET": "https://127.0.0.1:10250"},
        {"KUBELET": "http://127.0.0.1"},
        {"KUBELET": "http://127.0.0.1:1/api"},
        {"CLUSTER": "a b"},
        {"NODE": "a:b"},
        {"ENHANCED": "maybe"},
        {"PERIOD": "0"},
        {"PERIOD": "nan"},
        {"TIMEOUT": "soon"},
        {"GRACE": "-1"},
        {"BUFFER": "0"},
        {"BUFFER": "1.5"},
    ],
)
def test_broken_settings_are_named(environ):
    (name,) = environ
    with pytest.raises(SettingsError, match=f"^{name} is '"):
        AgentSettings.from_environ(environ)
