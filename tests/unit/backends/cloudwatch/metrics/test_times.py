from datetime import UTC, datetime, timedelta, timezone

from refapp.backends.cloudwatch.metrics.times import iso, milliseconds, seconds, utc


def test_times_without_a_zone_are_of_utc():
    naive = datetime(2023, 11, 14, 23, 0, 0, 250_000)  # noqa: DTZ001 - as moto hands it over
    aware = naive.replace(tzinfo=UTC).astimezone(timezone(timedelta(hours=3)))
    assert seconds(naive) == seconds(aware) == 1_700_002_800.25
    assert milliseconds(naive) == milliseconds(aware) == 1_700_002_800_250


def test_times_are_written_as_alarms_write_them():
    assert iso(1_700_002_800.25) == "2023-11-14T23:00:00.250+0000"
    assert utc(1_700_002_800) == datetime(2023, 11, 14, 23, tzinfo=UTC)
