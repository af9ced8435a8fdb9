"""The reference of metrics names what is told."""

import importlib.util
from pathlib import Path

import pytest

EXTENSION = Path(__file__).parents[2] / "book" / "_ext" / "signals.py"
SUFFIXES = {"counter": ["_total"], "gauge": [""], "histogram": ["_bucket", "_count", "_sum"]}
OF_PROMETHEUS = {
    "up",
    "ALERTS",
    "ALERTS_FOR_STATE",
    *(f"scrape_{name}" for name in ("duration_seconds", "samples_scraped", "series_added")),
}
OF_PROMETHEUS |= {"scrape_samples_post_metric_relabeling"}


@pytest.fixture(scope="module")
def signals():
    spec = importlib.util.spec_from_file_location("signals", EXTENSION)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize(
    ("kind", "jobs"), [("applications", "applications"), ("node", "kubernetes-nodes.*|kube-state-metrics")]
)
def test_every_metric_is_in_the_reference(platform, signals, kind, jobs):
    listed = {metric.name + suffix for metric in getattr(signals, kind)() for suffix in SUFFIXES[metric.type]}
    told = set(platform.metrics.label_values("__name__", f'{{job=~"{jobs}"}}')) - OF_PROMETHEUS
    assert told
    assert told - listed == set()
