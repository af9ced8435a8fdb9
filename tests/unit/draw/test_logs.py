from datetime import UTC, datetime, timedelta
from io import StringIO

import pandas as pd
import pytest

from refapp.draw import logs

START = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)


def svg(figure):
    out = StringIO()
    figure.savefig(out, format="svg")
    return out.getvalue()


def lines(*rows):
    frame = pd.DataFrame(rows, columns=["ms", "level", "workload"])
    return frame.assign(time=[START + timedelta(milliseconds=ms) for ms in frame["ms"]])


@pytest.fixture
def story():
    rows = [(0.0, "debug", "rev-proxy"), (2.5, "debug", "service-a"), (4.0, "info", "service-a")]
    return lines(*rows, (5.0, "error", "rev-proxy"))


@pytest.fixture
def failures():
    rows = [(0.1, "d → queue", "UNAVAILABLE"), (0.2, "d → queue", "UNAVAILABLE"), (0.6, "d → queue", "CANCELLED")]
    return pd.DataFrame([*rows, (0.1, "e", "CANCELLED")], columns=["seconds", "hop", "code"])


def marks(figure):
    (axes,) = figure.axes
    labelled = [drawn for drawn in axes.collections if not drawn.get_label().startswith("_")]
    return {drawn.get_label(): drawn.get_offsets().tolist() for drawn in labelled}


def bars(figure):
    """The bars as (left, bottom, height), in units of a row."""
    (axes,) = figure.axes
    return [(bar.get_x(), bar.get_y(), bar.get_height()) for bar in axes.patches if bar.get_height()]


def test_story_puts_each_line_into_the_lane_of_its_workload(story):
    figure = logs.story(story, ["rev-proxy", "service-a"])
    assert marks(figure) == {"debug": [[0, 0], [2.5, 1]], "info": [[4, 1]], "error": [[5, 0]]}
    assert svg(figure)


def test_story_keeps_the_lane_of_a_workload_that_wrote_nothing(story):
    figure = logs.story(story, ["rev-proxy", "service-b", "service-a"])
    assert [label.get_text() for label in figure.axes[0].get_yticklabels()] == ["rev-proxy", "service-b", "service-a"]
    assert marks(figure)["info"] == [[4, 2]]


def test_story_shows_from_when_to_when_a_workload_wrote(story):
    figure = logs.story(story, ["rev-proxy", "service-a"])
    spans = next(drawn for drawn in figure.axes[0].collections if hasattr(drawn, "get_segments"))
    assert [segment.tolist() for segment in spans.get_segments()] == [[[0, 0], [5, 0]], [[2.5, 1], [4, 1]]]


def test_story_leaves_out_lines_of_workloads_without_a_lane(story):
    assert marks(logs.story(story, ["service-a"])) == {"debug": [[0, 0]], "info": [[1.5, 0]]}


@pytest.mark.parametrize("level", ["trace", "debug", "info", "warning", "error", "fatal", "panic"])
def test_every_level_has_a_mark_of_its_own_shape(level):
    figure = logs.story(lines((0.0, level, "a"), (0.0, "info", "b")), ["a", "b"])
    paths = {drawn.get_label(): drawn.get_paths()[0].vertices.tolist() for drawn in figure.axes[0].collections}
    assert (paths[level] == paths["info"]) == (level == "info")


def test_failures_are_counted_by_hop_and_time(failures):
    figure = logs.failures(failures, {}, step=0.5)
    found = {(left, bottom): height for left, bottom, height in bars(figure)}
    assert set(found) == {(0, 1), (0.5, 1), (0, 0)}
    assert found[0, 1] == pytest.approx(2 * found[0.5, 1])
    assert found[0, 0] == pytest.approx(found[0.5, 1])
    assert svg(figure)


def test_failures_of_several_codes_stand_on_each_other(failures):
    failures["seconds"] = 0.1
    (low, high) = sorted(bars(logs.failures(failures, {}))[:2], key=lambda bar: bar[1])
    assert high[1] == pytest.approx(low[1] + low[2])


def test_failures_stay_within_their_row(failures):
    assert all(bottom + height < int(bottom) + 1 for _, bottom, height in bars(logs.failures(failures, {})))


def test_failures_name_the_hops_from_top_to_bottom_and_the_codes(failures):
    figure = logs.failures(failures, {})
    assert [label.get_text() for label in figure.axes[0].get_yticklabels()] == ["d → queue", "e"]
    assert [text.get_text() for text in figure.legends[0].get_texts()] == ["UNAVAILABLE", "CANCELLED"]


def test_failures_show_what_happened_meanwhile(failures):
    figure = logs.failures(failures, {"killed": 0.0, "back": 0.6})
    assert [(text.get_text(), text.xy[0]) for text in figure.axes[0].texts] == [("killed", 0), ("back", 0.6)]
    assert svg(figure)
