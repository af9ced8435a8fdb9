import math
from datetime import timedelta

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from refapp.query.answers import BackendError
from refapp.query.metrics import ExpressionError, Metrics, NoMetricsError
from refapp.query.metrics import metrics as module

MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
ANYTHING = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)


def failure(metrics, expr):
    """The error of an expression, if it is wrong."""
    try:
        metrics.instant(expr)
    except ExpressionError as error:
        return error
    return None


def test_one_row_a_series(metrics, start):
    frame = metrics.instant("requests_total", start + HOUR)
    assert frame.to_dict("records") == [
        {"__name__": "requests_total", "code": "200", "namespace": "dev", "node": "n", "pod": pod, "value": value}
        for pod, value in (("a", 3600), ("b", 7200))
    ]


def test_the_order_is_that_of_prometheus(metrics, start):
    frame = metrics.instant("sort_desc(sum by (pod) (rate(requests_total[5m])))", start + HOUR)
    assert list(frame["pod"]) == ["b", "a"]
    assert frame["value"].tolist() == pytest.approx([2, 1])


def test_a_range_vector(metrics, start):
    frame = metrics.instant('requests_total{pod="a"}[30s]', start + HOUR)
    assert frame["value"].tolist() == [3570, 3585, 3600]
    assert frame["time"].tolist() == [pd.Timestamp(start + HOUR - timedelta(seconds=n)) for n in (30, 15, 0)]


def test_odd_values(metrics, start):
    frame = metrics.instant("odd", start + HOUR).set_index("kind")["value"]
    assert math.isnan(frame["nan"])
    assert (frame["inf"], frame["minus"]) == (math.inf, -math.inf)


def test_one_number(metrics, start):
    assert metrics.value("sum(rate(requests_total[5m]))", start + HOUR) == pytest.approx(3)
    assert metrics.value("1 / 0") == math.inf
    assert metrics.instant('"text"')["value"].tolist() == ["text"]


@pytest.mark.parametrize(
    ("expr", "found"), [("requests_total", "2 values"), ("nothing", "0 values"), ('"text"', "a string")]
)
def test_not_one_number(expr, found, metrics, start):
    with pytest.raises(ValueError, match=f"is not one number but {found}"):
        metrics.value(expr, start + HOUR)


def test_one_column_a_series(metrics, start):
    frame = metrics.range("sum by (pod) (rate(requests_total[1m]))", start=start, end=start + HOUR, step=MINUTE)
    assert (list(frame.columns), frame.columns.name, len(frame)) == (["a", "b"], "pod", 61)
    assert frame["a"].iloc[1:].tolist() == pytest.approx([1] * 60)
    assert frame.index[-1] == pd.Timestamp(start + HOUR)


def test_a_gap_stays_one(metrics, start):
    frame = metrics.range("sum by (pod) (rate(requests_total[1m]))", start=start, end=start + HOUR, step=15)
    assert frame["a"].iloc[4:].notna().all()
    gap = frame["b"][frame["b"].isna()].index[4:]  # the first minute has no rate yet
    assert (gap - start).min() >= timedelta(minutes=20)
    assert (gap - start).max() <= timedelta(minutes=31)
    assert len(gap) > 30


def test_a_scalar_over_time(metrics, start):
    frame = metrics.range("1 + 1", start=start, end=start + MINUTE, step=30)
    assert frame.to_dict("list") == {"1 + 1": [2.0, 2.0, 2.0]}


def test_the_last_minutes(metrics):
    frame = metrics.range("vector(1)", last=2 * MINUTE)
    assert len(frame) == 121
    assert frame.attrs["step"] == 1


def test_samples(metrics, start):
    expr = "sum by (pod) (rate(requests_total[1m]))"
    rows = metrics.samples(expr, start=start, end=start + HOUR, step=MINUTE)
    wide = metrics.range(expr, start=start, end=start + HOUR, step=MINUTE)
    assert list(rows.columns) == ["pod", "time", "value"]
    assert rows.pivot_table(index="time", columns="pod", values="value").equals(wide.dropna(how="all"))


@pytest.mark.parametrize(
    ("expr", "line", "column", "reason"),
    [
        ("sum by (pod (rate(x[5m]))", 1, 13, "grouping opts"),
        ("sum(\n  rate(requests_total)\n)", 2, 8, "expected type range vector"),
        ("", 1, 1, "no expression found"),
        ('{a="é"} é', 1, 9, "unexpected character"),
        ('label_replace(requests_total, "x", "y", "z", "(")', None, None, "invalid regular expression"),
        ("requests_total + ignoring(pod) requests_total", None, None, "many-to-many matching not allowed"),
    ],
)
def test_a_bad_expression(expr, line, column, reason, metrics, start):
    with pytest.raises(ExpressionError, match=reason) as caught:
        metrics.instant(expr, start + HOUR)
    assert (caught.value.line, caught.value.column) == (line, column)


@pytest.mark.parametrize("expr", ['"text"', "requests_total[5m]"])
def test_what_has_no_value_over_time(expr, metrics):
    with pytest.raises(ExpressionError, match="invalid expression type"):
        metrics.range(expr)


