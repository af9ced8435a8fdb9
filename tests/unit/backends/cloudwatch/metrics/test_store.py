import os
import sqlite3
import subprocess
import sys
import threading

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from refapp.backends.cloudwatch.metrics.datum import MAX_AGE, Datum, Metric
from refapp.backends.cloudwatch.metrics.distribution import Distribution, merge
from refapp.backends.cloudwatch.metrics.periods import DAY, FINE, Grid
from refapp.backends.cloudwatch.metrics.store import MetricStore, MetricStoreError

LATENCY = Metric.of("shop", "latency")


def values(store, metric, grid, unit="None"):
    """The values of each period, as often as each occurred."""
    return {
        time: sorted(value for value, count in found.spread.items() for _ in range(int(count)))
        for time, found in store.read(metric, grid).get(unit, {}).items()
    }


def rows(path):
    with sqlite3.connect(path) as file:
        found = file.execute("SELECT count(*) FROM points").fetchone()[0]
    file.close()
    return found


def test_values_of_a_period_are_read_together(store, datum, hour):
    store.put([datum(3, at=hour), datum(1, 2, at=hour + 59.999), datum(9, at=hour + 60)])
    store.put([datum(4, at=hour + 30), datum(5, at=hour - 1)])
    assert values(store, LATENCY, Grid(hour, hour + 120, 60)) == {hour: [1, 2, 3, 4], hour + 60: [9]}
    assert values(store, LATENCY, Grid(hour - 60, hour + 120, 180)) == {hour - 60: [1, 2, 3, 4, 5, 9]}


def test_a_metric_of_high_resolution_is_read_in_seconds(store, datum, hour):
    store.put([datum(second, at=hour + 3595 + second, resolution=1) for second in range(4)])
    store.put([datum(7, at=hour + 3599)])
    assert values(store, LATENCY, Grid(hour + 3590, hour + 3600, 5)) == {hour + 3595: [0, 1, 2, 3]}
    assert values(store, LATENCY, Grid(hour + 3540, hour + 3600, 20)) == {hour + 3540: [7], hour + 3580: [0, 1, 2, 3]}


def test_units_are_series_of_their_own(store, datum, hour):
    store.put([datum(1, unit="Seconds"), datum(1000, unit="Milliseconds")])
    grid = Grid(hour, hour + 60, 60)
    assert list(store.read(LATENCY, grid)) == ["Milliseconds", "Seconds"]
    assert values(store, LATENCY, grid, "Seconds") == {hour: [1]}
    assert store.metrics() == [LATENCY]


def test_dimensions_make_metrics(store, datum, hour):
    store.put([datum(1, pod="a"), datum(2, pod="b"), datum(3)])
    one = Metric.of("shop", "latency", [("pod", "a")])
    assert values(store, one, Grid(hour, hour + 60, 60)) == {hour: [1]}
    assert len(store.metrics()) == 3
    assert store.read(Metric.of("shop", "other"), Grid(hour, hour + 60, 60)) == {}


def test_statistics_without_values_are_read_without_them(store, hour):
    published = Distribution.from_statistics(4.0, 21.0, 5.0, 6.0)
    store.put([Datum(LATENCY, hour * 1000, published), Datum(LATENCY, hour * 1000, Distribution.of([7.0]))])
    found = store.read(LATENCY, Grid(hour, hour + 60, 60))["None"][hour]
    assert found == Distribution(5.0, 28.0, 5.0, 7.0, None)


