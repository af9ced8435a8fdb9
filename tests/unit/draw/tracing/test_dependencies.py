import pytest

from refapp.draw.style import VERMILION
from refapp.draw.tracing.dependencies import dependencies
from refapp.query.tracing.dependencies import Dependencies

LAYOUTS = ["layered", "force"]


def arrows(parts):
    return {gid: part for gid, part in parts.items() if " → " in gid and not gid.startswith("calls ")}


@pytest.mark.parametrize("layout", LAYOUTS)
def test_every_service_is_a_node_and_every_pair_an_arrow(any_deps, layout, parts):
    found = parts(dependencies(any_deps, layout))
    assert set(any_deps.nodes) <= set(found)
    assert set(arrows(found)) == {f"{edge.parent} → {edge.child}" for edge in any_deps.edges}


@pytest.mark.parametrize("layout", LAYOUTS)
def test_an_arrow_says_how_many_calls_there_were_and_how_many_failed(deps, layout, written):
    texts = written(dependencies(deps.reference, layout))
    assert texts["calls service-a.dev → service-c.dev"] == "120"
    assert texts["calls service-a.dev → service-b.dev"] == "120 (70 failed)"
    assert texts["facts"] == "11 services  ·  1,200 calls, 273 of them failed"
    assert texts["name service-a.dev"] == "service-a"


@pytest.mark.parametrize("layout", LAYOUTS)
def test_arrows_with_failures_are_broken_and_red(deps, layout, parts):
    found = arrows(parts(dependencies(deps.reference, layout)))
    good, bad = (found[f"service-a.dev → service-{name}.dev"] for name in "cb")
    assert good.get_linestyle() != bad.get_linestyle()
    assert "#{:02x}{:02x}{:02x}".format(*(round(255 * part) for part in bad.get_edgecolor()[:3])) == VERMILION
    assert good.get_edgecolor() != bad.get_edgecolor()


def test_errors_that_are_not_counted_are_not_claimed(deps, written):
    texts = written(dependencies(deps.cyclic))
    assert "failed" not in " ".join(texts.values())


def test_whatever_calls_is_above_what_it_calls(deps, parts):
    found = parts(dependencies(deps.reference))
    for edge in deps.reference.edges:
        assert found[edge.parent].get_window_extent().y0 > found[edge.child].get_window_extent().y1


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("name", ["reference", "cyclic", "awkward", "pair"])
def test_figures_are_readable(deps, name, layout, flaws):
    assert flaws(dependencies(getattr(deps, name), layout)) == []


def test_many_services_stay_on_the_page(deps, parts):
    figure = dependencies(deps.wide)
    found = parts(figure)
    assert len(arrows(found)) == len(deps.wide.edges)
    boxes = [text.get_window_extent() for text in figure.axes[0].texts]
    assert all(figure.bbox.x0 <= box.x0 and box.x1 <= figure.bbox.x1 for box in boxes)
    assert all(figure.bbox.y0 <= box.y0 and box.y1 <= figure.bbox.y1 for box in boxes)


def test_wrong_arguments_are_refused(deps):
    with pytest.raises(ValueError, match="no services"):
        dependencies(Dependencies((), ()))
    with pytest.raises(ValueError, match="'round'"):
        dependencies(deps.pair, "round")


def test_services_without_calls_are_drawn(parts):
    for layout in LAYOUTS:
        assert {"a", "b"} <= set(parts(dependencies(Dependencies(("a", "b"), ()), layout)))