@ANYTHING
@given(st.text(st.sampled_from('aé(){}[]"=~,+ \n\t5m'), max_size=12))
def test_the_caret_is_below_the_place(metrics, expr):
    error = failure(metrics, expr)
    if error is None or error.line is None:
        return
    lines = str(error).removeprefix(error.reason).removeprefix("\n\n").split("\n")
    line, caret = lines[error.line - 1], lines[error.line]
    assert line == "    " + expr.split("\n")[error.line - 1]
    assert caret.strip() == "^"
    assert len(caret) == 4 + error.column <= len(line) + 1


def test_too_many_points_are_no_error_of_the_expression(metrics, start):
    with pytest.raises(BackendError, match="exceeded maximum resolution") as caught:
        metrics.range("up", start=start, end=start + 4 * HOUR, step=1)
    assert caught.value.status == 400


def test_series(metrics, start):
    frame = metrics.series('requests_total{pod="a"}', start=start, end=start + HOUR)
    expected = {"__name__": "requests_total", "code": "200", "namespace": "dev", "node": "n", "pod": "a"}
    assert frame.to_dict("records") == [expected]
    several = metrics.series(["requests_total", "odd"], start=start, end=start + HOUR)
    assert sorted(several["__name__"]) == ["odd"] * 3 + ["requests_total"] * 2
    assert set(several[several["__name__"] == "odd"]["pod"]) == {""}
    assert metrics.series("nothing").empty


def test_labels(metrics):
    assert {"__name__", "kind", "pod"} <= set(metrics.labels())
    assert metrics.labels("odd") == ["__name__", "kind", "value"]
    assert metrics.label_values("pod") == ["a", "b"]
    assert metrics.label_values("pod", 'requests_total{pod!="a"}') == ["b"]
    assert metrics.label_values("nothing") == []


def test_metadata(metrics, exporter, eventually):
    exporter.text = "# HELP jobs_total Jobs that were done.\n# TYPE jobs_total counter\njobs_total 1\n"
    eventually(lambda: len(metrics.metadata("jobs_total")))
    expected = {"metric": "jobs_total", "type": "counter", "help": "Jobs that were done.", "unit": ""}
    assert metrics.metadata("jobs_total").to_dict("records") == [expected]
    assert "jobs_total" in set(metrics.metadata()["metric"])
    assert metrics.metadata("nothing").empty


def test_targets(metrics, exporter, eventually):
    health = {"exporter": "up", "nobody": "down"}
    eventually(lambda: metrics.targets().set_index("job")["health"].to_dict() == health)
    targets = metrics.targets().set_index("job")
    assert targets.loc["exporter", "url"] == f"http://{exporter.address}/metrics"
    assert (targets.loc["exporter", "app"], targets.loc["exporter", "label_health"]) == ("exporter", "fine")
    assert "refused" in targets.loc["nobody", "error"]
    assert str(targets["last_scrape"].dt.tz) == "UTC"
    assert targets.loc["exporter", "scrape_ms"] > 0


def test_how_it_was_started(metrics, exporter):
    assert "config.file" in set(metrics.flags()["flag"])
    assert str(exporter.address) in metrics.config()


def test_rules(metrics):
    metrics.wait('ALERTS{alertname="Down"}')
    rules = metrics.rules().set_index("name")
    assert rules["type"].to_dict() == {"up:sum": "recording", "Down": "alerting", "Never": "alerting"}
    assert rules["state"].to_dict() == {"up:sum": "", "Down": "firing", "Never": "inactive"}
    assert rules.loc["Never", "lasting_s"] == 300
    assert set(rules["health"]) == {"ok"}


def test_alerts(metrics):
    metrics.wait('ALERTS{alertname="Down",job="nobody"}')
    alerts = metrics.alerts()
    (row,) = alerts[alerts["job"] == "nobody"].to_dict("records")
    told = {name: row[name] for name in ("alert", "state", "value", "severity", "label_state", "summary")}
    assert told == {
        "alert": "Down",
        "state": "firing",
        "value": 0,
        "severity": "critical",
        "label_state": "odd",
        "summary": "nobody is down",
    }
    assert row["since"].tzinfo is not None


def test_waiting(metrics, exporter):
    exporter.text = "waited 1\n"
    assert metrics.wait("waited")["value"].tolist() == [1]
    exporter.text = "waited 2\n"
    frame = metrics.wait("waited", lambda frame: frame["value"].eq(2).all() and len(frame))
    assert frame["value"].tolist() == [2]


def test_waiting_in_vain(metrics):
    with pytest.raises(TimeoutError, match=r"(?s)vector\(1\) was not as expected within 0 s.*value\n0 +1\.0"):
        metrics.wait("vector(1)", lambda frame: frame["value"].iloc[0] > 1, within=0)
    with pytest.raises(TimeoutError, match="nothing was not as expected within 0 s; it has no series"):
        metrics.wait("nothing", within=0)
    with pytest.raises(ExpressionError):
        metrics.wait("nothing(")


def test_waiting_for_a_server(prometheus, nobody, monkeypatch):
    monkeypatch.setattr(module, "_POLL", 0)
    addresses = iter([nobody, nobody])
    assert not Metrics(lambda: {"prometheus": next(addresses, prometheus)}).wait("vector(1)").empty
    with pytest.raises(TimeoutError, match="cannot be asked"):
        Metrics(lambda: {"prometheus": nobody}).wait("up", within=0)


def test_without_a_prometheus():
    with pytest.raises(NoMetricsError, match="no Prometheus"):
        Metrics(dict).instant("up")
