import pytest

from refapp.backends.cloudwatch.metrics.calculation import MOST_FOUND, Calculation, returned
from refapp.backends.cloudwatch.metrics.errors import ValidationError
from refapp.backends.cloudwatch.metrics.periods import Grid
from refapp.backends.cloudwatch.metrics.queries import parse_queries
from refapp.backends.cloudwatch.metrics.series import Array, Series

TIMES = 6
HOUR = 1_700_002_800


def metric(id_, name, **stat):
    what = {"Metric": {"Namespace": "shop", "MetricName": name}, "Period": 60, "Stat": "Sum", **stat}
    return {"Id": id_, "MetricStat": what}


@pytest.fixture
def compute(store, hour):
    """What an expression is over metrics m1, m2 … of the store."""

    def compute(expression, *others, start=hour, **members):
        queries = parse_queries([{"Id": "e0", "Expression": expression, **members}, *others])
        grid = lambda period: Grid(start, start + TIMES * 60, period)  # noqa: E731 - as short as it gets
        calculation = Calculation(store, queries, grid, hour + 3600)
        return calculation.values["e0"]

    return compute


def points(value):
    return [value.points.get(time) for time in value.grid.times]


@pytest.fixture
def filled(store, datum, hour):
    store.put([datum(value, at=hour + 60 * place, name="a") for place, value in enumerate([30, 20, 0, 0])])
    store.put([datum(20, at=hour, name="b", pod="x"), datum(40, at=hour + 120, name="b", pod="y")])
    store.put([datum(5, at=hour, name="b")])
    return store


A, B = metric("m1", "a"), metric("m2", "b")


@pytest.mark.usefixtures("filled")
@pytest.mark.parametrize(
    ("expression", "found"),
    [
        ("m1", [30, 20, 0, 0, None, None]),
        ("m1 + m2", [35, 20, 0, 0, None, None]),
        ("METRICS()", [[30, 20, 0, 0, None, None], [5] + [None] * 5]),
        ("METRICS('2')", [[5] + [None] * 5]),
        ("METRICS('x')", []),
        ("SUM(METRICS('x'))", [None] * 6),
        ("FILL(SUM(METRICS('x')), 0)", [0] * 6),
        ("SUM([m1, m2]) * 2", [70, 40, 0, 0, None, None]),
        ("SUM([METRICS('1'), METRICS('2')])", [35, 20, 0, 0, None, None]),
        ("m1 / PERIOD(m1)", [0.5, pytest.approx(1 / 3), 0, 0, None, None]),
        ("TIME_SERIES(MAX(m1))", [30] * 6),
        ("TIME_SERIES(1/0)", [None] * 6),
        ("m1 - AVG(m1)", [30 - 50 / 6, 20 - 50 / 6, -50 / 6, -50 / 6, None, None]),
        ("FILL(m1, REPEAT)", [30, 20, 0, 0, 0, 0]),
        ("FILL(METRICS(), 1)", [[30, 20, 0, 0, 1, 1], [5, 1, 1, 1, 1, 1]]),
        ("SORT(METRICS(), MAX, ASC)", [[5] + [None] * 5, [30, 20, 0, 0, None, None]]),
        ("SLICE(SORT(METRICS(), SUM, DESC), 0, 1)", [[30, 20, 0, 0, None, None]]),
        ("IF(FIRST(SORT(METRICS(), AVG, DESC)) > 15, 1, 0)", [1, 1, 0, 0, None, None]),
        ("IF(m1 > 15 AND m1 < 25, m1)", [None, 20, None, None, None, None]),
        ("IF(DAY(m1) < 6, m1)", [30, 20, 0, 0, 0, 0]),
        ("100 / [m1, m2]", [[100 / 30, 5, None, None, None, None], [20] + [None] * 5]),
        ("SEARCH('{shop,pod} b', 'Sum', 60)", [[20] + [None] * 5, [None, None, 40, None, None, None]]),
        ("SUM(SEARCH('{shop,pod} b', 'Sum', 60))", [20, None, 40, None, None, None]),
        ("FILL(SUM(SEARCH('nothing', 'Sum', 60)), 0)", [0] * 6),
        ("SUM(SEARCH('{shop,pod}', 'SampleCount'))", [1, None, 1, None, None, None]),
        ("METRIC_COUNT(SEARCH('shop', 'Sum', 300)) * m1", [120, 80, 0, 0, None, None]),
    ],
)
def test_expressions(compute, expression, found):
    value = compute(expression, A, B)
    assert (list(map(points, value.items)) if isinstance(value, Array) else points(value)) == found


