import asyncio
import contextlib
import re
import socket
import subprocess
import threading
from datetime import UTC, datetime, timedelta

import httpx
import pytest
from aiohttp import web

from refapp.backends.inbox.messages import Inbox
from refapp.backends.inbox.server import WEBHOOK, runner
from refapp.mesh import Address
from refapp.monitoring.configuration import Monitoring, alertmanager_command, write
from refapp.monitoring.timing import Timing
from refapp.query import alerts as module
from refapp.query.alerts import Alerts, Messages, NoAlertsError
from refapp.query.answers import BackendError

MINUTE = timedelta(minutes=1)
QUICK = Timing(interval=timedelta(milliseconds=50), scale=1 / 600)
MESSAGE = {
    "channel": "#alerts",
    "attachments": [
        {
            "title": "[FIRING:1] PodCpuHigh · service-d",
            "title_link": "http://graph",
            "text": "much",
            "color": "warning",
            "footer": "f",
        }
    ],
}


@contextlib.contextmanager
def serving(server, listener):
    """Serve in another thread."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()

    async def begin():
        await server.setup()
        await web.SockSite(server, listener).start()

    try:
        asyncio.run_coroutine_threadsafe(begin(), loop).result()
        yield
    finally:
        asyncio.run_coroutine_threadsafe(server.cleanup(), loop).result()
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


def ready(url):
    with contextlib.suppress(httpx.HTTPError):
        return httpx.get(f"{url}/-/ready").is_success
    return False


@contextlib.contextmanager
def running(directory):
    listener = socket.create_server(("127.0.0.1", 0))
    with serving(runner(Inbox(directory / "messages.jsonl", 100)), listener):
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"


@pytest.fixture(scope="module")
def inbox(tmp_path_factory):
    """The address of the inbox that Alertmanager writes to."""
    with running(tmp_path_factory.mktemp("inbox")) as url:
        yield url


@pytest.fixture
def own(tmp_path):
    """The address of an inbox that nobody else writes to."""
    with running(tmp_path) as url:
        yield url


@pytest.fixture(scope="module")
def alertmanager(tmp_path_factory, inbox, eventually):
    """The address of an Alertmanager that writes to the inbox."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        address = Address(*server.getsockname())
    monitoring = Monitoring(
        directory=tmp_path_factory.mktemp("monitoring"),
        prometheus=Address("127.0.0.1", 1),
        alertmanager=address,
        slack=inbox + WEBHOOK,
        timing=QUICK,
    )
    write(monitoring)
    process = subprocess.Popen(alertmanager_command(monitoring))
    url = f"http://127.0.0.1:{address.port}"
    try:
        eventually(lambda: ready(url))
        yield url
    finally:
        process.terminate()
        process.wait(timeout=20)


@pytest.fixture
def alerts(alertmanager, inbox):
    return Alerts(lambda: {"alertmanager": alertmanager, "inbox": inbox})


@pytest.fixture
def fire(alertmanager):
    """Have an alert fire, until the test is over; its name is that of the test."""
    fired = []

    def fire(name, **labels):
        alert = {
            "labels": {"alertname": name, "severity": "critical", **labels},
            "annotations": {"summary": f"{name} of {labels.get('workload')}", "value": "5 m"},
            "startsAt": datetime.now(UTC).isoformat(),
            "endsAt": (datetime.now(UTC) + MINUTE).isoformat(),
        }
        httpx.post(f"{alertmanager}/api/v2/alerts", json=[alert]).raise_for_status()
        fired.append(alert)

    def resolve():
        ended = [alert | {"endsAt": datetime.now(UTC).isoformat()} for alert in fired]
        httpx.post(f"{alertmanager}/api/v2/alerts", json=ended).raise_for_status()

    fire.resolve = resolve
    yield fire
    resolve()


def states(alerts, name):
    frame = alerts.frame({"alertname": name})
    return dict(zip(frame["workload"], frame["state"], strict=True)) if len(frame) else {}


def test_alerts(alerts, fire):
    fire("Shown", workload="service-a", state="odd")
    (row,) = alerts.frame({"alertname": "Shown"}).to_dict("records")
    assert row.pop("since").tzinfo is not None
    assert row == {
        "alert": "Shown",
        "state": "active",
        "severity": "critical",
        "label_state": "odd",
        "workload": "service-a",
        "summary": "Shown of service-a",
        "value": "5 m",
        "silenced_by": "",
        "inhibited_by": "",
    }


