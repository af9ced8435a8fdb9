import pytest

from refapp.backends.cloudwatch.metrics.periods import DAY, HOUR, Grid, grid, is_kept, is_period

NOW = 1_700_002_800.0


@pytest.mark.parametrize("period", [1, 5, 10, 20, 30, 60, 120, 3600, 86400])
def test_periods(period):
    assert is_period(period)


@pytest.mark.parametrize("period", [-60, 0, 2, 15, 45, 61, 90])
def test_what_is_no_period(period):
    assert not is_period(period)


@pytest.mark.parametrize(
    ("start", "period", "rounded"),
    [
        (NOW - 3600 + 34, 60, NOW - 3600),  # 12:32:34 -> 12:32:00
        (NOW - 3600 + 34, 300, NOW - 3600),
        (NOW - 60 + 23, 10, NOW - 60 + 20),
        (NOW - 60 + 17, 5, NOW - 60 + 15),
        (NOW - 60 + 17.9, 1, NOW - 60 + 17),
        (NOW - 15 * DAY, 60, NOW - 15 * DAY),
        (NOW - 15 * DAY + 60, 60, NOW - 15 * DAY + 60),
        (NOW - 20 * DAY + 154, 300, NOW - 20 * DAY),
        (NOW - 63 * DAY + 300, 300, NOW - 63 * DAY + 300),
        (NOW - 70 * DAY + 1954, 3600, NOW - 70 * DAY),
    ],
)
def test_the_start_is_rounded_down_the_more_the_older_it_is(start, period, rounded):
    assert grid(start, NOW, period, NOW).start == rounded


def test_data_points_start_at_the_start_and_end_before_the_end():
    assert list(grid(NOW, NOW + 600.5, 300, NOW).times) == [NOW, NOW + 300, NOW + 600]
    assert list(grid(NOW, NOW + 600, 300, NOW).times) == [NOW, NOW + 300]


@pytest.mark.parametrize(
    ("age", "period", "kept"),
    [
        (3 * HOUR, 1, True),
        (3 * HOUR + 60, 1, False),
        (3 * HOUR + 60, 60, True),
        (15 * DAY, 60, True),
        (16 * DAY, 60, False),
        (16 * DAY, 300, True),
        (63 * DAY, 300, True),
        (64 * DAY, 300, False),
        (64 * DAY, 3600, True),
    ],
)
def test_old_data_are_kept_in_long_periods(age, period, kept):
    assert is_kept(Grid(int(NOW - age), int(NOW), period), NOW) is kept
