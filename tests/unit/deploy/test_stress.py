import math

import pytest

from refapp.deploy.stress import Stress, StressError


@pytest.mark.parametrize(
    ("amounts", "message"),
    [
        ({}, "needs memory or cpus"),
        ({"memory": -1}, "memory is -1: it has to be 0 or more"),
        ({"cpus": -0.5}, "cpus is -0.5"),
        ({"cpus": math.nan}, "cpus is nan"),
        ({"cpus": math.inf}, "cpus is inf"),
    ],
)
def test_what_cannot_be_is_refused(amounts, message):
    with pytest.raises(StressError, match=message):
        Stress(**amounts)


def test_one_of_the_two_is_enough():
    assert Stress(memory=1).cpus == 0
    assert Stress(cpus=0.1).memory == 0
