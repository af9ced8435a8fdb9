from datetime import timedelta

from refapp.query.metrics import PanelSource, Samples

HOUR = timedelta(hours=1)
EXPR = "sum by (pod) (rate(requests_total[5m]))"


def test_for_the_mesh(metrics, start):
    samples = Samples(metrics)
    assert samples.instant(EXPR, start + HOUR)["pod"].tolist() == ["a", "b"]
    frame = samples.range(EXPR, start + HOUR * 3 / 4, start + HOUR, HOUR / 4)
    assert frame.columns.tolist() == ["pod", "time", "value"]
    assert len(frame) == 4


def test_for_panels(metrics, start):
    source = PanelSource(metrics)
    assert source.instant(EXPR, at=start + HOUR)["pod"].tolist() == ["a", "b"]
    frame = source.range(EXPR, start=start + HOUR * 3 / 4, end=start + HOUR, step=HOUR / 4)
    assert frame.columns.tolist() == ["pod", "time", "value"]
    assert source.label_values("pod", match="requests_total") == ["a", "b"]
