import pytest

from refapp.backends.cloudwatch.errors import InvalidParameter
from refapp.backends.cloudwatch.metrics.alarms.book import AlarmBookError
from refapp.backends.cloudwatch.metrics.regions import MetricRegions
from refapp.backends.cloudwatch.metrics.store import MetricStoreError

ALARM = {
    "AlarmName": "slow",
    "Namespace": "shop",
    "MetricName": "latency",
    "Statistic": "Average",
    "Period": 60,
    "EvaluationPeriods": 1,
    "Threshold": 10.0,
    "ComparisonOperator": "GreaterThanThreshold",
}
ARN = "arn:aws:cloudwatch:us-east-1:123456789012:alarm:slow"


@pytest.fixture
def opened(tmp_path, published, clock):
    return lambda: MetricRegions(tmp_path, publish=published, clock=clock)


def test_each_region_has_its_own(opened, datum, clock, hour):
    clock.now = hour + 60
    with opened() as regions:
        for name in ("us-east-1", "eu-west-1"):
            regions.get(name).alarms.put_metric_alarm(ALARM, ARN)
        regions.put("us-east-1", [datum(11)])
        assert len(regions.panels()) == 2
        for panel in regions.panels():
            panel.evaluate()
        states = [regions.get(name).alarms.alarms["slow"].state for name in ("us-east-1", "eu-west-1")]
        assert states == ["ALARM", "INSUFFICIENT_DATA"]
        assert regions.get("eu-west-1").store.metrics() == []


def test_a_region_goes_on_when_it_is_opened_again(opened, datum, tmp_path):
    with opened() as regions:
        regions.get("us-east-1").alarms.put_metric_alarm(ALARM, ARN)
        regions.put("us-east-1", [datum(11)])
    (tmp_path / "eu-west-1").mkdir()  # it has logs, but no metrics
    (tmp_path / "lock").touch()
    with opened() as regions:
        (panel,) = regions.panels()
        assert set(panel.alarms) == {"slow"}
        assert len(regions.get("us-east-1").store.metrics()) == 1


@pytest.mark.parametrize(("file", "error"), [("metrics.db", MetricStoreError), ("alarms.db", AlarmBookError)])
def test_a_broken_file_is_named(opened, tmp_path, file, error):
    with opened() as regions:
        regions.get("eu-west-1")
        regions.get("us-east-1")
    (tmp_path / "us-east-1" / file).write_bytes(b"nonsense" * 1000)
    with pytest.raises(error, match=file):
        opened()


def test_a_region_that_cannot_be_made(opened, tmp_path):
    with opened() as regions:
        (tmp_path / "us-east-1").touch()
        with pytest.raises(MetricStoreError, match="us-east-1"):
            regions.get("us-east-1")
        with pytest.raises(InvalidParameter):
            regions.get("../elsewhere")
        assert regions.panels() == []
