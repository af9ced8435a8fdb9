import orjson
import pytest

from refapp.services.ui.answers import AnswerError
from refapp.services.ui.backend import Backend
from refapp.services.ui.traces import find_trace

ID = "0af7651916cd43dd8448eb211c80319c"


@pytest.fixture
def jaeger(peer, session):
    return Backend("Jaeger", peer.url, session, seconds=30)


async def refusal(jaeger, trace_id=ID):
    with pytest.raises(AnswerError) as caught:
        await find_trace(jaeger, trace_id)
    return caught.value.status, caught.value.message


@pytest.mark.parametrize("trace_id", [ID, ID[:16], ID.upper()])
async def test_a_trace_comes_unchanged(jaeger, peer, trace_id):
    body = b'{"data":[{"traceID":"0af7", "spans": [] ,"processes":{}}],"errors":null}'
    peer.says(body)
    assert await find_trace(jaeger, trace_id) == body
    assert [request.path_qs for request in peer.requests] == [f"/api/traces/{trace_id.lower()}"]


@pytest.mark.parametrize(
    "trace_id",
    ["", ID[:15], ID[:31], f"{ID}0", f"{ID[:-1]}g", f"{ID}\n", "../services", f"{ID}?a=b", "٣" * 32, "a" * 100_000],
)
async def test_what_is_no_id_is_not_asked_for(jaeger, peer, trace_id):
    status, message = await refusal(jaeger, trace_id)
    assert status == 400
    assert len(message) < 200
    assert peer.requests == []


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (404, {"data": None, "errors": [{"code": 404, "msg": "trace not found"}]}),
        (404, {}),
        (200, {"data": [], "errors": None}),
        (200, {"data": None, "errors": [{"code": 404, "msg": "trace not found"}]}),
    ],
)
async def test_a_trace_that_is_unknown(jaeger, peer, status, body):
    peer.says(body, status=status)
    assert orjson.loads(await find_trace(jaeger, ID)) == {"data": [], "errors": None}


@pytest.mark.parametrize(
    ("status", "body", "said"),
    [
        (500, {"errors": [{"code": 500, "msg": "no storage"}]}, "answered 500: no storage"),
        (200, {"data": None, "errors": [{"code": 500, "msg": "no storage"}]}, "answered 200: no storage"),
        (200, {"data": [], "errors": "odd"}, "answered 200: "),
        (500, {"errors": ["odd"]}, "answered 500: "),
        (400, [1], "answered 400: [1]"),
        (302, {}, "answered 302: {}"),
        (200, [], "answered 200: []"),
        (200, {}, "answered 200: {}"),
        (200, 7, "answered 200: 7"),
        (200, None, "answered 200: null"),
        (200, {"data": {"spans": []}}, "answered 200: "),
        (200, {"data": ["span"]}, "answered 200: "),
        (200, {"data": [{"traceID": ID}]}, "answered 200: "),
    ],
)
async def test_what_is_no_answer_of_jaegers(jaeger, peer, status, body, said):
    peer.says(body, status=status)
    answered, message = await refusal(jaeger)
    assert (answered, message[: len(said) + 7]) == (502, f"Jaeger {said}")


async def test_without_jaeger(session):
    assert (await refusal(Backend("Jaeger", None, session, seconds=1)))[0] == 503
