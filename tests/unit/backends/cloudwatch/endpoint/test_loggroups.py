import pytest
from moto.logs import exceptions, models

from refapp.backends.cloudwatch.endpoint import loggroups
from refapp.backends.cloudwatch.endpoint.loggroups import Groups
from refapp.backends.cloudwatch.logs.names import ACCOUNT
from refapp.backends.cloudwatch.logs.operations import run
from refapp.backends.cloudwatch.logs.regions import Regions


@pytest.fixture
def regions(tmp_path):
    with Regions(tmp_path) as regions:
        yield regions


@pytest.fixture
def region(regions):
    return regions.get("us-east-1")


@pytest.fixture
def groups(regions):
    return Groups(regions, "us-east-1", ACCOUNT)


def test_moto_sees_the_groups_of_the_region(region, groups):
    run(region, "CreateLogGroup", {"logGroupName": "b"})
    run(region, "CreateLogGroup", {"logGroupName": "a"})
    run(region, "PutRetentionPolicy", {"logGroupName": "a", "retentionInDays": 7})
    assert (list(groups), len(groups)) == (["a", "b"], 2)
    assert groups["a"].arn == f"arn:aws:logs:us-east-1:{ACCOUNT}:log-group:a"
    assert groups["a"].retention_in_days == 7
    assert "c" not in groups
    assert groups.get("c") is None


def test_a_region_is_made_by_its_first_group(regions):
    groups = Groups(regions, "eu-west-1", ACCOUNT)
    assert (list(groups), len(groups), "a" in groups) == ([], 0, False)
    assert regions.known("eu-west-1") is None
    groups["a"] = models.LogGroup(ACCOUNT, "eu-west-1", "a")
    assert list(groups) == ["a"]


def test_a_group_keeps_its_filters_as_long_as_it_is_the_same(region, groups):
    run(region, "CreateLogGroup", {"logGroupName": "a"})
    groups["a"].put_subscription_filter("f", "", "arn", "role")
    assert list(groups["a"].subscription_filters) == ["f"]
    run(region, "DeleteLogGroup", {"logGroupName": "a"})
    assert groups.get("a") is None
    run(region, "CreateLogGroup", {"logGroupName": "a"})
    assert not groups["a"].subscription_filters


def test_what_moto_makes_is_made_here(region, groups):
    groups["a"] = models.LogGroup(ACCOUNT, "us-east-1", "a", RetentionInDays=3)
    assert region.catalogue.group("a").retention == 3
    groups["a"].create_log_stream("s")
    with pytest.raises(exceptions.ResourceAlreadyExistsException):
        groups["a"].create_log_stream("s")
    created = region.catalogue.group("a").created
    groups["a"].put_log_events("s", [{"timestamp": created, "message": "x"}])
    (event,) = run(region, "FilterLogEvents", {"logGroupName": "a"})["events"]
    assert event["message"] == "x"
    del groups["a"]
    assert not region.catalogue.has_group("a")
    with pytest.raises(KeyError):
        del groups["a"]


def test_each_backend_has_the_groups_of_its_region(regions, region, monkeypatch):
    monkeypatch.setattr(models.LogsBackend, "__init__", models.LogsBackend.__init__)
    loggroups.amend(regions)
    run(region, "CreateLogGroup", {"logGroupName": "a"})
    assert list(models.LogsBackend("us-east-1", ACCOUNT).groups) == ["a"]
    assert list(models.LogsBackend("eu-west-1", ACCOUNT).groups) == []
    assert [opened.name for opened in regions.opened()] == ["us-east-1"]
