import pytest

from refapp.draw.tracing.graph import trace_graph


def lines(written, figure, name):
    texts = written(figure)
    return [texts[f"{name} line {number}"] for number in range(4)]


def test_a_box_says_what_jaegers_say(reference, written):
    figure = trace_graph(reference)
    assert lines(written, figure, "1.1.1.1") == [
        "service-a",
        "service-a/*",
        "1 / 0 · 5.9 ms (73%)",
        "self 1.01 ms (17%)",
    ]


def test_spans_on_one_path_are_one_box(build, written, parts):
    trace = build(
        ("1", "", "a", "SERVER", "x", 0, 1000),
        ("2", "1", "b", "SERVER", "y", 0, 300),
        ("3", "1", "b", "SERVER", "y", 300, 500),
        ("4", "1", "b", "CLIENT", "y", 800, 100),
        ("5", "3", "c", "", "z", 400, 100),
    )
    figure = trace_graph(trace)
    assert lines(written, figure, "1.1")[2:] == ["2 / 0 · 800 µs (80%)", "self 700 µs (88%)"]
    assert {"1", "1.1", "1.2", "1.1.1", "1 → 1.1", "1 → 1.2", "1.1 → 1.1.1"} <= set(parts(figure))
    assert "1.3" not in parts(figure)


def test_errors_are_counted_and_marked(failed, parts, written):
    figure = trace_graph(failed)
    boxes = {gid.removeprefix("error ") for gid in parts(figure) if gid.startswith("error ")}
    counts = {gid for gid, text in written(figure).items() if text.split(" · ")[0] == "1 / 1"}
    assert {gid.split(" ")[0] for gid in counts} == boxes
    assert len(boxes) == 4


def test_the_ground_shows_self_time_or_time_or_the_service(reference, parts):
    def ground(mode, name):
        return parts(trace_graph(reference, mode))[name].get_facecolor()[:3]

    leaf, root = "1.1.1.1.1.1.1.1", "1"
    assert sum(ground("self time", leaf)) < sum(ground("self time", root))
    assert sum(ground("time", root)) < sum(ground("time", leaf))
    assert ground("service", "1.1") == ground("service", "1.1.1") != ground("service", root)


def test_children_are_below_their_parent(any_trace, parts):
    drawn = parts(trace_graph(any_trace))
    boxes = {gid: part.get_window_extent() for gid, part in drawn.items() if gid.replace(".", "").isdigit()}
    assert len(boxes) > 0
    for name, box in boxes.items():
        parent = name.rpartition(".")[0]
        assert not parent or box.y1 < boxes[parent].y0
    for edge in (gid for gid in drawn if " → " in gid):
        assert set(edge.split(" → ")) <= set(boxes)


@pytest.mark.parametrize("mode", ["service", "time", "self time"])
def test_every_trace_is_readable(any_trace, mode, flaws):
    assert flaws(trace_graph(any_trace, mode)) == []
