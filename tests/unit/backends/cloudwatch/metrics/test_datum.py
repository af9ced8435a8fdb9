from moto.core.utils import get_service_model

from refapp.backends.cloudwatch.metrics.datum import UNITS, Metric


def test_units_are_those_of_the_model():
    assert frozenset(get_service_model("cloudwatch").shape_for("StandardUnit").enum) == UNITS


def test_the_order_of_dimensions_does_not_matter():
    assert Metric.of("shop", "latency", [("b", "1"), ("a", "2")]) == Metric.of(
        "shop", "latency", [("a", "2"), ("b", "1")]
    )
    assert Metric.of("shop", "latency", [("a", "1")]) != Metric.of("shop", "latency", [("a", "2")])
