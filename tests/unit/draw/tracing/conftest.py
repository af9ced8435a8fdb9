"""Traces of the shapes that the figures have to bear."""

from dataclasses import replace
from itertools import combinations
from types import SimpleNamespace

import pytest
from matplotlib.text import Text
from matplotlib.transforms import Bbox

from refapp.query.tracing.dependencies import Dependencies, Edge
from refapp.query.tracing.spans import Event, Link, Span, Trace

START = 1_767_323_045_000_000  # 2026-01-02 03:04:05 UTC
TRACE_ID = "4bf92f3577b34da6a3ce929d0e0e4736"
# span, parent, service, kind, whose operation, start and duration in microseconds
REFERENCE = (
    ("01", "", "istio-ingressgateway", "CLIENT", "rev-proxy", 0, 8124),
    ("02", "01", "rev-proxy", "SERVER", "rev-proxy", 402, 7480),
    ("03", "02", "rev-proxy", "CLIENT", "service-a", 1011, 6495),
    ("04", "03", "service-a", "SERVER", "service-a", 1318, 5902),
    ("05", "04", "service-a", "CLIENT", "service-b", 1803, 4890),
    ("06", "05", "service-b", "SERVER", "service-b", 2088, 4370),
    ("07", "06", "service-b", "CLIENT", "service-d", 2395, 1320),
    ("08", "07", "service-d", "SERVER", "service-d", 2621, 870),
    ("09", "06", "service-b", "CLIENT", "service-e", 2452, 3688),
    ("0a", "09", "service-e", "SERVER", "service-e", 2701, 3205),
    ("0b", "0a", "service-e", "CLIENT", "service-g", 3020, 1404),
    ("0c", "0b", "service-g", "SERVER", "service-g", 3285, 902),
    ("0d", "0a", "service-e", "CLIENT", "service-h", 3077, 2390),
    ("0e", "0d", "service-h", "SERVER", "service-h", 3333, 1871),
    ("0f", "04", "service-a", "CLIENT", "service-c", 1850, 1690),
    ("10", "0f", "service-c", "SERVER", "service-c", 2110, 1207),
)


def tags(operation, status="200", grpc="0"):
    return {
        "component": "proxy",
        "downstream_cluster": "-",
        "grpc.authority": f"{operation}:50051",
        "grpc.status_code": grpc,
        "guid:x-request-id": "6c1b8b2e-2f2c-9b57-a2b7-1f6f0b6f5c5d",
        "http.method": "POST",
        "http.protocol": "HTTP/2",
        "http.status_code": status,
        "http.url": f"http://{operation}.dev.svc.cluster.local:50051/greeting.v3.GreetingService/Greeting",
        "istio.canonical_revision": "latest",
        "istio.mesh_id": "cluster.local",
        "istio.namespace": "dev",
        "node_id": f"sidecar~10.42.0.23~{operation}-69d7469cbf-ts4t7.dev~dev.svc.cluster.local",
        "peer.address": "10.42.0.23",
        "request_size": "5",
        "response_flags": "-",
        "response_size": "147",
        "upstream_cluster": f"outbound|50051||{operation}.dev.svc.cluster.local",
        "user_agent": "grpc-python/1.85.1 grpc-c/54.0.0 (linux; chttp2)",
    }


def span(ident, parent, service, kind, operation, start, duration, **more):
    return Span(
        trace_id=TRACE_ID,
        span_id=ident.zfill(16),
        parent_id=parent and parent.zfill(16),
        service=service,
        operation=operation,
        kind=kind,
        start=START + start,
        duration=duration,
        **more,
    )


def reference_spans():
    return [
        span(ident, parent, f"{service}.dev", kind, f"{to}.dev.svc.cluster.local/*", *times, tags=tags(to))
        for ident, parent, service, kind, to, *times in REFERENCE
    ]


def with_error(spans, idents):
    failed = {ident.zfill(16) for ident in idents}
    return [
        replace(one, tags={**one.tags, "error": "true", "http.status_code": "200", "grpc.status_code": "14"})
        if one.span_id in failed
        else one
        for one in spans
    ]


