import math
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from refapp.services.settings import (
    Downstream,
    GatewaySettings,
    Settings,
    SettingsError,
    Tracing,
    listen_address,
    slug,
)

MONGO = {"MONGO_CONN": "mongodb://127.0.0.1:27017"}
RABBITMQ = {"RABBITMQ_CONN": "amqp://guest:secret@127.0.0.1:5672/", "QUEUE_NAME": "service-d.greeting"}
TRACED = {"TRACE_MESSAGES": "parent"}


def test_defaults(monkeypatch):
    monkeypatch.setattr("socket.gethostname", lambda: "host-7")
    settings = Settings.from_environ({})
    assert settings == Settings(
        service_name="Service A",
        pod="host-7",
        log_level="info",
        log_level_file=None,
        address=("", 50051),
        metrics_address=None,
        deadline=5.0,
        greeting="Hello, from Service A!",
        downstreams=(),
        fanout="concurrent",
        mongo_url=None,
        amqp_url=None,
        queue="",
        tracing=None,
    )
    assert settings.slug == "service-a"


def test_everything_set():
    settings = Settings.from_environ(
        {
            "LOG_LEVEL": "Warn",
            "LOG_LEVEL_FILE": "/run/level",
            "PORT": "127.0.0.1:7000",
            "SERVICE_NAME": "Service F",
            "POD_NAME": "service-f-1",
            "GREETING": "Hola, from Service F!",
            "FANOUT": "sequential",
            "DEADLINE_SECONDS": "2.5",
            "METRICS_PORT": ":9102",
            **MONGO,
            **RABBITMQ,
            "TRACE_MESSAGES": "Link",
            "OTEL_SERVICE_NAME": "greeting.f",
            "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": "https://collector.test/spans",
            "OTEL_EXPORTER_OTLP_ENDPOINT": "http://other.test",
            "OTEL_BSP_SCHEDULE_DELAY": "50",
        }
    )
    assert settings == Settings(
        service_name="Service F",
        pod="service-f-1",
        log_level="warning",
        log_level_file=Path("/run/level"),
        address=("127.0.0.1", 7000),
        metrics_address=("", 9102),
        deadline=2.5,
        greeting="Hola, from Service F!",
        downstreams=(),
        fanout="sequential",
        mongo_url=MONGO["MONGO_CONN"],
        amqp_url=RABBITMQ["RABBITMQ_CONN"],
        queue="service-d.greeting",
        tracing=Tracing(mode="link", service="greeting.f", endpoint="https://collector.test/spans", delay=50),
    )


@pytest.mark.parametrize(
    ("environ", "endpoint"),
    [
        ({}, "http://localhost:4318/v1/traces"),
        ({"OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:9411"}, "http://127.0.0.1:9411/v1/traces"),
        ({"OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:9411/"}, "http://127.0.0.1:9411/v1/traces"),
        ({"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": "http://127.0.0.1:9411/"}, "http://127.0.0.1:9411/"),
    ],
)
def test_where_spans_go(environ, endpoint):
    tracing = Settings.from_environ({"SERVICE_NAME": "Service D"} | TRACED | environ).tracing
    assert tracing == Tracing(mode="parent", service="service-d", endpoint=endpoint, delay=500)


def test_variables_of_opentelemetry_are_not_read_without_tracing():
    assert Settings.from_environ({"OTEL_BSP_SCHEDULE_DELAY": "soon"}).tracing is None


@pytest.mark.parametrize(
    ("environ", "stores", "publishes", "consumes"),
    [
        ({}, False, False, False),
        (MONGO, True, False, False),
        (RABBITMQ, False, True, False),
        (MONGO | RABBITMQ, False, False, True),
    ],
)
def test_role(environ, stores, publishes, consumes):
    settings = Settings.from_environ(environ)
    assert (settings.stores, settings.publishes, settings.consumes) == (stores, publishes, consumes)


def test_downstreams_in_alphabetical_order_of_their_variables():
    settings = Settings.from_environ(
        {
            "SERVICE_C_URL": "ipv4:127.0.0.1:3,127.0.0.1:4",
            "SERVICE_B_URL": "service-b:50051",
            "SERVICE_AUDIT_LOG_URL": "dns:///audit:1",
            "SERVICE_X_URL": "",
            "SERVICE_URL": "nowhere:1",
            "SERVICE_A_SERVICE_HOST": "10.0.0.1",
            "SERVICE_A_PORT": "tcp://10.0.0.1:50051",
        }
    )
    assert settings.downstreams == (
        Downstream("service-audit-log", "dns:///audit:1"),
        Downstream("service-b", "service-b:50051"),
        Downstream("service-c", "ipv4:127.0.0.1:3,127.0.0.1:4"),
    )


def test_an_empty_variable_counts_as_not_set():
    names = ("LOG_LEVEL", "LOG_LEVEL_FILE", "PORT", "SERVICE_NAME", "GREETING", "FANOUT", "DEADLINE_SECONDS")
    empty = dict.fromkeys((*names, "MONGO_CONN", "RABBITMQ_CONN", "QUEUE_NAME", "POD_NAME", "TRACE_MESSAGES"), "")
    assert Settings.from_environ(empty) == Settings.from_environ({})


