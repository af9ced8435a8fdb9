import json

import pytest

from refapp.mesh import Address
from refapp.monitoring import scraping
from refapp.monitoring.configuration import (
    Monitoring,
    alertmanager_command,
    prometheus_command,
    write,
    write_rules,
)
from refapp.monitoring.rules import Group, Recording


@pytest.fixture
def monitoring(tmp_path):
    return Monitoring(
        directory=tmp_path / "monitoring",
        prometheus=Address("127.0.0.1", 19090),
        alertmanager=Address("127.0.0.1", 19093),
        slack="http://127.0.0.1:19095/services/T/B/X",
    )


def test_what_is_written_is_accepted(monitoring, program):
    write(monitoring)
    assert "1 rule files found" in program("promtool", "check", "config", monitoring.prometheus_file)
    assert "1 templates" in program("amtool", "check-config", monitoring.alertmanager_file)


def test_each_job_has_its_file(monitoring):
    write(monitoring)
    targets = {job: json.loads(scraping.targets_file(monitoring.directory, job).read_text()) for job in scraping.JOBS}
    assert targets.pop(scraping.PROMETHEUS) == [{"targets": ["127.0.0.1:19090"], "labels": {}}]
    assert targets.pop(scraping.ALERTMANAGER) == [{"targets": ["127.0.0.1:19093"], "labels": {}}]
    assert set(map(len, targets.values())) == {0}


def test_targets_that_are_there_stay(monitoring):
    target = scraping.Target(Address("127.0.0.1", 1))
    scraping.write_targets(monitoring.directory, scraping.RABBITMQ, [target])
    write(monitoring)
    file = scraping.targets_file(monitoring.directory, scraping.RABBITMQ)
    assert json.loads(file.read_text()) == [{"targets": ["127.0.0.1:1"], "labels": {}}]


def test_further_rules(monitoring, program):
    write(monitoring)
    group = Group(name="own", rules=(Recording(record="own:up:sum", expr="sum(up)"),))
    path = write_rules(monitoring, "own", [group])
    assert path == monitoring.directory / "rules" / "own.yml"
    assert "2 rule files found" in program("promtool", "check", "config", monitoring.prometheus_file)


def test_servers_listen_on_loopback_only(monitoring):
    for command, port in ((prometheus_command(monitoring), 19090), (alertmanager_command(monitoring), 19093)):
        assert f"--web.listen-address=127.0.0.1:{port}" in command
    assert "--rules.alert.resend-delay=4s" in prometheus_command(monitoring)
    assert "--cluster.listen-address=" in alertmanager_command(monitoring)
    assert prometheus_command(monitoring, "/opt/prometheus")[0] == "/opt/prometheus"
