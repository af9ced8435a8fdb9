import socket

import pytest

from refapp.query.tracing.client import Client
from refapp.query.tracing.errors import TraceBackendError, TraceNotFoundError


def test_parameters_that_are_none_are_not_sent(scripted):
    scripted.answer("/x", [1])
    assert Client(scripted.url + "/").get("/x", sum, a="b c", d=1, e=None) == 1
    assert scripted.asked == [("/x", {"a": "b c", "d": "1"})]


JAEGER_ERROR = {"data": None, "total": 0, "errors": [{"code": 500, "msg": "storage is away"}]}


@pytest.mark.parametrize(
    ("status", "body", "said", "code"),
    [
        (500, JAEGER_ERROR, "/x answered 500 Internal Server Error: storage is away", 500),
        (200, JAEGER_ERROR, "/x answered: storage is away", 500),
        (200, JAEGER_ERROR | {"errors": "odd"}, "/x answered: {.*odd", None),
        (503, "no\n healthy  upstream", "/x answered 503 Service Unavailable: no healthy upstream", 503),
        (400, "", "/x answered 400 Bad Request: nothing", 400),
        (404, "x" * 1000, f"/x answered 404 Not Found: {'x' * 300}…$", 404),
        (200, "<!doctype html>", "/x answered something unexpected .it is not JSON.: <!doctype html>", None),
        (200, {"other": 1}, "/x answered something unexpected .KeyError.'key'..: .*other", None),
        (200, [], "/x answered something unexpected .TypeError", None),
    ],
)
def test_errors_name_the_address_and_what_it_said(scripted, status, body, said, code):
    scripted.answer("/x", body, status)
    with pytest.raises(TraceBackendError, match=f"^{scripted.url}{said}") as caught:
        Client(scripted.url).get("/x", lambda answer: answer["key"])
    assert caught.value.status == code


def test_an_answer_that_is_only_in_part_an_error_is_read(scripted):
    scripted.answer("/x", {"data": [1], "errors": [{"code": 404, "msg": "another trace not found"}]})
    assert Client(scripted.url).get("/x", lambda answer: answer["data"]) == [1]


def test_an_address_where_nobody_listens():
    with socket.create_server(("127.0.0.1", 0)) as server:
        url = f"http://127.0.0.1:{server.getsockname()[1]}"
    with pytest.raises(TraceBackendError, match=f"^{url}/x cannot be asked: .*refused") as caught:
        Client(url).get("/x", list)
    assert caught.value.status is None


@pytest.mark.parametrize("url", ["127.0.0.1:9411", "http://[", "http://127.0.0.1:x"])
def test_what_is_no_address(url):
    with pytest.raises(TraceBackendError, match="cannot be asked"):
        Client(url).get("/x", list)


def test_a_trace_that_is_not_there(scripted):
    client = Client(scripted.url)
    scripted.answer("/traces/a", "a not found", 404)
    scripted.answer("/traces/b", [])
    scripted.answer("/traces/c", "too many", 429)
    with pytest.raises(TraceNotFoundError, match=f"no trace a: {scripted.url}/traces/a answered 404 Not Found: a not"):
        client.get_trace("/traces", "a", lambda _: None)
    with pytest.raises(TraceNotFoundError, match="no trace b"):
        client.get_trace("/traces", "b", lambda _: None)
    with pytest.raises(TraceBackendError, match="429 Too Many Requests: too many") as caught:
        client.get_trace("/traces", "c", lambda _: None)
    assert not isinstance(caught.value, TraceNotFoundError)