@pytest.fixture
def build():
    """A trace of rows (span, parent, service, kind, operation, start, duration)."""
    return lambda *rows: Trace(TRACE_ID, tuple(span(*row) for row in rows))


@pytest.fixture
def reference():
    """One request across the platform: 16 spans in 9 services."""
    return Trace(TRACE_ID, tuple(reference_spans()))


@pytest.fixture
def failed():
    """The same, but Service H did not answer."""
    return Trace("0af7651916cd43dd8448eb211c80319c", tuple(with_error(reference_spans(), ["0e", "0d", "0a", "09"])))


@pytest.fixture
def delayed():
    """The same, but Service G took two seconds more, and with it whatever waits for it."""
    late, until = 2_000_000, {ident.zfill(16) for ident in ("01", "02", "03", "04", "05", "06", "09", "0a", "0b", "0c")}
    spans = (replace(one, duration=one.duration + late) if one.span_id in until else one for one in reference_spans())
    return Trace("1af7651916cd43dd8448eb211c80319c", tuple(spans))


@pytest.fixture
def messages():
    """A message from Service D to Service F by way of the queue, with events, a link and what follows later."""
    events = (Event(time=START + 940, text="confirmed by the broker"), Event(time=START + 300, text="serialized"))
    return Trace(
        TRACE_ID,
        (
            span("01", "", "service-d.dev", "SERVER", "greeting.v3.GreetingService/Greeting", 0, 1200),
            span("02", "01", "service-d.dev", "PRODUCER", "service-d.greeting publish", 200, 800, events=events),
            span(
                "03",
                "02",
                "service-f.dev",
                "CONSUMER",
                "service-d.greeting process",
                2600,
                1400,
                remote="rabbitmq.dev",
                links=(Link(trace_id=TRACE_ID, span_id="2".zfill(16)),),
            ),
            span("04", "03", "service-f.dev", "CLIENT", "insert service-f.messages", 2900, 900, remote="mongodb.dev"),
        ),
    )


@pytest.fixture
def single():
    """One span that took no time that its clock could tell."""
    return Trace(TRACE_ID, (span("1", "", "curl", "", "GET", 0, 0),))


@pytest.fixture
def large():
    """A root and 59 calls of 14 services, some within each other."""
    rows = [span("1", "", "front.dev", "SERVER", "GET /report", 0, 60_000)]
    for number in range(2, 61):
        parent = "1" if number % 4 == 2 else format(number - 1, "x")
        start = 900 * number - 300
        rows.append(
            span(
                format(number, "x"),
                parent,
                f"worker-{number % 14}.dev",
                ("CLIENT", "SERVER")[number % 2],
                f"Part{number % 5}",
                start,
                4200 - 900 * ((number + 2) % 4),
            )
        )
    return Trace("2af7651916cd43dd8448eb211c80319c", tuple(rows))


@pytest.fixture
def awkward():
    """Names that are very long, read from right to left, or would be formulas."""
    long = "a-service-whose-name-is-as-long-as-kubernetes-allows-a-name-to-be.namespace-of-length"
    return Trace(
        TRACE_ID,
        (
            span("01", "", long, "SERVER", "/very.long.package.v1.VeryLongServiceName/VeryLongMethodName", 0, 9000),
            span("02", "01", "שירות-ההזמנות.dev", "CLIENT", "קבלת הזמנה", 500, 8000),
            span("03", "02", "خدمة-الدفع.dev", "SERVER", "ادفع الآن", 900, 7000, tags={"error": "true"}),
            span("04", "03", "cost$.dev", "CLIENT", "from $1 to $2 and \\frac{1}{2}_{x}", 1200, 3),
        ),
    )


def calls(*rows):
    """Dependencies of rows (parent, child, calls, errors)."""
    names = ("parent", "child", "calls", "errors")
    return Dependencies.of(Edge(**dict(zip(names, row, strict=True))) for row in rows)


