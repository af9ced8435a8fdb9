import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from refapp.services import ui
from refapp.services.settings import SettingsError
from refapp.services.ui.settings import CLIENT_LEVELS, UISettings
from refapp.services.ui.workloads import CalledWorkload


def test_defaults(monkeypatch):
    monkeypatch.setattr("socket.gethostname", lambda: "host-7")
    settings = UISettings.from_environ({})
    assert settings == UISettings(
        service_name="Angular UI",
        pod="host-7",
        log_level="info",
        log_level_file=None,
        address=("127.0.0.1", 8080),
        metrics_address=None,
        deadline=5.0,
        dist=Path(ui.__file__).parent / "dist",
        workloads=(),
        namespace="dev",
        jaeger=None,
        prometheus=None,
        api_base_url="",
        production=True,
        client_log_level="INFO",
        server_log_level="OFF",
    )
    assert settings.slug == "angular-ui"
    assert settings.api_origin == ""


def test_everything_set():
    settings = UISettings.from_environ(
        {
            "SERVICE_NAME": "Front End",
            "POD_NAME": "front-end-1",
            "PORT": ":80",
            "METRICS_PORT": "127.0.0.1:9102",
            "LOG_LEVEL": "debug",
            "LOG_LEVEL_FILE": "/run/level",
            "DEADLINE_SECONDS": "2.5",
            "DIST": "/srv/app",
            "WORKLOADS": json.dumps([{"name": "service-a", "title": "Service A"}]),
            "NAMESPACE": "test",
            "JAEGER": "http://127.0.0.1:16686/",
            "PROMETHEUS": "https://prometheus.example:9090/prefix/",
            "API_BASE_URL": "https://api.example.com:8443/v1/",
            "PRODUCTION": "OFF",
            "CLIENT_LOG_LEVEL": "trace",
            "SERVER_LOG_LEVEL": "Warn",
        }
    )
    assert settings == UISettings(
        service_name="Front End",
        pod="front-end-1",
        log_level="debug",
        log_level_file=Path("/run/level"),
        address=("", 80),
        metrics_address=("127.0.0.1", 9102),
        deadline=2.5,
        dist=Path("/srv/app"),
        workloads=(CalledWorkload("service-a", "Service A"),),
        namespace="test",
        jaeger="http://127.0.0.1:16686",
        prometheus="https://prometheus.example:9090/prefix",
        api_base_url="https://api.example.com:8443/v1",
        production=False,
        client_log_level="TRACE",
        server_log_level="WARN",
    )
    assert settings.api_origin == "https://api.example.com:8443"


def test_empty_is_not_set():
    variables = ("PORT", "DIST", "WORKLOADS", "NAMESPACE", "JAEGER", "PROMETHEUS", "API_BASE_URL", "PRODUCTION")
    names = (*variables, "CLIENT_LOG_LEVEL", "SERVER_LOG_LEVEL", "SERVICE_NAME", "DEADLINE_SECONDS")
    assert UISettings.from_environ(dict.fromkeys(names, "")) == UISettings.from_environ({})


@pytest.mark.parametrize(("production", "level"), [("on", "INFO"), ("off", "DEBUG")])
def test_the_console_shows_more_outside_production_unless_told_otherwise(production, level):
    assert UISettings.from_environ({"PRODUCTION": production}).client_log_level == level
    chosen = UISettings.from_environ({"PRODUCTION": production, "CLIENT_LOG_LEVEL": "FATAL"})
    assert chosen.client_log_level == "FATAL"


@pytest.mark.parametrize("level", CLIENT_LEVELS)
def test_levels_are_those_of_ngx_logger(level):
    assert UISettings.from_environ({"SERVER_LOG_LEVEL": level.lower()}).server_log_level == level


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("PORT", "http"),
        ("LOG_LEVEL", "loud"),
        ("WORKLOADS", "none"),
        ("NAMESPACE", "Dev"),
        ("NAMESPACE", 'dev"}) or vector(1'),
        ("JAEGER", "127.0.0.1:16686"),
        ("PROMETHEUS", "file:///etc/passwd"),
        ("PRODUCTION", "yes"),
        ("CLIENT_LOG_LEVEL", "WARNING"),
        ("SERVER_LOG_LEVEL", "7"),
        ("API_BASE_URL", "api.example.com"),
        ("API_BASE_URL", "ftp://api.example.com"),
        ("API_BASE_URL", "https://user@api.example.com"),
        ("API_BASE_URL", "https://api.example.com?x=1"),
        ("API_BASE_URL", "https://api.example.com; script-src *"),
        ("API_BASE_URL", "https://api.example.com/\nX-Header: 1"),
        ("API_BASE_URL", "https://"),
    ],
)
def test_a_value_that_cannot_be_used_is_refused(variable, value):
    with pytest.raises(SettingsError, match=variable):
        UISettings.from_environ({variable: value})


@pytest.mark.parametrize("origin", ["http://127.0.0.1:8081", "http://[::1]:8081", "https://api-2.example.com"])
def test_the_origin_of_the_api_is_known(origin):
    assert UISettings.from_environ({"API_BASE_URL": f"{origin}/base"}).api_origin == origin


@given(st.text(max_size=30).map("https://a".__add__))
def test_no_origin_of_the_api_can_change_the_policy(url):
    try:
        origin = UISettings.from_environ({"API_BASE_URL": url}).api_origin
    except SettingsError:
        return
    assert origin.isascii()
    assert not set(origin) & set(" ;,'\"\r\n\t*")


@pytest.mark.parametrize("variable", ["JAEGER", "PROMETHEUS"])
def test_a_password_in_a_url_is_not_told(variable):
    with pytest.raises(SettingsError) as caught:
        UISettings.from_environ({variable: "htp://user:secret@host"})
    assert "secret" not in str(caught.value)
