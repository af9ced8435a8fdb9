"""The pods that watch a platform, and what they start with."""

import shutil
import stat
import subprocess

import pytest
import yaml

from refapp.deploy.local.options import Options
from refapp.deploy.local.ports import Ports
from refapp.deploy.local.watchers import Watchers
from refapp.mesh import Address
from refapp.topology import REFERENCE

SECRET = "https://hooks.slack.example/services/T1/B1/secret"


@pytest.fixture
def watchers(tmp_path):
    def watchers(**options):
        return Watchers(Options(**options), REFERENCE, tmp_path / "monitoring", Ports())

    return watchers


def test_each_server_has_a_pod_and_an_address(watchers):
    watching = watchers()
    watching.write(None)
    assert [pod.workload for pod in watching.pods()] == ["prometheus", "alertmanager", "kubelet", "slack-inbox"]
    ports = {f"http://127.0.0.1:{pod.containers[0].port}" for pod in watching.pods()}
    assert set(watching.urls().values()) == ports


def test_what_is_written_is_valid(watchers):
    watching = watchers()
    watching.write(Address("127.0.0.1", 15692))
    for tool, *check in (
        ("promtool", "check", "config", str(watching.monitoring.prometheus_file)),
        ("amtool", "check-config", str(watching.monitoring.alertmanager_file)),
    ):
        checked = subprocess.run([shutil.which(tool), *check], capture_output=True, text=True, check=False)
        assert checked.returncode == 0, checked.stdout + checked.stderr


def test_targets_that_stay_are_known(watchers):
    watching = watchers()
    watching.write(Address("127.0.0.1", 15692))
    text = "".join(path.read_text() for path in watching.monitoring.directory.rglob("*") if path.is_file())
    kubelet = watching.urls()["kubelet"].removeprefix("http://")
    assert "127.0.0.1:15692" in text
    assert text.count(kubelet) == 3


def test_the_webhook_of_a_real_slack_is_for_its_owner_s_eyes(watchers):
    watching = watchers(slack=SECRET)
    watching.write(None)
    assert [pod.workload for pod in watching.pods()] == ["prometheus", "alertmanager", "kubelet"]
    assert "inbox" not in watching.urls()
    with_secret = [p for p in watching.monitoring.directory.rglob("*") if p.is_file() and SECRET in p.read_text()]
    (file,) = with_secret
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    (receiver,) = yaml.safe_load(watching.monitoring.alertmanager_file.read_text())["receivers"]
    assert receiver["slack_configs"][0]["api_url_file"] == str(file)


def test_times_are_those_that_are_asked_for(watchers):
    watching = watchers(scrape_interval=5, time_scale=1 / 60)
    watching.write(None)
    written = yaml.safe_load(watching.monitoring.prometheus_file.read_text())
    assert written["global"]["scrape_interval"] == "5s"
    assert watching.monitoring.timing.scale == 1 / 60


def test_the_kubelet_is_told_of_the_inventory(watchers):
    watching = watchers()
    (kubelet,) = (pod for pod in watching.pods() if pod.workload == "kubelet")
    assert kubelet.containers[0].env["INVENTORY"] == str(watching.inventory)
