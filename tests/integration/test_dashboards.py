"""The dashboards, asked of the Prometheus of a platform under load."""

import operator
from datetime import UTC, datetime, timedelta

import pytest

from refapp.draw.dashboards import expressions
from refapp.monitoring.dashboards import catalogue
from refapp.query.metrics import PanelSource

LAST = timedelta(minutes=1)
DASHBOARDS = [one.title for one in catalogue.dashboards()]

pytestmark = pytest.mark.usefixtures("_load")


@pytest.fixture(scope="module")
def _load(shared_platform, loaded):
    """Some requests a second while these tests run."""
    with loaded(shared_platform, rate=10):
        yield


@pytest.fixture(scope="module")
def source(shared_platform):
    return PanelSource(shared_platform.metrics)


@pytest.mark.parametrize("name", DASHBOARDS)
def test_no_expression_is_without_data_unless_its_panel_says_so(source, eventually, name):
    def empty():
        now = datetime.now(UTC)
        window = {"start": now - LAST, "end": now, "step": timedelta(seconds=2)}
        asked = [one for one in expressions(name, source=source, last=LAST) if "Empty " not in one.description]
        assert len(asked) > 5
        return [one for one in asked if source.range(one.expression, **window).empty]

    eventually(empty, so=operator.not_, within=60)
