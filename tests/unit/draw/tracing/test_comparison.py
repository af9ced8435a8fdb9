from dataclasses import replace

import pytest

from refapp.draw.tracing.comparison import compare
from refapp.query.tracing import comparison
from refapp.query.tracing.spans import Trace

ROOT = ("1", "", "a", "SERVER", "x", 0, 1000)


@pytest.fixture
def changed(build):
    """A trace, and one that lost a node, has a new one, one more of a third and one less of a fourth."""
    more, fewer = ("3", "1", "c", "CLIENT", "y", 300, 100), ("4", "1", "d", "CLIENT", "y", 400, 100)
    a = build(ROOT, ("2", "1", "b", "CLIENT", "y", 0, 100), more, fewer, ("5", *fewer[1:]))
    b = build(ROOT, more, ("7", *more[1:]), fewer, ("6", "1", "e", "CLIENT", "y", 0, 2500))
    return comparison.compare(a, b)


def box_of(parts, written, figure, service):
    name = next(gid.partition(" ")[0] for gid, text in written(figure).items() if text == service)
    return [written(figure)[f"{name} line {line}"] for line in (2, 3)], parts(figure)[name].get_facecolor()[:3]


def test_a_box_shows_the_difference(changed, parts, written):
    figure = compare(changed)
    found = {service: box_of(parts, written, figure, service)[0] for service in "abcde"}
    assert found == {
        "a": ["1 → 1", "1 ms → 1 ms"],
        "b": ["1 → 0 (-1)", "100 µs → none"],
        "c": ["1 → 2 (+1, +100%)", "100 µs → 200 µs"],
        "d": ["2 → 1 (-1, -50%)", "200 µs → 100 µs"],
        "e": ["0 → 1 (+1)", "none → 2.5 ms"],
    }


def test_red_is_less_green_is_more_and_grey_is_the_same(changed, parts, written):
    figure = compare(changed)
    grounds = {service: box_of(parts, written, figure, service)[1] for service in "abcde"}
    assert all(grounds[service][0] > grounds[service][1] for service in "bd")
    assert all(grounds[service][1] > grounds[service][0] for service in "ce")
    assert max(grounds["a"]) - min(grounds["a"]) < 0.02
    assert sum(grounds["b"]) < sum(grounds["d"])
    assert sum(grounds["e"]) < sum(grounds["c"])


def test_the_legend_explains_what_there_is(changed, reference, written):
    def legend(figure):
        return [text for gid, text in written(figure).items() if gid.startswith("legend ")]

    assert legend(compare(changed)) == ["only in A", "fewer in B", "as many in both", "more in B", "only in B"]
    assert legend(compare(comparison.compare(reference, reference))) == ["as many in both"]


def test_the_title_names_the_traces(changed, written):
    assert written(compare(changed))["title"] == "A compared with B"
    assert written(compare(changed, a="before", b="after"))["title"] == "A: before   B: after"


def test_every_comparison_is_readable(any_trace, reference, flaws):
    assert flaws(compare(comparison.compare(reference, any_trace))) == []


def test_a_delay_is_seen_in_the_times(reference, delayed, written):
    assert "902 µs → 2 s" in written(compare(comparison.compare(reference, delayed))).values()


def test_what_one_trace_lacks_is_shown_with_all_below_it(reference, written):
    less = Trace("b" * 32, tuple(replace(span) for span in reference.spans if span.span_id[-2:] not in {"0f", "10"}))
    texts = written(compare(comparison.compare(reference, less)))
    assert [text for text in texts.values() if "→ 0" in text] == ["1 → 0 (-1)"] * 2
