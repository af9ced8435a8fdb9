import json
import re

import pytest
import yaml
from typer.testing import CliRunner

from refapp.cli.main import app
from refapp.monitoring.dashboards.catalogue import dashboards

NOBODY = "http://127.0.0.1:1"


@pytest.fixture
def refapp():
    def refapp(*arguments, **environment):
        return CliRunner().invoke(app, ["dashboards", *map(str, arguments)], env=environment)

    return refapp


def said(result):
    """What was written, without the frame and the line breaks."""
    return re.sub(r"[│\s]+", " ", result.output)


def test_all_are_listed(refapp):
    lines = refapp("list").output.splitlines()
    for line, one in zip(lines[1:], dashboards(), strict=True):
        assert line.split()[0] == one.uid
        assert one.title in line


def test_one_is_shown_by_its_title_or_its_uid(refapp):
    shown = refapp("show", "Istio Mesh").output
    assert json.loads(shown) == dashboards()[0].json()
    assert refapp("show", "istio-mesh").output == shown


def test_one_that_is_none_is_refused(refapp):
    result = refapp("show", "Nothing")
    assert result.exit_code == 2
    assert "no dashboard 'Nothing'" in said(result)


def test_what_grafana_reads_when_it_starts_is_written(refapp, tmp_path):
    written = refapp("write", tmp_path, "istio-mesh", "--prometheus", "http://there:9090").output.splitlines()
    assert {str(path) for path in tmp_path.rglob("*") if path.is_file()} == set(written)
    source = yaml.safe_load((tmp_path / "datasources" / "prometheus.yaml").read_text())
    assert source["datasources"][0]["url"] == "http://there:9090"
    assert [path.name for path in tmp_path.rglob("*.json")] == ["istio-mesh.json"]


def test_a_directory_that_cannot_be_written_to(refapp, tmp_path):
    (tmp_path / "file").touch()
    result = refapp("write", tmp_path / "file")
    assert result.exit_code == 2
    assert "cannot be written to" in said(result)


def test_they_are_pushed_into_a_grafana(refapp, grafana):
    output = refapp("push", grafana.url, "Istio Mesh", "cluster", "--folder", "Mine", REFAPP_GRAFANA_TOKEN="t0k").output
    assert f"Istio Mesh  {grafana.url}/grafana/d/istio-mesh/slug" in output
    pushed = [body for method, path, _, body in grafana.requests if path == "/api/dashboards/db"]
    assert [body["dashboard"]["uid"] for body in pushed] == ["istio-mesh", "cluster"]
    assert grafana.folders == [{"uid": "made", "title": "Mine"}]
    assert {headers["Authorization"] for _, _, headers, _ in grafana.requests} == {"Bearer t0k"}


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        ((NOBODY,), 1, "no Grafana answers at http://127.0.0.1:1"),
        ((NOBODY, "Nothing"), 2, "no dashboard 'Nothing'"),
        ((NOBODY, "--user", "me"), 2, "a user needs a password"),
        ((NOBODY, "--user", "me", "--password", "x", "--token", "y"), 2, "a token or a user, not both"),
    ],
)
def test_why_they_cannot_be_pushed(refapp, arguments, code, message):
    result = refapp("push", *arguments)
    assert result.exit_code == code
    assert message in said(result)
