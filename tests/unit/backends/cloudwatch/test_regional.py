import threading

import pytest

from refapp.backends.cloudwatch.errors import InvalidParameter
from refapp.backends.cloudwatch.regional import Regional


@pytest.fixture
def closed():
    return []


@pytest.fixture
def regional(closed):
    with Regional(lambda name: [name], closed.append) as regional:
        yield regional


@pytest.mark.parametrize("name", ["us-east-1", "ap-southeast-2", "us-gov-west-1", "us-iso-east-1", "mx-central-1"])
def test_regions(regional, name):
    assert regional.get(name) == [name]


@pytest.mark.parametrize("name", ["", "nowhere", "../..", "us-east-1/..", "us-east-1\n", "US-EAST-1", "us-east-111"])
def test_what_is_none(regional, name):
    with pytest.raises(InvalidParameter, match="is no name of a region, such as us-east-1"):
        regional.get(name)
    assert regional.known(name) is None


def test_it_is_made_once(regional):
    found = []
    threads = [threading.Thread(target=lambda: found.append(regional.get("us-east-1"))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 8
    assert all(one is regional.known("us-east-1") for one in found)
    assert regional.opened() == [found[0]]


def test_what_was_there_is_opened_again(regional, tmp_path):
    for name in ("us-east-1", "eu-west-1", "eu-west-2", "no region"):
        (tmp_path / name).mkdir()
    for name in ("us-east-1", "eu-west-2", "no region"):
        (tmp_path / name / "file").touch()
    (tmp_path / "us-west-1").touch()
    regional.restore(tmp_path, "file")
    assert regional.opened() == [["eu-west-2"], ["us-east-1"]]


def test_all_are_closed_when_one_cannot_be_opened(tmp_path, closed):
    def make(name):
        if name == "us-east-1":
            raise OSError("disk full")
        return name

    for name in ("us-east-1", "eu-west-1"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "file").touch()
    with pytest.raises(OSError, match="disk full"):
        Regional(make, closed.append).restore(tmp_path, "file")
    assert closed == ["eu-west-1"]
