"""The dashboards for a Grafana: as files that it reads when it starts, or pushed to one that runs."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from typing import Any, Final

import httpx

from refapp.monitoring.dashboards.catalogue import dashboards
from refapp.monitoring.dashboards.model import Dashboard
from refapp.monitoring.documents import dump
from refapp.monitoring.timing import Timing, duration

FOLDER: Final = "Reference Platform"
"""The folder that the dashboards are in."""

_FOLDER_UID = "refapp"
_TIMEOUT = 10.0  # seconds
_SHOWN = 300  # letters of an answer that is not Grafana's


class GrafanaError(RuntimeError):
    """Grafana did not take what it was given; the message says what it answered, and what may be done."""


@dataclass(frozen=True, kw_only=True)
class Credentials:
    """Who asks: a token of a service account, or a user with a password; without either nobody in particular.

    Raises:
        ValueError: there is a token and a user, or a user without a password.
    """

    token: str | None = None
    user: str | None = None
    password: str | None = None

    def __post_init__(self) -> None:
        if self.token and self.user:
            raise ValueError("give a token or a user, not both")
        if bool(self.user) != bool(self.password):
            raise ValueError("a user needs a password, and a password a user")


@dataclass(frozen=True, kw_only=True)
class Pushed:
    """A dashboard that Grafana has taken, and where it shows it."""

    title: str
    url: str


def files(prometheus: str, timing: Timing | None = None, found: Iterable[Dashboard] | None = None) -> dict[str, str]:
    """What Grafana's provisioning directory has to hold, by paths relative to it.

    `datasources/prometheus.yaml` names the Prometheus, `dashboards/refapp.yaml` the directory of the JSON files, which
    are below `dashboards/json`: https://grafana.com/docs/grafana/latest/administration/provisioning/

    Args:
        prometheus: its address, as Grafana reaches it.
        timing: tells how often it scrapes, from which Grafana makes `$__rate_interval`; a cluster's without.
        found: the dashboards; all of the reference platform without.
    """
    listed = dashboards() if found is None else tuple(found)
    return {
        "datasources/prometheus.yaml": dump(_datasource(prometheus, timing or Timing())),
        "dashboards/refapp.yaml": dump(_provider()),
        **{f"dashboards/json/{one.uid}.json": written(one.json()) for one in listed},
    }


def write(
    directory: Path,
    prometheus: str,
    timing: Timing | None = None,
    found: Iterable[Dashboard] | None = None,
) -> list[Path]:
    """Put these files into a provisioning directory; returns their paths."""
    paths = []
    for name, text in files(prometheus, timing, found).items():
        path = directory / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        paths.append(path)
    return paths


def written(dashboard: Mapping[str, Any]) -> str:
    """The JSON of a dashboard as a file has it; what is the same is written alike."""
    return json.dumps(dashboard, indent=2, ensure_ascii=False) + "\n"


def push(
    url: str,
    credentials: Credentials | None = None,
    found: Iterable[Dashboard] | None = None,
    *,
    folder: str = FOLDER,
) -> list[Pushed]:
    """Put the dashboards into a Grafana that runs; those that it has already are replaced.

    https://grafana.com/docs/grafana/latest/developers/http_api/dashboard/#create--update-dashboard

    Args:
        url: of the Grafana, with the path that it is served below.
        credentials: of one who may write dashboards there.
        found: the dashboards; all of the reference platform without.
        folder: into which; it is made when there is none. An empty one is Grafana's General.

    Raises:
        GrafanaError: it cannot be reached, does not know or allow who asks, or refuses a dashboard.
    """
    listed = dashboards() if found is None else tuple(found)
    base, who = url.rstrip("/"), credentials or Credentials()
    with httpx.Client(timeout=_TIMEOUT, headers=_headers(who), auth=_auth(who)) as client:
        grafana = _Grafana(base, client)
        uid = grafana.folder(folder) if folder else ""
        return [grafana.dashboard(one.json(), uid) for one in listed]


@dataclass(frozen=True)
class _Grafana:
    """Grafana's HTTP API."""

    base: str
    client: httpx.Client

    def folder(self, title: str) -> str:
        """The uid of the folder, which is made when there is none of that title."""
        for one in self._ask("GET", "/api/folders", "list folders"):
            if one.get("title") == title:
                return str(one.get("uid", ""))
        made = self._ask("POST", "/api/folders", f"make the folder {title!r}", {"title": title})
        return str(made.get("uid", ""))

    def dashboard(self, document: Mapping[str, Any], folder: str) -> Pushed:
        """Put a dashboard into a folder."""
        body = {
            "dashboard": {**document, "id": None},
            "folderUid": folder,
            "overwrite": True,
            "message": "pushed by refapp",
        }
        answer = self._ask("POST", "/api/dashboards/db", f"take the dashboard {document['title']!r}", body)
        root = httpx.URL(self.base)
        # The path that Grafana tells has the one that it is served below.
        path = str(answer.get("url") or f"/d/{document['uid']}")
        return Pushed(title=str(document["title"]), url=str(root.copy_with(raw_path=path.encode())))

    def _ask(self, method: str, path: str, what: str, body: Mapping[str, Any] | None = None) -> Any:
        try:
            response = self.client.request(method, f"{self.base}{path}", json=body)
        except httpx.HTTPError as error:
            raise GrafanaError(f"no Grafana answers at {self.base}: {error or type(error).__name__}") from error
        except httpx.InvalidURL as error:
            raise GrafanaError(f"{self.base!r} is no address: {error}") from error
        if not response.is_success:
            raise GrafanaError(f"Grafana at {self.base} did not {what}: {_reason(response)}")
        try:
            return response.json()
        except ValueError:
            raise GrafanaError(f"what answers at {self.base} is no Grafana: {response.text[:_SHOWN]!r}") from None


