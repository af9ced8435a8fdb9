import warnings

import pytest

from refapp.query.answers import BackendError, BackendTimeoutError
from refapp.query.metrics import ExpressionError, MetricsWarning
from refapp.query.metrics import client as module
from refapp.query.metrics.client import Client


def error(kind, reason):
    return {"status": "error", "errorType": kind, "error": reason}


@pytest.fixture
def client(scripted):
    return Client(scripted.url + "/")


def test_what_is_asked(client, scripted):
    scripted.answer({"status": "success", "data": ["a"]})
    assert client.get("/labels", list, {"match[]": ["x", "y"], "start": None}) == ["a"]
    assert client.evaluate("/query", list, "a + b", {"time": 1.5}) == ["a"]
    assert scripted.asked == [
        ("GET", "/api/v1/labels?match%5B%5D=x&match%5B%5D=y", ""),
        ("POST", "/api/v1/query", "query=a+%2B+b&time=1.5"),
    ]


@pytest.mark.parametrize(
    ("status", "kind", "reason"),
    [
        (400, "bad_data", 'invalid parameter "query": 1:5: parse error: x'),
        (422, "execution", "many-to-many matching not allowed"),
        (400, "bad_data", 'invalid expression type "string" for range query'),
    ],
)
def test_errors_of_an_expression(status, kind, reason, client, scripted):
    scripted.answer(error(kind, reason), status)
    with pytest.raises(ExpressionError) as caught:
        client.evaluate("/query", list, "a + b", {})
    assert caught.value.expression == "a + b"


@pytest.mark.parametrize(
    ("body", "status", "complaint"),
    [
        (error("bad_data", "exceeded maximum resolution"), 400, "answered 400 Bad Request: exceeded maximum"),
        (error("internal", "disk is full"), 500, "answered 500 Internal Server Error: disk is full"),
        ("no such page", 404, "answered 404 Not Found: no such page"),
        ("", 502, "answered 502 Bad Gateway: nothing"),
        ("<html>", 200, r"something unexpected \(it is not JSON\): <html>"),
        ("[]", 200, r"something unexpected \(it is no object\)"),
        ({"status": "success"}, 200, r"something unexpected \(KeyError\('data'\)\)"),
        ({"status": "success", "data": 5}, 200, r"something unexpected \(TypeError"),
    ],
)
def test_errors_of_the_server(body, status, complaint, client, scripted):
    scripted.answer(body, status)
    with pytest.raises(BackendError, match=complaint) as caught:
        client.evaluate("/query", list, "a", {})
    assert caught.value.status == (None if status == 200 else status)
    assert scripted.url in str(caught.value)


def test_it_took_too_long(client, scripted):
    scripted.answer(error("timeout", "query timed out in expression evaluation"), 503)
    with pytest.raises(BackendTimeoutError, match="query timed out"):
        client.evaluate("/query", list, "a", {})


def test_nobody_answers(nobody):
    with pytest.raises(BackendError, match=f"{nobody}/api/v1/labels cannot be asked"):
        Client(nobody).get("/labels", list)


def test_no_answer_in_time(silent, monkeypatch):
    monkeypatch.setattr(module, "_TIMEOUT", 0.05)
    with pytest.raises(BackendTimeoutError, match=r"did not answer within 0\.05 s"):
        Client(silent).get("/labels", list)


def test_warnings_are_shown(client, scripted):
    scripted.answer({"status": "success", "data": [], "warnings": ["a store is away"]})
    with pytest.warns(MetricsWarning, match="a store is away"):
        client.get("/labels", list)


def test_no_warnings(client, scripted):
    scripted.answer({"status": "success", "data": [], "warnings": None})
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert client.get("/labels", list) == []
