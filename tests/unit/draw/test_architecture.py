import dataclasses
from io import StringIO
from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from matplotlib.backends.backend_agg import FigureCanvasAgg

from refapp.draw.architecture import Part, Way, architecture
from refapp.topology import REFERENCE, Kind, Topology, Workload

GATEWAY = Workload(name="rev-proxy", title="gRPC Gateway", kind=Kind.GATEWAY, calls=("service-a",))


def with_ninth_service():
    """The reference platform and a Service I, which Service C calls."""
    ninth = Workload(name="service-i", title="Service I", database="service-i")
    changed = (
        dataclasses.replace(workload, calls=("service-i",)) if workload.name == "service-c" else workload
        for workload in REFERENCE
    )
    return Topology((*changed, ninth))


@st.composite
def topologies(draw):
    """A gateway and up to nine services that call later ones, store, publish and consume as it comes."""
    names = [f"service-{letter}" for letter in "abcdefghi"[: draw(st.integers(1, 9))]]
    publishers = draw(st.sets(st.sampled_from(names)))
    services = []
    for at, name in enumerate(names):
        consumes = draw(st.sampled_from([None, *sorted(publishers)]))
        services.append(
            Workload(
                name=name,
                title=name.replace("-", " ").title(),
                calls=tuple(sorted(draw(st.sets(st.sampled_from(names[at + 1 :]), max_size=2))))
                if names[at + 1 :]
                else (),
                database=draw(st.sampled_from(["x", name])) if consumes else draw(st.sampled_from([None, "x", name])),
                publishes=f"queue-{name}" if name in publishers else None,
                consumes=f"queue-{consumes}" if consumes else None,
            )
        )
    return Topology((GATEWAY, *services))


def drawn(topology):
    """The patches of the figure by their gid, and the axes, laid out."""
    figure = architecture(topology)
    FigureCanvasAgg(figure).draw()
    (axes,) = figure.axes
    return {patch.get_gid(): patch for patch in axes.patches}, axes


def nodes(patches):
    return {name: patch.get_window_extent() for name, patch in patches.items() if "→" not in name}


def texts(axes):
    return [text.get_text() for text in axes.texts]


def legend(topology):
    (entries,) = architecture(topology).legends
    return [text.get_text() for text in entries.get_texts()]


def test_every_part_of_the_platform_is_a_node():
    patches, _ = drawn(REFERENCE)
    stores = [f"queue {name}" for name in REFERENCE.queues] + [f"database {name}" for name in REFERENCE.databases]
    assert sorted(nodes(patches)) == sorted(["client", *(workload.name for workload in REFERENCE), *stores])


def test_every_communication_is_an_edge():
    patches, _ = drawn(REFERENCE)
    expected = {
        "client → angular-ui",
        "client → rev-proxy",
        *(f"{caller} → {callee}" for caller, callee in REFERENCE.calls),
        "service-d → queue service-d.greeting",
        "queue service-d.greeting → service-f",
        *(f"service-{letter} → database service-{letter}" for letter in "cfgh"),
    }
    assert {name for name in patches if "→" in name} == expected


def test_a_ninth_service_appears_by_itself():
    patches, axes = drawn(with_ninth_service())
    assert {"service-i", "service-c → service-i", "service-i → database service-i"} <= set(patches)
    assert "Service I" in texts(axes)
    assert "8" in texts(axes)


def test_numbers_are_the_places_in_the_answer():
    _, axes = drawn(REFERENCE)
    assert [text for text in texts(axes) if text.isdecimal()] == ["1", "2", "7", "3", "4", "5", "6"]


def test_a_service_called_twice_has_two_places():
    called_twice = Workload(name="service-c", title="Service C")
    topology = Topology(
        (
            GATEWAY,
            Workload(name="service-a", title="Service A", calls=("service-b", "service-c")),
            Workload(name="service-b", title="Service B", calls=("service-c",)),
            called_twice,
        )
    )
    assert "3, 4" in texts(drawn(topology)[1])


@pytest.mark.parametrize("topology", [REFERENCE, with_ninth_service()], ids=["reference", "nine"])
def test_labels_stay_within_their_nodes(topology):
    patches, axes = drawn(topology)
    boxes = list(nodes(patches).values())
    labels = [text.get_window_extent() for text in axes.texts if not text.get_bbox_patch()]
    assert len(labels) == len(boxes)
    for box, label in zip(boxes, labels, strict=True):
        assert box.x0 < label.x0 < label.x1 < box.x1
        assert box.y0 < label.y0 < label.y1 < box.y1


@pytest.mark.parametrize("topology", [REFERENCE, with_ninth_service()], ids=["reference", "nine"])
def test_everything_is_below_what_leads_to_it(topology):
    patches, _ = drawn(topology)
    boxes = nodes(patches)
    for name in patches:
        source, _, target = name.partition(" → ")
        assert not target or boxes[target].y1 < boxes[source].y0


@settings(deadline=None, max_examples=25)
@given(topologies())
def test_no_two_nodes_overlap_whatever_the_topology(topology):
    boxes = nodes(drawn(topology)[0])
    assert set(boxes) >= {workload.name for workload in topology}
    assert [pair for pair in combinations(boxes, 2) if boxes[pair[0]].overlaps(boxes[pair[1]])] == []


def test_legend_explains_what_there_is():
    assert legend(REFERENCE) == [
        *Way,
        "place of its greeting in the answer",
        *(part for part in Part if part != "client"),
    ]


def test_legend_leaves_out_what_there_is_not():
    topology = Topology((GATEWAY, Workload(name="service-a", title="Service A")))
    assert legend(topology) == [Way.HTTP, Way.CALL, "place of its greeting in the answer", Part.GATEWAY, Part.SERVICE]


def test_figure_can_be_written_as_svg():
    out = StringIO()
    architecture(REFERENCE).savefig(out, format="svg")
    assert 'id="service-a"' in out.getvalue()
