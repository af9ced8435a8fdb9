import pytest

from refapp.draw.dashboards.thresholds import thresholds
from refapp.draw.style import GREEN, VERMILION

STEPS = [{"value": 80, "color": "red"}, {"value": None, "color": "green"}]


@pytest.mark.parametrize(("value", "found"), [(-1e9, GREEN), (79.9, GREEN), (80, VERMILION), (1e9, VERMILION)])
def test_the_highest_step_that_is_reached_holds(value, found):
    assert thresholds({"steps": STEPS}).colour(value) == found


@pytest.mark.parametrize(("value", "found"), [(15, GREEN), (18, VERMILION)])
def test_a_percentage_is_one_of_the_way_from_minimum_to_maximum(value, found):
    assert thresholds({"mode": "percentage", "steps": STEPS}).colour(value, 10, 20) == found


def test_steps_may_be_written_as_texts():
    assert thresholds({"steps": [{"value": "0.95", "color": "red"}]}).steps[0].start == 0.95


@pytest.mark.parametrize("given", [None, {}, {"steps": None}, {"steps": ["x", {}]}, []])
def test_what_is_no_threshold_is_none(given):
    assert len(thresholds(given).steps) <= 1
    assert thresholds(None).colour(1) is None
