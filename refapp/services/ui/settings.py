"""What the workload of the user interface is told by its environment.

As for a service: SERVICE_NAME (`Angular UI`), POD_NAME, PORT (`127.0.0.1:8080`), METRICS_PORT, LOG_LEVEL and
LOG_LEVEL_FILE; DEADLINE_SECONDS (5) is the time for an answer of Jaeger or Prometheus, and for a body to arrive. Of its
own:

- DIST: the directory of the built app (the one in this package);
- WORKLOADS: the call tree as JSON, a list of `{"name", "title", "calls", "publishes", "consumes"}` (none);
- NAMESPACE: the namespace of the workloads, whose traffic is the graph (`dev`);
- JAEGER: the URL of Jaeger's API (none: no traces);
- PROMETHEUS: the URL of Prometheus' API (none: no graph);
- API_BASE_URL: where the browser finds the API (none: at the origin of the page);
- PRODUCTION: `on` or `off` (`on`), which chooses the level of the browser's console as in the article;
- CLIENT_LOG_LEVEL: that level (`INFO` in production, else `DEBUG`): one of the names of ngx-logger, in any case;
- SERVER_LOG_LEVEL: from which level on the app sends its logs here (`OFF`: never); what is below LOG_LEVEL is not
  written.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from refapp.services.settings import ProcessSettings, SettingsError, choice, common_settings, service_url
from refapp.services.ui.workloads import CalledWorkload, parse_workloads

CLIENT_LEVELS = ("TRACE", "DEBUG", "INFO", "LOG", "WARN", "ERROR", "FATAL", "OFF")
"""The names of ngx-logger's levels, each at the place of its number (`NgxLoggerLevel`)."""

_DEFAULT_PORT = "127.0.0.1:8080"  # there is always a proxy in front
_NAMESPACE = re.compile(r"[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?")  # RFC 1123, as Kubernetes asks for
# Nothing else, as it becomes part of the Content-Security-Policy.
_ORIGIN = re.compile(r"https?://(?:[A-Za-z0-9.-]+|\[[0-9A-Fa-f:.]+\])(?::[0-9]{1,5})?")
_PATH = re.compile(r"(?:/[A-Za-z0-9._~-]+)*/?")


@dataclass(frozen=True, kw_only=True)
class UISettings(ProcessSettings):
    """The settings of the user interface; levels are ngx-logger's names, URLs end without a slash."""

    dist: Path
    workloads: tuple[CalledWorkload, ...]
    namespace: str
    jaeger: str | None
    prometheus: str | None
    api_base_url: str
    production: bool
    client_log_level: str
    server_log_level: str

    @property
    def api_origin(self) -> str:
        """The origin of the API; empty where it is the page's own."""
        origin = _ORIGIN.match(self.api_base_url)
        return origin[0] if origin else ""

    @classmethod
    def from_environ(cls, environ: Mapping[str, str]) -> Self:
        """Read the settings; a variable that is empty counts as not set.

        Raises:
            SettingsError: a value cannot be used; the message names the variable and what it may hold.
        """
        production = choice(environ, "PRODUCTION", ("on", "off")) != "off"
        dist = environ.get("DIST")
        return cls(
            **common_settings({**environ, "PORT": environ.get("PORT") or _DEFAULT_PORT}, service_name="Angular UI"),
            dist=Path(dist) if dist else Path(__file__).with_name("dist"),
            workloads=parse_workloads(environ.get("WORKLOADS") or "[]"),
            namespace=_namespace(environ.get("NAMESPACE") or "dev"),
            jaeger=_base(environ, "JAEGER"),
            prometheus=_base(environ, "PROMETHEUS"),
            api_base_url=_api_base_url(environ.get("API_BASE_URL", "")),
            production=production,
            client_log_level=_level(environ, "CLIENT_LOG_LEVEL") or ("INFO" if production else "DEBUG"),
            server_log_level=_level(environ, "SERVER_LOG_LEVEL") or "OFF",
        )


def _base(environ: Mapping[str, str], variable: str) -> str | None:
    url = service_url(environ, variable, "http", "https")
    return url.rstrip("/") if url else None


def _namespace(name: str) -> str:
    if not _NAMESPACE.fullmatch(name):
        raise SettingsError(f"NAMESPACE is {name!r}: it must be a name such as dev")
    return name


def _api_base_url(url: str) -> str:
    origin = _ORIGIN.match(url)
    if url and not (origin and _PATH.fullmatch(url[origin.end() :])):
        raise SettingsError(
            f"API_BASE_URL is {url!r}: it must be a URL such as https://api.example.com, without a query"
        )
    return url.rstrip("/")


def _level(environ: Mapping[str, str], variable: str) -> str:
    level = environ.get(variable, "").upper()
    if level and level not in CLIENT_LEVELS:
        raise SettingsError(f"{variable} is {level!r}: it must be one of {', '.join(CLIENT_LEVELS)}")
    return level