PUBLISHED = st.lists(
    st.tuples(
        st.integers(0, 4 * 3600),
        st.sampled_from([1, 60]),
        st.lists(st.integers(0, 9).map(float), min_size=1, max_size=4),
    ),
    max_size=30,
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(batches=st.lists(PUBLISHED, max_size=3), start=st.integers(0, 3000), period=st.sampled_from([60, 300, 3600]))
def test_what_was_put_is_read(tmp_path_factory, datum, hour, batches, start, period):
    with MetricStore(tmp_path_factory.mktemp("store") / "m.db", clock=lambda: hour + 4 * 3600) as store:
        for batch in batches:
            store.put([datum(*found, at=hour + at, resolution=resolution) for at, resolution, found in batch])
        grid = Grid(hour + start // 60 * 60, hour + 4 * 3600, period)
        expected = {}
        for batch in batches:
            for at, _, found in batch:
                if grid.start <= (hour + at) // 60 * 60 and hour + at < grid.end:
                    slot = grid.start + (hour + at - grid.start) // period * period
                    expected.setdefault(slot, []).extend(found)
        assert values(store, LATENCY, grid) == {slot: sorted(found) for slot, found in sorted(expected.items())}
        fast = store.read(LATENCY, grid, spread=False).get("None", {})
        assert {slot: (one.samples, one.total, one.low, one.high) for slot, one in fast.items()} == {
            slot: (len(found), sum(found), min(found), max(found)) for slot, found in expected.items()
        }


def test_seconds_become_minutes_and_nothing_is_lost(tmp_path, datum, hour, clock):
    clock.now = hour + 300
    path = tmp_path / "fine.db"
    with MetricStore(path, clock=clock) as store:
        store.put([datum(second, at=hour + second, resolution=1) for second in range(300)])
        before = store.read(LATENCY, Grid(hour, hour + 300, 60))
        assert rows(path) == 300
        clock.now = hour + FINE + 150
        store.expire()
        assert rows(path) == 2 + 180
        assert store.read(LATENCY, Grid(hour, hour + 300, 60)) == before
        store.put([datum(1000, at=hour + 61, resolution=1)])  # it comes late: no second of old minutes
        assert rows(path) == 182
        merged = merge([before["None"][hour + 60], Distribution.of([1000.0])])
        assert store.read(LATENCY, Grid(hour, hour + 300, 60))["None"][hour + 60] == merged


def test_seconds_of_a_metric_that_had_minutes_become_minutes(tmp_path, datum, hour, clock):
    clock.now = hour + 60
    path = tmp_path / "both.db"
    with MetricStore(path, clock=clock) as store:
        store.put([datum(100, at=hour)])
        store.put([datum(second, at=hour + second, resolution=1) for second in range(1, 60)])
    with MetricStore(path, clock=clock) as store:
        assert rows(path) == 60
        clock.now = hour + FINE + 60
        store.expire()
        assert rows(path) == 1
        assert values(store, LATENCY, Grid(hour, hour + 60, 60)) == {hour: [*range(1, 60), 100]}


class Full:
    """A connection to a file on a disk that is full when a transaction ends."""

    def __init__(self, connection):
        self._connection = connection

    def __getattr__(self, name):
        return getattr(self._connection, name)

    def __enter__(self):
        return self._connection

    def __exit__(self, *_):
        self._connection.rollback()
        raise sqlite3.OperationalError("database or disk is full")


def test_seconds_become_minutes_after_a_disk_was_full(tmp_path, datum, hour, clock):
    clock.now = hour + 60
    path = tmp_path / "full.db"
    with MetricStore(path, clock=clock) as store:
        store.put([datum(second, at=hour + second, resolution=1) for second in range(60)])
        clock.now = hour + FINE + 60
        store._writer = Full(writer := store._writer)
        with pytest.raises(MetricStoreError, match="disk is full"):
            store.expire()
        store._writer = writer
        assert rows(path) == 60
        store.expire()
        assert rows(path) == 1


def test_seconds_become_minutes_when_the_store_was_closed_for_long(tmp_path, datum, hour, clock):
    clock.now = hour + 60
    with MetricStore(tmp_path / "fine.db", clock=clock) as store:
        store.put([datum(second, at=hour + second, resolution=1) for second in range(60)])
    clock.now = hour + 2 * DAY
    with MetricStore(tmp_path / "fine.db", clock=clock) as store:
        store.put([])
        assert rows(tmp_path / "fine.db") == 1
        assert values(store, LATENCY, Grid(hour, hour + 60, 60)) == {hour: list(range(60))}


def test_writing_bounds_the_disk_by_the_retention(tmp_path, datum, hour, clock):
    path = tmp_path / "bounded.db"
    with MetricStore(path, retention=3600, clock=clock) as store:
        for minute in range(0, 600, 10):
            clock.now = hour + minute * 60
            store.put([datum(minute, at=clock.now), datum(minute, at=clock.now, name="errors")])
        assert rows(path) == 2 * 7
        assert values(store, LATENCY, Grid(hour, hour + 36000, 60)) == {
            hour + minute * 60: [minute] for minute in range(530, 600, 10)
        }


def test_a_metric_is_listed_for_two_weeks_after_its_last_value(tmp_path, datum, hour, clock):
    clock.now = hour
    with MetricStore(tmp_path / "listed.db", retention=3600, clock=clock) as store:
        store.put([datum(1)])
        clock.now = hour + MAX_AGE
        store.put([datum(1, at=clock.now, name="errors")])
        assert [metric.name for metric in store.metrics()] == ["errors", "latency"]
        assert [metric.name for metric in store.metrics(clock.now - 3 * 3600)] == ["errors"]
        clock.now += 61
        store.expire()
        assert [metric.name for metric in store.metrics()] == ["errors"]
    with MetricStore(tmp_path / "listed.db", clock=clock) as store:
        assert [metric.name for metric in store.metrics()] == ["errors"]


def test_metrics_survive_a_restart(tmp_path, datum, hour, clock):
    path = tmp_path / "again.db"
    with MetricStore(path, clock=clock) as store:
        store.put([datum(1, pod="a"), datum(2, unit="Seconds")])
    with MetricStore(path, clock=clock) as store:
        store.put([datum(3, pod="a")])
        assert len(store.metrics()) == 2
        one = Metric.of("shop", "latency", [("pod", "a")])
        assert values(store, one, Grid(hour, hour + 60, 60)) == {hour: [1, 3]}


KILLED = """
import os, sys
from pathlib import Path
from refapp.backends.cloudwatch.metrics.datum import Datum, Metric
from refapp.backends.cloudwatch.metrics.distribution import Distribution
from refapp.backends.cloudwatch.metrics.store import MetricStore
store = MetricStore(Path(sys.argv[1]), clock=lambda: float(sys.argv[2]))
store.put([Datum(Metric.of("shop", "latency"), int(sys.argv[2]) * 1000, Distribution.of([5.0]))])
os.kill(os.getpid(), 9)
"""


def test_what_was_put_survives_the_end_of_the_process(tmp_path, hour):
    path = tmp_path / "killed.db"
    command = [sys.executable, "-c", KILLED, str(path), str(hour)]
    assert (
        subprocess.run(command, check=False, env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}).returncode
        == -9
    )
    with MetricStore(path, clock=lambda: hour) as store:
        assert values(store, LATENCY, Grid(hour, hour + 60, 60)) == {hour: [5]}


def test_on_a_full_disk_nothing_of_a_request_is_kept(store, datum, hour):
    store.put([datum(1)])
    store._writer.execute(f"PRAGMA max_page_count = {store._writer.execute('PRAGMA page_count').fetchone()[0]}")
    many = [datum(number, name=f"metric-{number}") for number in range(1000)]
    with pytest.raises(MetricStoreError, match=r"metrics\.db: database or disk is full"):
        store.put([datum(2), *many])
    assert store.metrics() == [LATENCY]
    assert values(store, LATENCY, Grid(hour, hour + 60, 60)) == {hour: [1]}
    store._writer.execute("PRAGMA max_page_count = 100000")
    store.put([datum(2), *many])
    assert len(store.metrics()) == 1001
    assert values(store, LATENCY, Grid(hour, hour + 60, 60)) == {hour: [1, 2]}


def test_a_file_that_is_no_store_is_named(tmp_path):
    path = tmp_path / "other.db"
    path.write_text("no database, but long enough to be read as one" * 10)
    with pytest.raises(MetricStoreError, match=str(path)):
        MetricStore(path)


def test_a_closed_store_says_so(tmp_path, datum):
    store = MetricStore(tmp_path / "closed.db")
    store.close()
    with pytest.raises(MetricStoreError, match="closed"):
        store.put([datum(1)])


def test_many_threads_write_and_read(store, datum, hour):
    grid, failures = Grid(hour, hour + 60, 60), []

    def work(number):
        try:
            for _ in range(25):
                store.put([datum(number), datum(number, name=f"metric-{number}")])
                store.read(LATENCY, grid)
                store.metrics()
        except Exception as error:  # noqa: BLE001 - none is expected
            failures.append(error)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert values(store, LATENCY, grid) == {hour: sorted(list(range(8)) * 25)}
    assert len(store.metrics()) == 9
