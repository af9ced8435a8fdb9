import json
import shutil
import subprocess
from itertools import chain
from pathlib import Path

import pytest

from refapp.draw.dashboards import expressions
from refapp.draw.dashboards.documents import document
from refapp.draw.dashboards.gallery import KINDS
from refapp.draw.dashboards.interpolation import names
from refapp.draw.dashboards.transformations import KNOWN
from refapp.monitoring.dashboards import catalogue

ALL = [one.json() for one in catalogue.dashboards()]
UIDS = [one["uid"] for one in ALL]


def test_there_are_six_dashboards_with_names_of_their_own():
    titles = ["Istio Mesh", "Istio Workload", "Istio Service", "Istio Performance", "Reference Platform", "Cluster"]
    assert [one["title"] for one in ALL] == titles
    assert len(set(catalogue.names())) == 12


@pytest.mark.parametrize("one", ALL, ids=UIDS)
def test_a_dashboard_is_found_by_title_and_uid(one):
    assert catalogue.by_name(one["title"]) == catalogue.by_name(one["uid"]) == one
    with pytest.raises(KeyError):
        catalogue.by_name("no such dashboard")


@pytest.mark.parametrize("one", ALL, ids=UIDS)
def test_every_panel_says_what_it_shows_in_which_unit(one):
    for panel in document(one).panels:
        assert panel.description.endswith(".")
        assert panel.fields.get("unit") or panel.kind == "table"
        assert panel.kind in KINDS
        assert {transformation["id"] for transformation in panel.transformations} <= KNOWN


@pytest.mark.parametrize("one", ALL, ids=UIDS)
def test_every_variable_that_is_used_is_there(one):
    there = {variable["name"] for variable in one["templating"]["list"]}
    used = set(chain.from_iterable(names(text) for text in _texts(one)))
    assert {name for name in used if not name.startswith("__") and not name.isdecimal()} <= there
    assert there - {"datasource"} <= used


def test_titles_within_a_dashboard_are_told_apart():
    for one in ALL:
        titles = [panel.title for panel in document(one).panels]
        assert len(titles) == len(set(titles))


def test_they_are_json():
    assert json.loads(json.dumps(ALL)) == ALL


@pytest.mark.skipif(not shutil.which("promtool"), reason="promtool checks the expressions")
def test_prometheus_understands_every_expression(tmp_path):
    found = [one for uid in UIDS for one in expressions(uid)]
    assert len(found) > 100
    rules = [{"record": f"panel:{number}", "expr": one.expression} for number, one in enumerate(found)]
    path = Path(tmp_path) / "rules.json"  # JSON is YAML
    path.write_text(json.dumps({"groups": [{"name": "panels", "rules": rules}]}))
    checked = subprocess.run(["promtool", "check", "rules", str(path)], capture_output=True, text=True, check=False)
    assert checked.returncode == 0, checked.stderr


def _texts(value):
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        yield from chain.from_iterable(map(_texts, value.values()))
    elif isinstance(value, list):
        yield from chain.from_iterable(map(_texts, value))
