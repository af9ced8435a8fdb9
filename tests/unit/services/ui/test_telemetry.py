import asyncio
import json
import shutil
import subprocess

import pytest
from aiohttp import web

from refapp.services.ui.answers import AnswerError
from refapp.services.ui.backend import Backend
from refapp.services.ui.telemetry import Sample, Telemetry, ask, expressions


@pytest.fixture
def prometheus(peer, session):
    return Backend("Prometheus", peer.url, session, seconds=30)


def vector(*series):
    result = [{"metric": labels, "value": [1.5, value]} for labels, value in series]
    return {"status": "success", "data": {"resultType": "vector", "result": result}}


async def refusal(prometheus):
    with pytest.raises(AnswerError) as caught:
        await ask(prometheus, "dev", 30)
    return caught.value.status, caught.value.message


async def test_each_part_is_asked_for_at_the_same_time(prometheus, peer):
    together = asyncio.Barrier(3)
    values = {"istio_requests_total": "1", "istio_tcp_sent_bytes_total": "2", "histogram_quantile": "3"}

    async def answer(request):
        await together.wait()
        (value,) = (value for name, value in values.items() if request.query["query"].count(name))
        return web.json_response(vector(({"reporter": "source"}, value)))

    peer.answer = answer
    async with asyncio.timeout(30):
        found = await ask(prometheus, "dev", 30)
    parts = [(Sample({"reporter": "source"}, value),) for value in (1.0, 2.0, 3.0)]
    assert found == Telemetry(*parts)
    assert {request.path for request in peer.requests} == {"/api/v1/query"}
    assert len({request.query["time"] for request in peer.requests}) == 1
    assert {request.query["query"] for request in peer.requests} == set(expressions("dev", 30))


def test_the_questions_are_about_the_namespace_and_the_window():
    for expression in expressions("test", 90):
        assert expression.count("[90s]") == 3
        assert expression.count('"test"') == 4
        assert expression.count("(") == expression.count(")")
        for report in ('reporter="destination",destination_w', 'reporter="source",source_workload_namespace='):
            assert report in expression
    requests, tcp, p95 = expressions("test", 90)
    assert "grpc_response_status" in requests
    assert "response_code" not in tcp
    assert p95.startswith("histogram_quantile(0.95, sum by (reporter,")
    assert ",le)" in p95


@pytest.mark.parametrize("value", ["NaN", "+Inf", "-Inf"])
async def test_what_is_no_number_is_left_out(prometheus, peer, value):
    peer.says(vector(({"a": "b"}, value), ({"a": "c"}, "1e3")))
    assert (await ask(prometheus, "dev", 30)).p95 == (Sample({"a": "c"}, 1000.0),)


@pytest.mark.parametrize(
    ("status", "body", "said"),
    [
        (400, {"status": "error", "errorType": "bad_data", "error": "parse error"}, "answered 400: parse error"),
        (503, {"status": "error", "error": "starting"}, "answered 503: starting"),
        (404, {}, "answered 404: {}"),
        (500, [], "answered 500: []"),
        (200, {}, "answered something unexpected: {}"),
        (200, [], "answered something unexpected: []"),
        (200, None, "answered something unexpected: null"),
        (200, {"status": "error", "error": "odd"}, "answered something unexpected: "),
        (200, {"status": "success", "data": {"resultType": "matrix", "result": []}}, "answered something unexpected: "),
        (200, {"status": "success", "data": {"resultType": "vector", "result": 7}}, "answered something unexpected: "),
        (200, vector((["a"], "1")), "answered something unexpected: "),
        (200, vector(({"a": "b"}, "many")), "answered something unexpected: "),
        (200, vector(({"a": "b"}, None)), "answered something unexpected: "),
    ],
)
async def test_what_is_no_answer_of_prometheus(prometheus, peer, status, body, said):
    peer.says(body, status=status)
    answered, message = await refusal(prometheus)
    assert (answered, message[: len(said) + 11]) == (502, f"Prometheus {said}")


async def test_without_prometheus(session):
    status, message = await refusal(Backend("Prometheus", None, session, seconds=1))
    assert (status, message) == (503, "there is no Prometheus: the platform runs without it")


@pytest.mark.skipif(not shutil.which("promtool"), reason="promtool evaluates the expressions")
def test_prometheus_understands_the_questions(tmp_path):
    ends = dict.fromkeys(("source_workload", "destination_service", "destination_service_name"), "x")
    ends |= {"reporter": "destination", "destination_workload": "b", "destination_workload_namespace": "dev"}
    calls = ends | {"request_protocol": "grpc", "response_code": "200"}

    def series(metric, values, **labels):
        shown = ",".join(f'{name}="{label}"' for name, label in labels.items())
        return {"series": f"{metric}{{{shown}}}", "values": values}

    def expected(expression, labels, value):
        shown = ",".join(f'{name}="{label}"' for name, label in labels.items())
        return {"expr": expression, "eval_time": "2m", "exp_samples": [{"labels": f"{{{shown}}}", "value": value}]}

    duration = "istio_request_duration_milliseconds_bucket"
    elsewhere = {"destination_workload_namespace": "other"}
    requests, tcp, p95 = expressions("dev", 60)
    test = {
        "interval": "15s",
        "input_series": [
            series("istio_requests_total", "0+30x8", **calls, pod="one"),
            series("istio_requests_total", "0+15x8", **calls, pod="two"),
            series("istio_requests_total", "0+15x8", **calls | elsewhere),
            series("istio_tcp_sent_bytes_total", "0+1500x8", **ends, response_flags="-"),
            series(duration, "0+15x8", **calls, le="10"),
            series(duration, "0+30x8", **calls, le="20"),
            series(duration, "0+30x8", **calls, le="+Inf"),
        ],
        "promql_expr_test": [
            expected(requests, calls, 3),
            expected(tcp, ends | {"response_flags": "-"}, 100),
            expected(p95, {name: label for name, label in calls.items() if name != "response_code"}, 19),
        ],
    }
    path = tmp_path / "test.yml"
    path.write_text(json.dumps({"rule_files": [], "evaluation_interval": "15s", "tests": [test]}))
    done = subprocess.run(["promtool", "test", "rules", path], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
