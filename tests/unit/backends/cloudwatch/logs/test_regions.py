import pytest

from refapp.backends.cloudwatch.errors import InvalidParameter
from refapp.backends.cloudwatch.events.database import StoreError
from refapp.backends.cloudwatch.logs.catalogue import CatalogueError, Group
from refapp.backends.cloudwatch.logs.operations import run
from refapp.backends.cloudwatch.logs.regions import Regions


@pytest.fixture
def directory(tmp_path):
    return tmp_path


def names(region):
    return [group.name for group in region.catalogue.groups()]


def test_regions_know_nothing_of_each_other(directory):
    with Regions(directory) as regions:
        regions.get("us-east-1").catalogue.create_group(Group(name="g", created=1))
        assert names(regions.get("us-east-1")) == ["g"]
        assert names(regions.get("us-gov-west-1")) == []
        assert regions.get("us-east-1") is regions.get("us-east-1")


def test_a_region_is_made_when_it_is_asked_for(directory):
    with Regions(directory) as regions:
        assert regions.known("us-east-1") is None
        assert regions.opened() == []
        made = regions.get("us-east-1")
        assert regions.known("us-east-1") is made
        assert regions.opened() == [made]


def test_what_there_was_is_opened_again(directory):
    with Regions(directory) as regions:
        regions.get("eu-west-1").catalogue.create_group(Group(name="g", created=1))
    (directory / "notes").mkdir()
    with Regions(directory) as regions:
        assert [region.name for region in regions.opened()] == ["eu-west-1"]
        assert names(regions.opened()[0]) == ["g"]


@pytest.mark.parametrize("name", ["", "../..", "us-east-1/..", "US-EAST-1", "us-east-1\n", "x" * 300, "local"])
def test_what_is_no_region(directory, name):
    with Regions(directory) as regions, pytest.raises(InvalidParameter, match="is no name of a region, such as"):
        regions.get(name)
    assert list(directory.iterdir()) == []


@pytest.mark.parametrize(("name", "error"), [("catalogue.db", CatalogueError), ("events.duckdb", StoreError)])
def test_broken_files_are_named_and_the_others_are_let_go(directory, name, error):
    with Regions(directory) as regions:
        regions.get("us-east-1")
    path = directory / "us-east-1" / name
    good = path.read_bytes()
    path.write_bytes(b"nonsense" * 1000)
    with pytest.raises(error, match=name):
        Regions(directory)
    path.write_bytes(good)
    with Regions(directory) as regions:
        assert names(regions.get("us-east-1")) == []


def test_watchers_see_all_regions(directory):
    seen = []
    with Regions(directory, [lambda region, arrival: seen.append((region.name, arrival.group))]) as regions:
        for name in ("us-east-1", "us-east-2"):
            region = regions.get(name)
            run(region, "CreateLogGroup", {"logGroupName": "g"})
            run(region, "CreateLogStream", {"logGroupName": "g", "logStreamName": "s"})
            events = [{"timestamp": region.catalogue.group("g").created, "message": "x"}]
            run(region, "PutLogEvents", {"logGroupName": "g", "logStreamName": "s", "logEvents": events})
    assert seen == [("us-east-1", "g"), ("us-east-2", "g")]