@pytest.mark.parametrize(
    ("environ", "said"),
    [
        ({"LOG_LEVEL": "loud"}, ["LOG_LEVEL", "loud", "trace, debug, info, warning, error, fatal, panic"]),
        ({"PORT": "50051"}, ["PORT", "'50051'", ":50051"]),
        ({"PORT": ":65536"}, ["PORT"]),
        ({"PORT": "a b:1"}, ["PORT"]),
        ({"TRACE_MESSAGES": "on"}, ["TRACE_MESSAGES", "'on'", "parent, link"]),
        (TRACED | {"OTEL_EXPORTER_OTLP_ENDPOINT": "localhost:4318"}, ["OTEL_EXPORTER_OTLP_ENDPOINT", "http://"]),
        (
            TRACED | {"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": "grpc://x"},
            ["OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "https://"],
        ),
        (TRACED | {"OTEL_BSP_SCHEDULE_DELAY": "0"}, ["OTEL_BSP_SCHEDULE_DELAY", "'0'", "milliseconds"]),
        (TRACED | {"OTEL_BSP_SCHEDULE_DELAY": "0.5"}, ["OTEL_BSP_SCHEDULE_DELAY"]),
        ({"FANOUT": "both"}, ["FANOUT", "both", "concurrent, sequential"]),
        ({"DEADLINE_SECONDS": "soon"}, ["DEADLINE_SECONDS", "soon"]),
        ({"DEADLINE_SECONDS": "0"}, ["DEADLINE_SECONDS"]),
        ({"DEADLINE_SECONDS": "-1"}, ["DEADLINE_SECONDS"]),
        ({"DEADLINE_SECONDS": "nan"}, ["DEADLINE_SECONDS"]),
        ({"DEADLINE_SECONDS": "inf"}, ["DEADLINE_SECONDS"]),
        ({"SERVICE_NAME": "नमस्ते"}, ["SERVICE_NAME"]),
        ({"SERVICE_B_URL": "http://service-b:50051"}, ["SERVICE_B_URL", "gRPC target"]),
        ({"SERVICE_B_URL": "service-b: 50051"}, ["SERVICE_B_URL"]),
        ({"MONGO_CONN": "127.0.0.1:27017"}, ["MONGO_CONN", "mongodb://"]),
        ({"RABBITMQ_CONN": "http://127.0.0.1", "QUEUE_NAME": "q"}, ["RABBITMQ_CONN", "amqp://"]),
        ({"RABBITMQ_CONN": "amqp://127.0.0.1"}, ["QUEUE_NAME"]),
    ],
)
def test_broken_value(environ, said):
    with pytest.raises(SettingsError) as caught:
        Settings.from_environ(environ)
    message = str(caught.value)
    assert "\n" not in message
    assert [part for part in said if part not in message] == []


def test_a_broken_url_does_not_tell_its_password():
    with pytest.raises(SettingsError) as caught:
        Settings.from_environ({"MONGO_CONN": "mango://user:secret@db"})
    assert "secret" not in str(caught.value)


def test_gateway():
    settings = GatewaySettings.from_environ(
        {"SERVICE_A_URL": "service-a:50051", "PUBLIC_PORT": ":8080", "POD_NAME": "rev-proxy-1"}
    )
    assert (settings.slug, settings.pod) == ("rev-proxy", "rev-proxy-1")
    assert settings.upstream == Downstream("service-a", "service-a:50051")
    assert settings.public_address == ("", 8080)
    assert GatewaySettings.from_environ({"SERVICE_A_URL": "service-a:50051"}).public_address is None


@pytest.mark.parametrize(
    ("environ", "said"),
    [
        ({}, "SERVICE_A_URL"),
        ({"SERVICE_A_URL": "https://service-a"}, "SERVICE_A_URL"),
        ({"SERVICE_A_URL": "service-a:1", "PUBLIC_PORT": "8080"}, "PUBLIC_PORT"),
        ({"SERVICE_A_URL": "service-a:1", "METRICS_PORT": "here"}, "METRICS_PORT"),
        ({"SERVICE_A_URL": "service-a:1", "LOG_LEVEL": "x"}, "LOG_LEVEL"),
    ],
)
def test_broken_gateway(environ, said):
    with pytest.raises(SettingsError, match=said):
        GatewaySettings.from_environ(environ)


@pytest.mark.parametrize(
    ("text", "address"),
    [
        (":50051", ("", 50051)),
        ("127.0.0.1:0", ("127.0.0.1", 0)),
        ("localhost:80", ("localhost", 80)),
        ("[::1]:65535", ("::1", 65535)),
    ],
)
def test_listen_address(text, address):
    assert listen_address(text) == address


@pytest.mark.parametrize("text", ["", ":", "::1:80", "[::1]", "host:", "host:-1", "host:1e3", "http://h:1", ":٣"])
def test_no_listen_address(text):
    with pytest.raises(SettingsError, match="PORT"):
        listen_address(text)


@given(st.text())
def test_slug_is_a_name_that_stays_itself(title):
    name = slug(title)
    assert slug(name) == name
    assert set(name) <= set("abcdefghijklmnopqrstuvwxyz0123456789-")


@given(st.one_of(st.floats(), st.text()).map(str))
def test_deadline_is_a_usable_number_or_an_error(text):
    try:
        deadline = Settings.from_environ({"DEADLINE_SECONDS": text}).deadline
    except SettingsError:
        return
    assert math.isfinite(deadline)
    assert deadline > 0
