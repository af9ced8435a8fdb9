import os
import re
from pathlib import Path

import pytest

from refapp.backends.containerinsights.settings import AgentSettings
from refapp.backends.shipper.settings import ShipperSettings
from refapp.deploy.local.cloud import Cloud, host_files
from refapp.deploy.local.options import Options
from refapp.deploy.local.ports import Ports
from refapp.deploy.local.rundir import RunDirectory
from refapp.deploy.local.specs import Tier

KUBELET = "http://127.0.0.1:10255"


@pytest.fixture
def containers(tmp_path):
    def containers(inventory=tmp_path / "inventory.json", kubelet=KUBELET, **options):
        cloud = Cloud(Options(cloudwatch=True, **options), RunDirectory(tmp_path), Ports())
        pods = cloud.pods(inventory, kubelet)
        return cloud, {pod.workload: (pod.tier, pod.containers[0]) for pod in pods}

    return containers


def test_what_is_sent_goes_to_our_own(containers, tmp_path):
    cloud, found = containers(time_scale=1 / 15)
    tiers = {workload: tier for workload, (tier, _) in found.items()}
    assert tiers == {"aws": Tier.CLOUD, "fluent-bit": Tier.NODE, "cloudwatch-agent": Tier.NODE}
    assert cloud.url == f"http://127.0.0.1:{found['aws'][1].port}"
    shipper = ShipperSettings.from_environ(found["fluent-bit"][1].env)
    agent = AgentSettings.from_environ(found["cloudwatch-agent"][1].env)
    assert (shipper.endpoint, agent.endpoint) == (cloud.url, cloud.url)
    assert (shipper.region, agent.region) == ("us-east-1", "us-east-1")
    assert (shipper.logs, shipper.inventory) == (tmp_path / "pods", tmp_path / "inventory.json")
    assert dict(shipper.units) == {"supervisor.service": tmp_path / "supervisor.log"}
    assert (agent.kubelet, agent.period) == (("127.0.0.1", 10255), 4)
    assert re.fullmatch("i-[0-9a-f]{17}", agent.place.instance_id)


def test_the_node_is_the_same_instance_whenever_it_is_started_again(containers):
    ids = {containers()[1]["cloudwatch-agent"][1].env["INSTANCE_ID"] for _ in range(2)}
    assert len(ids) == 1


def test_a_cluster_s_minute_is_never_less_than_a_second(containers):
    _, found = containers(time_scale=1 / 600)
    assert AgentSettings.from_environ(found["cloudwatch-agent"][1].env).period == 1


def test_another_s_endpoint(containers):
    cloud, found = containers(aws="http://127.0.0.1:4566/")
    assert (cloud.url, set(found)) == ("http://127.0.0.1:4566", {"fluent-bit", "cloudwatch-agent"})
    assert cloud.urls() == {"aws": cloud.url, "shipper": f"http://127.0.0.1:{found['fluent-bit'][1].port}"}


def test_no_agent_where_nothing_measures(containers):
    _, found = containers(inventory=None, kubelet=None)
    assert set(found) == {"aws", "fluent-bit"}
    assert ShipperSettings.from_environ(found["fluent-bit"][1].env).inventory is None


def test_nothing_of_the_reader_s_credentials_is_used(containers, monkeypatch):
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "of the reader")
    monkeypatch.setenv("AWS_PROFILE", "of the reader")
    _, found = containers()
    for workload in ("fluent-bit", "cloudwatch-agent"):
        env = found[workload][1].env
        assert env["AWS_ACCESS_KEY_ID"] == "local"
        assert (env["AWS_CONFIG_FILE"], env["AWS_SHARED_CREDENTIALS_FILE"]) == (os.devnull, os.devnull)
        assert "AWS_PROFILE" not in env


def test_host_files_are_those_that_can_be_read(tmp_path):
    for name in ("dmesg", "kern.log", "syslog"):
        (tmp_path / name).write_text("x")
    (tmp_path / "auth.log").mkdir()
    assert host_files(tmp_path) == [tmp_path / "dmesg", tmp_path / "syslog"]
    assert host_files(Path("/nowhere")) == []