def test_alerts_that_match(alerts, fire):
    for workload in ("service-a", "service-b"):
        fire("Matched", workload=workload, text='a "quoted\\ text')
    assert set(alerts.frame({"alertname": "Matched", "workload": re.compile("service-.")})["workload"]) == {
        "service-a",
        "service-b",
    }
    assert len(alerts.frame({"alertname": "Matched", "workload": "service-."})) == 0
    assert len(alerts.frame({"alertname": "Matched", "text": 'a "quoted\\ text'})) == 2


def test_a_silence(alerts, fire, eventually):
    for workload in ("service-a", "service-b"):
        fire("Silenced", workload=workload)
    silence = alerts.silence(
        {"alertname": "Silenced", "workload": re.compile(".*-a")}, MINUTE, comment="it is known", author="a reader"
    )
    eventually(lambda: states(alerts, "Silenced") == {"service-a": "suppressed", "service-b": "active"})
    frame = alerts.frame({"alertname": "Silenced"}).set_index("workload")
    assert frame["silenced_by"].to_dict() == {"service-a": silence, "service-b": ""}
    row = alerts.silences().set_index("id").loc[silence]
    assert (row["state"], row["author"], row["comment"]) == ("active", "a reader", "it is known")
    assert row["matchers"] == 'alertname="Silenced", workload=~".*-a"'
    assert row["until"] - row["since"] <= MINUTE
    alerts.expire(silence)
    assert alerts.silences().set_index("id").loc[silence, "state"] == "expired"
    alerts.expire(silence)
    eventually(lambda: states(alerts, "Silenced")["service-a"] == "active")


def test_no_silence_of_everything(alerts):
    with pytest.raises(ValueError, match="silence them all"):
        alerts.silence({}, MINUTE, comment="x")


def test_what_alertmanager_refuses(alerts, alertmanager):
    with pytest.raises(BackendError, match=re.escape(f"{alertmanager}/api/v2/silences answered 400")):
        alerts.silence({"alertname": "x"}, -MINUTE, comment="x")
    with pytest.raises(BackendError, match="not found"):
        alerts.expire("00000000-0000-0000-0000-000000000000")


def test_a_message_for_an_alert(alerts, fire):
    fire("Told", workload="service-a", namespace="dev")
    message = alerts.wait("Told", status="firing")
    assert message.title == "[FIRING:1] Told · service-a"
    assert (message.status, message.colour, message.channel) == ("firing", "danger", "#alerts")
    assert "• *Value*: 5 m\n• *Where*: dev / service-a\n" in message.text
    fire.resolve()
    resolved = alerts.wait("Told", status="resolved", since=message.received)
    assert (resolved.title, resolved.colour) == ("[RESOLVED] Told · service-a", "good")


def test_messages(own):
    alerts = Alerts(lambda: {"inbox": own + "/"})
    for payload in ({"text": "first"}, MESSAGE):
        httpx.post(own + WEBHOOK, json=payload).raise_for_status()
    messages = alerts.messages()
    assert [message.title for message in messages] == ["[FIRING:1] PodCpuHigh · service-d", "first"]
    newest, first = messages
    assert (newest.link, newest.text, newest.colour, newest.footer) == ("http://graph", "much", "warning", "f")
    assert newest.payload == MESSAGE
    assert (first.status, first.text) == ("", "first")
    assert first.received <= newest.received
    assert list(alerts.messages(limit=1)) == [newest]
    assert list(alerts.messages(since=newest.received)) == [newest]
    frame = messages.frame
    assert list(frame.columns) == ["id", "received", "status", "title", "text"]
    assert frame["status"].tolist() == ["firing", ""]
    assert isinstance(messages[:1], Messages)
    assert repr(messages) == "<Messages: 2>"


def test_no_message(alerts):
    assert alerts.messages(since=datetime.now(UTC) + MINUTE).frame.empty
    with pytest.raises(TimeoutError, match="no resolved message with 'Nothing' came within 0 s; there are: none"):
        alerts.wait("Nothing", status="resolved", since=datetime.now(UTC) + MINUTE, within=0)


def test_waiting_for_a_message(own, monkeypatch):
    alerts = Alerts(lambda: {"inbox": own})
    monkeypatch.setattr(module, "_POLL", 0)
    poster = threading.Thread(target=lambda: httpx.post(own + WEBHOOK, json={"text": "late"}).raise_for_status())
    poster.start()
    assert alerts.wait("late").text == "late"
    poster.join()


@pytest.mark.parametrize("name", ["alertmanager", "inbox"])
def test_without_a_server(name):
    alerts = Alerts(dict)
    with pytest.raises(NoAlertsError, match=name):
        alerts.frame() if name == "alertmanager" else alerts.messages()


def test_something_else_answers(inbox):
    alerts = Alerts(lambda: {"alertmanager": inbox, "inbox": inbox})
    with pytest.raises(BackendError, match="answered 404"):
        alerts.frame()
