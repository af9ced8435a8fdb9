import pytest

from refapp.draw.style import BLUE, VERMILION
from refapp.draw.tracing.zipkin import zipkin_dependencies, zipkin_trace
from refapp.query.tracing.dependencies import Dependencies


def test_a_bar_goes_from_start_to_end_in_the_row_of_its_span(reference, parts):
    found = parts(zipkin_trace(reference))
    bar = found[f"span {'b'.zfill(16)}"]
    assert (bar.get_x(), bar.get_width()) == (3020, 1404)
    assert 10 < bar.get_y() + bar.get_height() / 2 < 10.5


def test_the_heading_says_what_zipkin_says(reference, written):
    texts = written(zipkin_trace(reference))
    assert texts["title"] == "istio-ingressgateway.dev: rev-proxy.dev.svc.cluster.local/*"
    assert [texts[name] for name in ("Duration", "Services", "Depth", "Total Spans", "Trace ID")] == [
        "8.12 ms",
        "9",
        "10",
        "16",
        reference.trace_id,
    ]


def test_marks_stand_where_client_and_server_started_and_finished(reference, parts):
    found = parts(zipkin_trace(reference))
    client, server = "3".zfill(16), "4".zfill(16)
    at = {gid: mark.get_xdata()[0] for gid, mark in found.items() if gid.startswith("annotation ")}
    assert at[f"annotation {client} Client Start"] == 1011
    assert at[f"annotation {client} Client Finish"] == 1011 + 6495
    assert at[f"annotation {server} Server Start"] == 1318
    assert len(at) == 32
    starts = (found[f"annotation {client} Client Start"], found[f"annotation {server} Server Start"])
    assert starts[0].get_marker() != starts[1].get_marker()


def test_marks_stand_where_messages_and_events_were(messages, parts, written):
    figure = zipkin_trace(messages)
    found = parts(figure)
    producer, consumer = "2".zfill(16), "3".zfill(16)
    assert found[f"annotation {producer} Producer Start"].get_xdata()[0] == 200
    assert found[f"annotation {consumer} Consumer Finish"].get_xdata()[0] == 4000
    assert found[f"annotation {producer} confirmed by the broker"].get_xdata()[0] == 940
    keys = [text for gid, text in written(figure).items() if gid.startswith("key ")]
    assert keys == ["client", "server", "producer", "consumer", "event"]


def test_a_row_names_service_operation_and_duration(failed, parts, written):
    figure = zipkin_trace(failed)
    ident = "e".zfill(16)
    texts = [written(figure)[f"{part} {ident}"] for part in ("service", "operation", "duration")]
    assert texts == ["service-h", "service-h/*", "1.87 ms"]
    errors = {gid.partition(" ")[2] for gid in parts(figure) if gid.startswith("error ")}
    assert errors == {span.span_id for span in failed.spans if span.error}


def test_every_trace_is_readable(any_trace, flaws):
    assert flaws(zipkin_trace(any_trace)) == []


def lines(parts, deps):
    found = parts(zipkin_dependencies(deps))
    return {gid: line for gid, line in found.items() if " → " in gid and not gid.startswith("errors ")}


def test_circles_and_lines_grow_with_the_calls(deps, parts):
    few_and_many = deps.of(("a", "b", 10, 0), ("a", "c", 1000, 0))
    found = parts(zipkin_dependencies(few_and_many))
    assert found["b"].get_radius() < found["c"].get_radius() < found["a"].get_radius()
    assert found["a → b"].get_linewidth() < found["a → c"].get_linewidth()


def test_a_line_is_yellow_from_a_half_and_red_from_three_quarters(deps, parts, written):
    rates = deps.of(*(("a", name, 100, errors) for name, errors in zip("bcdef", (0, 49, 50, 74, 75), strict=True)))
    colours = [line.get_color() for _, line in sorted(lines(parts, rates).items())]
    assert colours[:2] == [BLUE, BLUE]
    assert colours[2] == colours[3]
    assert colours[4] == VERMILION
    assert len(set(colours)) == 3
    texts = written(zipkin_dependencies(rates))
    assert {gid: text for gid, text in texts.items() if gid.startswith("errors ")} == {
        "errors a → c": "49%",
        "errors a → d": "50%",
        "errors a → e": "74%",
        "errors a → f": "75%",
    }


def test_every_pair_has_a_line(any_deps, parts):
    assert set(lines(parts, any_deps)) == {f"{edge.parent} → {edge.child}" for edge in any_deps.edges}


@pytest.mark.parametrize("name", ["reference", "cyclic", "awkward", "pair"])
def test_dependencies_are_readable(deps, name, flaws):
    assert flaws(zipkin_dependencies(getattr(deps, name))) == []


def test_without_services_there_is_nothing_to_draw():
    with pytest.raises(ValueError, match="no services"):
        zipkin_dependencies(Dependencies((), ()))