def deps_reference():
    """The platform: nine services, a broker, and a service that takes its messages."""
    names = (
        ("istio-ingressgateway", "rev-proxy", 0),
        ("rev-proxy", "service-a", 3),
        ("service-a", "service-b", 70),
        ("service-a", "service-c", 0),
        ("service-b", "service-d", 0),
        ("service-b", "service-e", 100),
        ("service-d", "rabbitmq", 0),
        ("rabbitmq", "service-f", 0),
        ("service-e", "service-g", 0),
        ("service-e", "service-h", 100),
    )
    return calls(*((f"{parent}.dev", f"{child}.dev", 120, errors) for parent, child, errors in names))


def deps_cyclic():
    """A service that calls itself, two that call each other, and calls past a layer; errors are not counted."""
    rows = ("aa", "ab", "ba", "bc", "cd", "ad", "da", "ac", "ae", "ed")
    return calls(*((f"service-{a}", f"service-{b}", 12_345, None) for a, b in rows))


def deps_wide():
    """A front that calls forty, every third of which calls a store."""
    rows = [("front", f"worker-{number}", number + 1, number % 2) for number in range(40)]
    return calls(*rows, *((f"worker-{number}", f"store-{number % 4}", 7, 0) for number in range(0, 40, 3)))


def deps_awkward():
    """Names that are long or read from right to left."""
    return calls(
        ("a-service-whose-name-is-as-long-as-kubernetes-allows", "שירות-ההזמנות", 1, 1),
        ("שירות-ההזמנות", "خدمة-الدفع", 1_000_000, 250_000),
        ("שירות-ההזמנות", "cost$ and $1", 3, 2),
    )


def deps_pair():
    """One service that calls another."""
    return calls(("curl", "front", 1, 0))


DEPS = {
    "reference": deps_reference,
    "cyclic": deps_cyclic,
    "wide": deps_wide,
    "awkward": deps_awkward,
    "pair": deps_pair,
}


@pytest.fixture(params=["reference", "failed", "delayed", "messages", "single", "large", "awkward"])
def any_trace(request):
    """Each of the traces above."""
    return request.getfixturevalue(request.param)


@pytest.fixture(params=["reference", "cyclic", "awkward", "pair"])
def any_deps(request):
    """Each of the dependencies above but the largest ones."""
    return DEPS[request.param]()


@pytest.fixture
def deps():
    """The dependencies above by name, and `of` rows (parent, child, calls, errors)."""
    return SimpleNamespace(**{name: make() for name, make in DEPS.items()}, of=calls)


@pytest.fixture
def flaws():
    """What makes a figure hard to read: small letters, letters beyond its edge, and letters on other letters."""

    def flaws(figure):
        figure.draw_without_rendering()
        undrawn = {label for axes in figure.axes for label in outside(axes)}
        texts = [text for text in figure.findobj(Text) if text.get_text() and text.get_visible()]
        texts = [text for text in texts if text not in undrawn]
        boxes = [(text.get_text(), tight(text)) for text in texts]
        page = figure.bbox
        small = [f"small: {text.get_text()}" for text in texts if text.get_fontsize() < 7.5]
        beyond = [
            f"beyond: {text}"
            for text, box in boxes
            if box.x0 < page.x0 or box.x1 > page.x1 or box.y0 < page.y0 or box.y1 > page.y1
        ]
        on = [f"{one} on {other}" for (one, a), (other, b) in combinations(boxes, 2) if a.overlaps(b)]
        return small + beyond + on

    return flaws


def outside(axes):
    """The labels of ticks that are not shown."""
    for axis in (axes.xaxis, axes.yaxis):
        low, high = sorted(axis.get_view_interval())
        yield from (tick.label1 for tick in axis.majorTicks if not low <= tick.get_loc() <= high)


def tight(text):
    """The box of a text without what is drawn round it, a little smaller than its letters."""
    box = Text.get_window_extent(text)
    return Bbox.from_extents(box.x0 + 0.5, box.y0 + 1.5, box.x1 - 0.5, box.y1 - 1.5)
