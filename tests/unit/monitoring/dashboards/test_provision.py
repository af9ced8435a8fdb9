import base64
import json

import pytest
import yaml

from refapp.monitoring.dashboards.catalogue import dashboards
from refapp.monitoring.dashboards.provision import Credentials, GrafanaError, files, push, write
from refapp.monitoring.timing import LOCAL

TITLES = [one.title for one in dashboards()]


def test_all_dashboards_are_put_into_their_folder(grafana):
    found = push(grafana.url, Credentials(token="t0k"))
    assert [one.title for one in found] == TITLES
    assert found[0].url == f"{grafana.url}/grafana/d/istio-mesh/slug"
    (_, listing, _, _), (_, making, _, made), *pushed = grafana.requests
    assert (listing, making, made) == ("/api/folders", "/api/folders", {"title": "Reference Platform"})
    for (method, path, headers, body), one in zip(pushed, dashboards(), strict=True):
        assert (method, path, headers["Authorization"]) == ("POST", "/api/dashboards/db", "Bearer t0k")
        assert (body["folderUid"], body["overwrite"], body["dashboard"]) == ("made", True, {**one.json(), "id": None})


def test_a_folder_that_there_is_is_used(grafana):
    grafana.folders.append({"uid": "there", "title": "Mine"})
    push(grafana.url, folder="Mine")
    assert {body["folderUid"] for method, _, _, body in grafana.requests if method == "POST"} == {"there"}


def test_without_a_folder_it_is_the_general_one(grafana):
    push(grafana.url, folder="")
    assert all(path == "/api/dashboards/db" and body["folderUid"] == "" for _, path, _, body in grafana.requests)


def test_a_user_has_a_password_and_grafana_may_have_a_path(grafana):
    push(f"{grafana.url}/grafana/", Credentials(user="admin", password="s3cret"), dashboards()[:1], folder="")
    ((_, path, headers, _),) = grafana.requests
    assert path == "/grafana/api/dashboards/db"
    assert base64.b64decode(headers["Authorization"].removeprefix("Basic ")) == b"admin:s3cret"


def test_nobody_in_particular_asks_without_credentials(grafana):
    push(grafana.url)
    assert all("Authorization" not in headers for _, _, headers, _ in grafana.requests)


@pytest.mark.parametrize(
    ("status", "answer", "told"),
    [
        (401, {"message": "Invalid API key"}, "401 Invalid API key .give the token of a service account"),
        (403, {"message": "Access denied"}, "403 Access denied .a service account needs the role Editor"),
        (404, "<html>nothing</html>", "404 <html>nothing</html> .is the address that of Grafana"),
        (412, {"message": "The dashboard has been changed"}, "412 The dashboard has been changed"),
        (500, "", "500 Internal Server Error"),
    ],
)
def test_a_refusal_is_told_with_what_may_be_done(grafana, status, answer, told):
    grafana.refusals["/api/dashboards/db"] = (status, answer)
    with pytest.raises(GrafanaError, match=f"did not take the dashboard 'Istio Mesh': {told}"):
        push(grafana.url)


def test_what_is_no_grafana_is_told(grafana):
    grafana.refusals["/api/folders"] = (200, "<html>hello</html>")
    with pytest.raises(GrafanaError, match=f"what answers at {grafana.url} is no Grafana: '<html>hello"):
        push(grafana.url)


@pytest.mark.parametrize("url", ["http://127.0.0.1:1", "nonsense", "http://[", ""])
def test_an_address_where_there_is_no_grafana_is_told(url):
    with pytest.raises(GrafanaError, match=r"no Grafana answers|is no address"):
        push(url)


@pytest.mark.parametrize("given", [{"token": "t", "user": "u", "password": "p"}, {"user": "u"}, {"password": "p"}])
def test_credentials_are_of_one_kind_and_complete(given):
    with pytest.raises(ValueError, match=r"give|needs"):
        Credentials(**given)


def test_files_are_what_grafana_reads(tmp_path):
    paths = write(tmp_path, "http://prometheus:9090", LOCAL)
    assert len(paths) == 2 + len(TITLES)
    source = yaml.safe_load((tmp_path / "datasources/prometheus.yaml").read_text())["datasources"][0]
    assert (source["url"], source["jsonData"]["timeInterval"], source["uid"]) == (
        "http://prometheus:9090",
        "2s",
        "prometheus",
    )
    provider = yaml.safe_load((tmp_path / "dashboards/refapp.yaml").read_text())["providers"][0]
    assert provider["options"]["path"].endswith("/dashboards/json")
    read = [json.loads(path.read_text()) for path in sorted((tmp_path / "dashboards/json").iterdir())]
    assert {one["title"] for one in read} == set(TITLES)


def test_files_are_written_alike_each_time():
    assert files("http://p") == files("http://p")
    assert files("http://p", found=[]).keys() == {"datasources/prometheus.yaml", "dashboards/refapp.yaml"}
