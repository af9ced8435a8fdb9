import pytest

from refapp.backends.cloudwatch.errors import InvalidParameter
from refapp.backends.cloudwatch.regionnames import check_region, is_region


@pytest.mark.parametrize("name", ["us-east-1", "ap-southeast-2", "us-gov-west-1", "us-iso-east-1", "mx-central-1"])
def test_regions(name):
    assert is_region(name)
    check_region(name)


@pytest.mark.parametrize("name", ["", "nowhere", "../..", "us-east-1/..", "us-east-1\n", "US-EAST-1", "us-east-111"])
def test_what_is_none(name):
    assert not is_region(name)
    with pytest.raises(InvalidParameter, match="is no name of a region, such as us-east-1"):
        check_region(name)
