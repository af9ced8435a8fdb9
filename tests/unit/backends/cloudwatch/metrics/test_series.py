from refapp.backends.cloudwatch.metrics.datum import Metric
from refapp.backends.cloudwatch.metrics.periods import Grid
from refapp.backends.cloudwatch.metrics.series import Array, Series, Source, kind

GRID = Grid(0, 300, 60)


def test_what_is_computed_is_no_metric_any_more():
    metric = Series(GRID, {0: 1.0}, "latency", Source(Metric("shop", "latency"), "Sum"), ("None",), {0: 5.0})
    computed = metric.computed({60: 2.0})
    assert (computed.points, computed.label, computed.grid) == ({60: 2.0}, "latency", GRID)
    assert (computed.source, computed.units, computed.samples) == (None, (), {})


def test_arrays_are_mapped_series_by_series():
    array = Array((Series(GRID, {0: 1.0}), Series(GRID, {})), GRID)
    mapped = array.mapped(lambda series: series.computed({60: float(len(series.points))}))
    assert [series.points for series in mapped.items] == [{60: 1.0}, {60: 0.0}]


def test_kinds_are_told():
    assert [kind(value) for value in (1.0, Series(GRID, {}), Array((), GRID))] == [
        "a number",
        "a time series",
        "an array of time series",
    ]
