from dataclasses import replace

import pytest
from matplotlib.figure import Figure
from matplotlib.patches import Circle, FancyBboxPatch, Polygon

from refapp.draw.graph.marks import HEALTH, IDLE, TCP, draw_node, edge_look, node_look, padlock, shape
from refapp.query.mesh.graph import Edge, Node, NodeKind
from refapp.query.mesh.health import Health, Status


@pytest.mark.parametrize(
    ("kind", "entry", "patch", "corners"),
    [
        (NodeKind.APP, False, FancyBboxPatch, None),
        (NodeKind.WORKLOAD, False, Circle, None),
        (NodeKind.SERVICE, False, Polygon, 3),
        (NodeKind.SERVICE, True, Polygon, 5),
        (NodeKind.UNKNOWN, False, Polygon, 4),
    ],
)
def test_each_kind_has_a_shape(kind, entry, patch, corners):
    found = shape(kind, (1, 1), 0.2, entry=entry)
    assert isinstance(found, patch)
    if corners:
        assert len(found.get_xy()) == corners + 1  # the first comes again


def test_each_status_can_be_told_without_its_colour():
    bad = [HEALTH[status] for status in (Status.HEALTHY, Status.DEGRADED, Status.FAILURE)]
    assert len({look.dash for look in bad}) == 3
    assert len({look.colour for look in HEALTH.values()}) == len(HEALTH)


def test_an_edge_is_drawn_by_its_health():
    edge = Edge(source="a", target="b", protocol="grpc", rate=1.0, health=Health(Status.FAILURE))
    assert edge_look(edge) == HEALTH[Status.FAILURE]
    assert edge_look(replace(edge, rate=0.0)) == IDLE
    assert edge_look(replace(edge, protocol="tcp")) == TCP


def test_a_node_has_a_sign_when_it_is_not_well(parts):
    for status, marked in (
        (Status.HEALTHY, False),
        (Status.DEGRADED, True),
        (Status.FAILURE, True),
        (Status.NA, False),
    ):
        figure = Figure()
        node = Node(id="n", kind=NodeKind.APP, app="a", health=Health(status))
        draw_node(figure.subplots(), node, (0.5, 0.5))
        assert ("sign n" in parts(figure)) == marked
        assert node_look(node).colour == HEALTH[status].colour


def test_what_is_idle_or_dead_is_dotted():
    node = Node(id="n", kind=NodeKind.APP, health=Health(Status.FAILURE))
    assert node_look(replace(node, idle=True)) == node_look(replace(node, dead=True)) == IDLE


def test_an_open_padlock_looks_different(parts):
    figure = Figure()
    axes = figure.subplots()
    for closed in (True, False):
        padlock(axes, (0.5, 0.5), closed=closed, gid=f"{closed}")
    found = parts(figure)
    assert found["True"].get_facecolor() != found["False"].get_facecolor()