def _reason(response: httpx.Response) -> str:
    """What Grafana says, and what may be done about it."""
    try:
        answer = response.json()
    except ValueError:
        answer = {}
    said = answer.get("message") if isinstance(answer, dict) else ""
    told = f"{response.status_code} {said or response.text[:_SHOWN].strip() or response.reason_phrase}"
    hint = _HINTS.get(response.status_code)
    return f"{told} ({hint})" if hint else told


_HINTS: Final[Mapping[int, str]] = {
    HTTPStatus.UNAUTHORIZED: "give the token of a service account, or a user and a password",
    HTTPStatus.FORBIDDEN: "a service account needs the role Editor",
    HTTPStatus.NOT_FOUND: "is the address that of Grafana, with the path that it is served below?",
    HTTPStatus.PRECONDITION_FAILED: "another dashboard there has the same name or was changed meanwhile",
}


def _headers(credentials: Credentials) -> dict[str, str]:
    return {"Authorization": f"Bearer {credentials.token}"} if credentials.token else {}


def _auth(credentials: Credentials) -> httpx.BasicAuth | None:
    if credentials.user and credentials.password:
        return httpx.BasicAuth(credentials.user, credentials.password)
    return None


def _datasource(prometheus: str, timing: Timing) -> dict[str, Any]:
    source = {
        "name": "Prometheus",
        "type": "prometheus",
        "uid": "prometheus",
        "access": "proxy",
        "url": prometheus,
        "isDefault": True,
        "jsonData": {"timeInterval": duration(timing.interval), "httpMethod": "POST"},
    }
    return {"apiVersion": 1, "datasources": [source]}


def _provider() -> dict[str, Any]:
    provider = {
        "name": "refapp",
        "folder": FOLDER,
        "folderUid": _FOLDER_UID,
        "type": "file",
        "disableDeletion": False,
        "allowUiUpdates": True,
        "options": {"path": "/etc/grafana/provisioning/dashboards/json"},
    }
    return {"apiVersion": 1, "providers": [provider]}
