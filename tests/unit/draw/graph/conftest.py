"""Graphs of the shapes that the figures have to bear, and what is looked at in a figure."""

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from matplotlib.text import Text

from refapp.draw import style
from refapp.query.mesh.graph import Edge, Graph, Node, NodeKind, ResponseTimes
from refapp.query.mesh.health import Health, Status
from refapp.query.mesh.replay import Replay
from refapp.topology import REFERENCE

NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
FAILING = Health(Status.FAILURE, ("inbound grpc: 34 % with code 14",))


def app(name, version="v1", namespace="dev", **fields):
    return Node(
        id=f"app {name} {version}",
        kind=NodeKind.APP,
        namespace=namespace,
        workload=f"{name}-{version}",
        app=name,
        version=version,
        health=Health(Status.HEALTHY),
        **fields,
    )


def service(name, namespace="dev", **fields):
    known = {"app": name} | fields
    return Node(id=f"svc {name}", kind=NodeKind.SERVICE, namespace=namespace, service=name, **known)


def store(name):
    return service(name, app="", service_entry="MESH_EXTERNAL")


def edge(source, target, protocol="grpc", rate=3.0, **fields):
    known = {"share": 0.5, "mtls": 1.0, "health": Health(Status.HEALTHY)} | fields
    if protocol == "tcp":
        known |= {"mtls": None}
    return Edge(source=source.id, target=target.id, protocol=protocol, rate=rate, **known)


def make_graph(nodes, edges, kind="versionedApp"):
    return Graph(
        kind=kind,
        time=NOW,
        duration=timedelta(minutes=5),
        namespaces=("dev",),
        nodes=tuple(nodes),
        edges=tuple(edges),
    )


def reference_graph():
    """The reference platform: 11 applications, 11 services, 24 edges."""
    names = ["istio-ingressgateway", *(workload.name for workload in REFERENCE)]
    apps = {name: app(name) for name in names}
    calls = [("istio-ingressgateway", "angular-ui"), ("istio-ingressgateway", "rev-proxy"), *REFERENCE.calls]
    services = {callee: service(callee) for _, callee in calls}
    stores = {name: store(name) for name in ("mongodb", "rabbitmq")}
    times = ResponseTimes(12.0, 10.0, 24.0, 25.0)
    edges = [edge(apps[caller], services[callee]) for caller, callee in calls]
    edges += [edge(services[callee], apps[callee], times=times, throughput=1560.0) for _, callee in calls]
    edges += [edge(apps[f"service-{name}"], stores["mongodb"], "tcp", 424.0) for name in "cfgh"]
    edges += [edge(apps[f"service-{name}"], stores["rabbitmq"], "tcp", 23456.0) for name in "df"]
    return make_graph([*apps.values(), *services.values(), *stores.values()], edges)


def ill_graph():
    """The same with a failing service, an open lock, two namespaces, and something idle."""
    graph = reference_graph()

    def hurt(one):
        if "service-h" in one.target:
            return replace(one, errors=one.rate * 0.34, health=FAILING, mtls=0.8)
        return replace(one, rate=0.0) if "service-c" in one.source else one

    def moved(node):
        if node.name == "istio-ingressgateway":
            return replace(node, namespace="istio-system", outside=True)
        return replace(node, health=FAILING) if node.name == "service-h" else node

    idle = [app("idle", idle=True), service("idle", idle=True)]
    return replace(graph, nodes=(*map(moved, graph.nodes), *idle), edges=tuple(map(hurt, graph.edges)))


def awkward_graph():
    """A cycle, a loop, calls back, two versions, two protocols between the same nodes, long names, and nobody known."""
    long = "an-application-with-a-very-long-name-indeed"
    a, b1, b2, c, x = app("a"), app("b"), app("b", "v2"), app(long), Node(id="?", kind=NodeKind.UNKNOWN)
    b = service("b")
    edges = [
        edge(a, b),
        edge(b, b1),
        edge(b, b2, errors=1.0, health=FAILING),
        edge(b1, a),
        edge(b2, c, "http"),
        edge(b2, c),
        edge(c, c),
        edge(c, b),
        edge(b1, b),
        edge(x, a, "tcp"),
    ]
    return make_graph([a, b1, b2, c, x, b], edges)


@pytest.fixture(autouse=True)
def _style():
    style.use()


@pytest.fixture
def reference():
    return reference_graph()


@pytest.fixture
def ill():
    return ill_graph()


@pytest.fixture
def awkward():
    return awkward_graph()


@pytest.fixture
def replay():
    """Three moments, of which the second has a failure and the third another edge."""
    whole = reference_graph()
    bad = replace(ill_graph(), nodes=whole.nodes)
    first = replace(whole, edges=whole.edges[:-1])
    moments = (first, bad, whole)
    return Replay(tuple(replace(one, time=NOW + timedelta(seconds=10 * n)) for n, one in enumerate(moments)))


@pytest.fixture(scope="session")
def build():
    """Makes a graph of names and pairs, all of them applications without services."""

    def build(names, pairs, protocols=("grpc",)):
        apps = {name: app(name) for name in names}
        return make_graph(apps.values(), [edge(apps[a], apps[b], p) for a, b in pairs for p in protocols])

    return build


@pytest.fixture(scope="session")
def off_page():
    """The texts of a figure that are not on it as a whole."""

    def off_page(figure):
        figure.draw_without_rendering()
        page = figure.bbox
        texts = [text for text in figure.findobj(Text) if text.get_text().strip() and text.get_visible()]
        # Without numbers of axes: those beyond the limits are not drawn.
        boxes = {text.get_text(): text.get_window_extent() for text in texts if re.search("[a-z]", text.get_text())}
        return [
            text
            for text, box in boxes.items()
            if not (page.x0 - 1 <= box.x0 and box.x1 <= page.x1 + 1 and page.y0 - 1 <= box.y0 and box.y1 <= page.y1 + 1)
        ]

    return off_page
