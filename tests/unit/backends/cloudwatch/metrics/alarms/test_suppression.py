import pytest

from refapp.backends.cloudwatch.metrics.alarms.suppression import suppressed_by


@pytest.mark.parametrize(
    ("now", "on", "resumed", "by"),
    [
        (100, False, None, "WaitPeriod"),
        (159.9, False, None, "WaitPeriod"),
        (160, False, None, None),
        (100, True, None, "Alarm"),
        (500, True, 50, "Alarm"),
        (190, False, 170, "ExtensionPeriod"),
        (259.9, False, 170, "ExtensionPeriod"),
        (260, False, 170, None),
        (130, False, 20, "WaitPeriod"),
    ],
)
def test_what_suppresses_the_actions(now, on, resumed, by):
    assert suppressed_by(now, on=on, resumed=resumed, changed=100, wait=60, extension=90) == by
