"""The spans that sidecars send."""

import httpx


def b3(trace, **more):
    """The headers of a caller that has begun a trace."""
    return {"x-b3-traceid": trace, "x-b3-spanid": trace[16:], **more}


def test_a_call_has_a_span_at_each_end(mesh, eventually):
    trace = "463ac35c9f6413ad48485a3953bb6124"
    httpx.get(mesh.api, headers=b3(trace, **{"x-b3-sampled": "1"})).raise_for_status()

    def spans():
        return [span for span in mesh.spans if span["traceId"] == trace]

    eventually(lambda: len(spans()) >= 4)
    by_parent = {span["parentId"]: span for span in spans()}
    path, parent = [], trace[16:]
    while parent in by_parent:
        span = by_parent[parent]
        path.append((span["kind"], span["localEndpoint"]["serviceName"]))
        parent = span["id"]
    assert path == [
        ("CLIENT", "istio-ingressgateway.dev"),
        ("SERVER", "rev-proxy.dev"),
        ("CLIENT", "rev-proxy.dev"),
        ("SERVER", "service-a.dev"),
    ]
    assert len(spans()) == 4


def test_a_caller_may_ask_for_no_spans(mesh, eventually):
    silent, heard = "563ac35c9f6413ad48485a3953bb6124", "663ac35c9f6413ad48485a3953bb6124"
    httpx.get(mesh.api, headers=b3(silent, **{"x-b3-sampled": "0"})).raise_for_status()
    httpx.get(mesh.api, headers=b3(heard, **{"x-b3-sampled": "1"})).raise_for_status()
    eventually(lambda: len([span for span in mesh.spans if span["traceId"] == heard]) == 4)
    assert [span for span in mesh.spans if span["traceId"] == silent] == []
