from dataclasses import replace

import pytest

from refapp.draw.graph.units import SIZE, name_lines, units
from refapp.draw.sheet import TINY
from refapp.draw.texts import width


def test_an_application_stands_with_its_service(reference):
    found = {unit.title: unit for unit in units(reference) if unit.title}
    unit = found["service-a"]
    assert set(unit.nodes) == {"app service-a v1", "svc service-a"}
    assert unit.names == {"app service-a v1": ("v1",), "svc service-a": ()}
    left, right = unit.nodes["svc service-a"], unit.nodes["app service-a v1"]
    assert left[0] + SIZE < right[0]
    assert left[1] == right[1] == unit.anchor


def test_what_stands_alone_has_its_name_below(reference):
    unit = next(unit for unit in units(reference) if "svc mongodb" in unit.nodes)
    assert (unit.title, unit.names["svc mongodb"]) == ("", ("mongodb",))
    assert unit.width == SIZE
    assert unit.reach > 0


def test_versions_stand_below_each_other(awkward):
    unit = next(unit for unit in units(awkward) if len(unit.nodes) == 3)
    one, other = unit.nodes["app b v1"], unit.nodes["app b v2"]
    assert one[0] == other[0]
    assert other[1] - one[1] > SIZE
    assert unit.anchor == pytest.approx((one[1] + other[1]) / 2) == pytest.approx(unit.nodes["svc b"][1])


def test_a_graph_of_workloads_has_no_boxes_and_says_a_name_once(reference):
    found = units(replace(reference, kind="workload"))
    assert all(not unit.title for unit in found)


def test_nodes_are_within_their_unit(reference, awkward, ill):
    for graph in (reference, awkward, ill):
        for unit in units(graph, lines=3):
            for x, y in unit.nodes.values():
                assert x + 1e-9 >= SIZE / 2 and x <= unit.width - SIZE / 2 + 1e-9  # noqa: PT018
                assert y + 1e-9 >= SIZE / 2 and y + SIZE / 2 <= unit.height + 1e-9  # noqa: PT018


def test_more_lines_have_more_room(reference):
    one, three = (units(reference, lines=lines)[1] for lines in (1, 3))
    assert three.height - one.height == pytest.approx(0.25)


@pytest.mark.parametrize("name", ["istio-ingressgateway", "x" * 60, "a-" * 40, "short", ""])
def test_names_have_at_most_three_lines_that_fit(name):
    lines = name_lines(name)
    assert len(lines) <= 3
    assert all(width(line, TINY) <= 0.84 for line in lines)
