"""Workloads that are scaled by the use of their pods."""

import pytest

from refapp.deploy.autoscaling import AutoscalerError
from refapp.deploy.errors import DeployError


def test_pods_come_with_the_load_and_go_without_it_and_no_request_is_lost(platform, loaded, pods_of, eventually):
    platform.autoscale("service-d", 1, 3, cpu=20)
    with loaded(platform, users=8) as reports:
        (scaled,) = eventually(lambda: [one for one in platform.status().autoscalers if one.desired == 3], within=60)
        eventually(lambda: len(pods_of(platform, "service-d")) == 3, within=60)
    assert all(report.requests > 0 for report in reports)
    assert [report.errors for report in reports] == [{}] * len(reports)
    assert scaled.utilisation["cpu"] > 20
    eventually(lambda: len(pods_of(platform, "service-d")) == 1, within=60)
    platform.stop_autoscaling("service-d")
    assert platform.status().autoscalers == ()


def test_the_fewest_pods_are_there_without_load(platform, pods_of, eventually):
    platform.autoscale("service-g", 2, 4, cpu=1000)
    try:
        eventually(lambda: len(pods_of(platform, "service-g")) == 2)
    finally:
        platform.stop_autoscaling("service-g")
        platform.scale("service-g", 1)


def test_impossible_autoscalers(platform):
    with pytest.raises(DeployError, match="no workload named 'service-z'"):
        platform.autoscale("service-z")
    with pytest.raises(DeployError, match="service-a can have 1 to 20 replicas on one machine, not 21"):
        platform.autoscale("service-a", maximum=21)
    with pytest.raises(AutoscalerError, match="not 3 to 2"):
        platform.autoscale("service-a", 3, 2)
    with pytest.raises(DeployError, match="no workload named 'service-z'"):
        platform.stop_autoscaling("service-z")
