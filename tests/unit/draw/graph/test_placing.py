from itertools import pairwise

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from refapp.draw.graph.placing import place
from refapp.draw.graph.units import LINE, SIZE
from refapp.draw.routes import Box
from refapp.draw.sheet import TINY
from refapp.draw.style import WIDTH
from refapp.draw.texts import width

NAMES = "abcdefg"
PAIRS = st.lists(st.tuples(st.sampled_from(NAMES), st.sampled_from(NAMES)), max_size=12, unique=True)


def rectangles(placed):
    for unit in placed.units:
        x, y = placed.corners[unit.key]
        yield unit.key, x, y, x + unit.width, y + unit.height


def test_the_reference_has_the_width_of_the_book(reference):
    placed = place(reference, 0.3, 0.6)
    assert placed.width == WIDTH
    assert placed.height < 5
    assert not placed.bands


def test_calls_lead_to_the_right(reference):
    placed = place(reference, 0.3, 0.6)
    for edge in reference.edges:
        assert placed.centres[edge.source][0] < placed.centres[edge.target][0]


def test_a_line_leads_from_its_source_to_its_target(reference, awkward):
    for graph in (reference, awkward):
        placed = place(graph, 0.3, 0.6)
        for edge in graph.edges:
            line = placed.lines[edge.id]
            for end, name in ((line[0], edge.source), (line[-1], edge.target)):
                assert np.hypot(*(end - placed.centres[name])) < SIZE * 0.9


def test_lines_between_the_same_nodes_are_apart(awkward):
    placed = place(awkward, 0.3, 0.6)
    one, other = (placed.lines[edge.id] for edge in awkward.edges if "b v2" in edge.source)
    assert abs(one[:, 1].mean() - other[:, 1].mean()) > 0.05


def test_lines_do_not_run_through_other_nodes(reference):
    placed = place(reference, 0.3, 0.6)
    for edge in reference.edges:
        line = placed.lines[edge.id]
        for name, centre in placed.centres.items():
            if name not in (edge.source, edge.target):
                assert (np.abs(line - centre).max(axis=1) > SIZE / 2).all()


def test_lines_do_not_run_through_the_name_below_their_beginning(reference, build):
    long = "istio-ingressgateway"
    for graph in (reference, build([long, "b", "c"], [(long, "b"), (long, "c")])):
        placed = place(graph, 0.3, 0.6)
        (unit,) = (unit for unit in placed.units if long in unit.key)
        ((name, lines),) = unit.names.items()
        x, y = placed.centres[name]
        wide, high = max(width(line, TINY) for line in lines), LINE * len(lines)
        below = Box((x, y + SIZE / 2 + 0.03 + high / 2), wide, high)
        leaving = [edge.id for edge in graph.edges if edge.source == name]
        assert len(leaving) == 2
        assert not any(below.holds(placed.lines[edge]).any() for edge in leaving)


def test_namespaces_are_bands_the_callers_first(ill):
    placed = place(ill, 0.3, 0.6)
    assert list(placed.bands) == ["istio-system", "dev"]
    (_, end), (begin, last) = placed.bands.values()
    assert end < begin
    assert last + 0.6 <= placed.height
    for unit in placed.units:
        low, high = placed.bands[unit.namespace]
        top = placed.corners[unit.key][1]
        assert low < top
        assert top + unit.height < high


def test_nobody_known_is_in_no_band(awkward):
    assert not place(awkward, 0.3, 0.6).bands


def test_a_deeper_graph_is_wider(build):
    names = [f"n{number}" for number in range(20)]
    graph = build(names, list(pairwise(names)))
    assert place(graph, 0.3, 0.6).width > WIDTH


@settings(deadline=None, max_examples=60)
@given(PAIRS)
def test_units_never_overlap_and_everything_is_on_the_page(build, pairs):
    placed = place(build(NAMES, pairs), 0.3, 0.6)
    found = list(rectangles(placed))
    for number, (_, left, top, right, bottom) in enumerate(found):
        assert left >= 0
        assert top >= 0.3 - 1e-9
        assert right <= placed.width
        assert bottom <= placed.height - 0.6 + 1e-9
        for _, x0, y0, x1, y1 in found[:number]:
            assert right <= x0 or x1 <= left or bottom <= y0 or y1 <= top
    assert set(placed.lines) == {f"app {a} v1 → app {b} v1 grpc" for a, b in pairs}
    for line in placed.lines.values():
        assert np.isfinite(line).all()
        assert line[:, 1].max() <= placed.height - 0.6 + 1e-9