@pytest.mark.usefixtures("filled")
@pytest.mark.parametrize(
    ("expression", "message"),
    [
        ("ANOMALY_DETECTION_BAND(m1, 2)", "The function ANOMALY_DETECTION_BAND is not supported here"),
        ("INSIGHT_RULE_METRIC('a', 'b')", "INSIGHT_RULE_METRIC"),
        ("SERVICE_QUOTA(m1)", "SERVICE_QUOTA"),
        ("NOPE(m1)", "There is no function NOPE"),
        ("ABS()", "ABS does not take these arguments"),
        ("ABS(m1, m2)", "ABS does not take these arguments"),
        ("SUM(m1", "ends too early"),
        ("m1 + REPEAT", "'REPEAT' is of no use here"),
        ("m1 + 'x'", "'x' is of no use here"),
        ("PERIOD(m1 + m2)", "PERIOD takes a metric"),
        ("PERIOD(1)", "PERIOD takes a metric"),
        ("METRICS(m1)", "A text in quotation marks is needed"),
        ("METRICS('a', 'b')", "METRICS does not take these arguments"),
        ("[m1, 1]", "A time series is needed, not a number"),
        ("METRICS() > 1", "does not take an array of time series and a number"),
        ("SEARCH('{a', 'Sum', 60)", "The search expression ends too early"),
        ("SEARCH('a', 'mean', 60)", "'mean' is not a statistic"),
        ("SEARCH('a', 'Sum', 7)", "Period must be"),
        ("SEARCH('a', 'Sum', 1/0)", "Period must be"),
        ("SEARCH('a', 'Sum', m1)", "A number is needed"),
        ("SORT(METRICS(), m1, ASC)", "SORT takes"),
        ("SORT(METRICS(), AVG)", "SORT does not take"),
        ("m1 + m3", r"same period, not \[60, 300\]"),
    ],
)
def test_what_cannot_be_computed_is_named(compute, expression, message):
    with pytest.raises(ValidationError, match=f"Error in expression 'e0': .*{message}"):
        compute(expression, A, B, metric("m3", "a", Period=300))


def test_a_period_is_needed_where_no_metric_has_one(compute):
    with pytest.raises(ValidationError, match="The expression needs a Period"):
        compute("TIME_SERIES(1)")
    assert points(compute("TIME_SERIES(1)", Period=120)) == [1, 1, 1]
    with pytest.raises(ValidationError, match="Its Period is 300, but that of its metrics 60"):
        compute("m1", A, Period=300)


@pytest.mark.usefixtures("filled")
def test_labels(compute):
    assert compute("m1", A).label == "e0"
    assert compute("m1", A, Label="own").label == "own"
    assert [one.label for one in compute("METRICS() * 2", A, B | {"Label": "second"}).items] == ["a", "second"]
    assert [one.label for one in compute("SEARCH('{shop,pod}', 'Sum', 60)").items] == ["x", "y"]


def test_one_unit_is_taken_when_there_are_several(compute, store, datum):
    store.put([datum(60000, unit="Milliseconds", name="a"), datum(1, unit="Seconds", name="a")])
    value = compute("m1", A)
    assert points(value)[0] == 60000
    one = compute("m1", metric("m1", "a", Unit="Seconds"))
    assert points(one)[0] == 1
    assert one.source is not None
    assert points(compute("m1", metric("m1", "a", Unit="Count"))) == [None] * 6


def test_a_search_that_finds_too_many_says_so(store, datum, hour):
    store.put([datum(1, name=f"metric-{number:03}") for number in range(MOST_FOUND + 1)])
    queries = parse_queries([{"Id": "e1", "Expression": "SEARCH('metric', 'Sum', 60)"}])
    calculation = Calculation(store, queries, lambda period: Grid(hour, hour + 60, period), hour)
    assert len(calculation.values["e1"].items) == MOST_FOUND
    assert calculation.crowded


def test_the_result_has_to_be_series():
    (query,) = parse_queries([{"Id": "e1", "Expression": "1"}])
    with pytest.raises(ValidationError, match="Error in expression 'e1': the result must be a time series"):
        returned(query, 1.0)
    one = Series(Grid(0, 60, 60), {})
    assert returned(query, one) == (one,)
    assert returned(query, Array((one, one), one.grid)) == (one, one)
