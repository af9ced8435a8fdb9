from dataclasses import replace

import pytest

from refapp.draw.tracing.search import search
from refapp.query.tracing.spans import Trace

SECOND = 1_000_000


def at(trace, seconds, ident):
    """The trace so much later and under another id."""
    spans = (replace(span, start=span.start + seconds * SECOND) for span in trace.spans)
    return Trace(ident * 32, tuple(spans))


@pytest.fixture
def found(reference, failed, messages):
    return [at(reference, 0, "a"), at(failed, 30, "b"), at(messages, 10, "c")]


def rows(parts):
    """The ids of the listed traces from top to bottom."""
    bars = [(part.get_y(), gid.removeprefix("trace ")) for gid, part in parts.items() if gid.startswith("trace ")]
    return [ident[0] for _, ident in sorted(bars)]


def test_the_newest_are_listed_first(found, parts):
    assert rows(parts(search(found))) == ["b", "c", "a"]


def test_only_so_many_are_listed_but_all_are_in_the_plot(found, parts, written):
    figure = search(found, rows=2)
    assert rows(parts(figure)) == ["b", "c"]
    assert sum(len(spots.get_offsets()) for spots in figure.axes[1].collections) == 3
    assert written(figure)["found"] == "3 traces, the newest 2 of them"


def test_a_spot_is_at_its_time_and_duration_and_grows_with_the_spans(found):
    spots = {drawn.get_label(): drawn for drawn in search(found).axes[1].collections}
    good, bad = spots["without errors"], spots["with errors"]
    days = [found[place].start / 86_400e6 for place in (2, 0)]
    assert good.get_offsets().tolist() == [[days[0], 4000], [days[1], 8124]]
    assert bad.get_offsets()[0][1] == 8124
    small, large = good.get_sizes()
    assert small < large == bad.get_sizes()[0]
    assert good.get_paths()[0].vertices.tolist() != bad.get_paths()[0].vertices.tolist()


def test_bars_are_as_long_as_the_traces_lasted(found, parts):
    drawn = parts(search(found))
    whole, half = drawn[f"trace {'a' * 32}"].get_width(), drawn[f"trace {'c' * 32}"].get_width()
    assert half == pytest.approx(whole * 4000 / 8124)


def test_a_row_says_what_jaeger_says(found, written):
    texts = written(search(found))
    b = "b" * 32
    assert texts[f"id {b}"] == "bbbbbbb"
    assert texts[f"duration {b}"] == "8.12 ms"
    assert texts[f"time {b}"] == "03:04:35.000"
    assert texts[f"title {b}"].startswith("istio-ingressgateway.dev: rev-proxy.dev")


def test_a_row_counts_spans_errors_and_the_spans_of_each_service(found, parts):
    figure = search(found)
    drawn = parts(figure)
    texts = [text.get_text() for text in figure.axes[0].texts]
    assert {f"spans {'a' * 32}", f"errors {'b' * 32}", f"service {'a' * 32} service-e.dev"} <= set(drawn)
    assert f"errors {'a' * 32}" not in drawn
    assert {"16 spans", "4 errors", "service-e (3)", "service-f (2)"} <= set(texts)


def test_dates_are_shown_when_there_are_several(found, reference, written):
    texts = written(search([*found, at(reference, 100_000, "d")]))
    assert texts[f"time {'d' * 32}"] == "2026-01-03 06:50:45"


def test_without_traces_there_is_nothing_to_show():
    with pytest.raises(ValueError, match="no traces"):
        search([])


def test_a_single_trace_has_a_second_of_its_own(single):
    left, right = search([single]).axes[1].get_xlim()
    assert (right - left) * 86_400 == pytest.approx(2, rel=0.01)


def test_every_trace_is_readable(any_trace, flaws):
    assert flaws(search([any_trace])) == []


def test_many_are_readable(found, flaws):
    assert flaws(search([*found, *(at(found[0], 40 + 7 * number, "0123456789"[number]) for number in range(10))])) == []
