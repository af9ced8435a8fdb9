from io import StringIO

import pytest

from refapp.draw.colours import service_colours
from refapp.draw.style import VERMILION, WIDTH
from refapp.draw.tracing.timeline import timeline


def bar(parts, ident):
    found = parts[f"span {ident.zfill(16)}"]
    return found.get_x(), found.get_width(), found.get_y() + found.get_height() / 2


def test_a_bar_goes_from_start_to_end_in_the_row_of_its_span(reference, parts):
    found = parts(timeline(reference))
    assert bar(found, "01") == pytest.approx((0, 8124, 0))
    assert bar(found, "0b") == pytest.approx((3020, 1404, 10))
    assert bar(found, "10") == pytest.approx((2110, 1207, 15))


def test_the_bars_of_a_service_have_its_colour(reference, parts):
    found, colours = parts(timeline(reference)), service_colours(reference.services)
    for span in reference.spans:
        figure_colour = found[f"span {span.span_id}"].get_facecolor()
        assert "#{:02x}{:02x}{:02x}".format(*(round(255 * part) for part in figure_colour[:3])) == colours[span.service]


def test_a_row_names_service_operation_and_duration(reference, written):
    texts = written(timeline(reference))
    ident = "8".zfill(16)
    assert [texts[f"{part} {ident}"] for part in ("service", "operation", "duration")] == [
        "service-d",
        "service-d/*",
        "870 µs",
    ]


def test_the_heading_says_what_jaeger_says(failed, written):
    texts = written(timeline(failed))
    assert texts["title"] == "istio-ingressgateway.dev: rev-proxy.dev.svc.cluster.local/*"
    assert texts["trace id"] == "0af7651"
    expected = "2026-01-02 03:04:05.000 UTC  ·  8.12 ms  ·  9 services  ·  depth 10  ·  16 spans  ·  4 errors"
    assert texts["facts"] == expected


def test_names_keep_their_namespace_where_it_is_not_the_same(awkward, written):
    assert written(timeline(awkward))[f"service {'4'.zfill(16)}"] == "cost$.dev"


def test_names_are_indented_below_their_parent(reference, parts):
    found = parts(timeline(reference))
    left = {depth: found[f"service {span.span_id}"].get_position()[0] for depth, span in reference.walk()}
    assert [left[depth] for depth in sorted(left)] == sorted(left.values())
    assert len(set(left.values())) == reference.depth


def test_a_guide_leads_down_to_the_last_child(reference, parts):
    figure = timeline(reference)
    found = parts(figure)
    (top, bottom) = found[f"guide {'4'.zfill(16)}"].get_ydata()
    last = found[f"service {'f'.zfill(16)}"].get_position()[1]
    assert top < bottom == pytest.approx(last)
    assert f"guide {'10'.zfill(16)}" not in found


def test_errors_are_marked_by_a_sign_and_by_the_colour_of_the_duration(failed, parts):
    found = parts(timeline(failed))
    marked = {gid.partition(" ")[2] for gid in found if gid.startswith("error ")}
    assert marked == {span.span_id for span in failed.spans if span.error}
    assert all(found[f"duration {ident}"].get_color() == VERMILION for ident in marked)


def test_the_critical_path_makes_up_the_duration_of_the_root(reference):
    sections = [patch for patch in timeline(reference).axes[1].patches if str(patch.get_gid()).startswith("critical ")]
    assert sum(patch.get_width() for patch in sections) == 8124
    own = [patch for patch in sections if patch.get_gid() == f"critical {'e'.zfill(16)}"]
    assert [(patch.get_x(), patch.get_width(), round(patch.get_y() + patch.get_height() / 2)) for patch in own] == [
        (3333, 1871, 13)
    ]


def test_the_critical_path_can_be_left_out(reference, parts):
    figure = timeline(reference, critical_path=False)
    assert not [gid for gid in parts(figure) if gid.startswith("critical")]
    assert "critical path" not in [text.get_text() for text in figure.axes[0].texts]


def test_a_duration_stands_left_of_a_bar_where_there_is_no_room_at_its_right(build, parts):
    long = "service-with-a-name"
    trace = build(("1", "", long, "SERVER", "x", 0, 1000), ("2", "1", long, "CLIENT", "y", 999_000, 10_001_000))
    late = build(
        ("1", "", long, "SERVER", "x", 0, 123_456_789_000), ("2", "1", long, "CLIENT", "y", 1, 123_456_788_999)
    )
    assert parts(timeline(trace))[f"duration {'1'.zfill(16)}"].get_ha() == "left"
    assert parts(timeline(late))[f"duration {'2'.zfill(16)}"].get_ha() == "right"


def test_every_trace_is_readable(any_trace, flaws):
    figure = timeline(any_trace)
    assert flaws(figure) == []
    assert figure.get_figwidth() == WIDTH


def test_sixteen_spans_fit_on_a_screen_and_sixty_on_a_page(reference, large):
    assert timeline(reference).get_figheight() < 5
    assert timeline(large).get_figheight() < 14


def test_it_can_be_written_as_svg_with_its_gids(reference):
    out = StringIO()
    timeline(reference).savefig(out, format="svg")
    assert f'id="span {"1".zfill(16)}"' in out.getvalue()
