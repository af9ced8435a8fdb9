from datetime import timedelta

import pandas as pd
import pytest

from refapp.draw.cloudwatch.results import results, written

MINUTE = timedelta(minutes=1)


def bars(figure):
    """The heights of the histogram's bars that are no zero, by their times in seconds since 1970."""
    found = [patch for axes in figure.axes for patch in axes.patches if patch.get_gid() == "histogram events"]
    return {patch.get_x(): patch.get_height() for patch in found if patch.get_height()}


def times(count, **attrs):
    start = pd.Timestamp("2026-03-01 12:00", tz="UTC")
    frame = pd.DataFrame({"time": [start + 60 * number * pd.Timedelta(seconds=1) for number in range(count)]})
    frame["events"] = range(1, count + 1)
    frame.attrs = attrs
    return frame


def test_rows_are_listed_without_their_pointers(make_result, drawn):
    texts = drawn(results(make_result(["one", "two"])))
    assert [texts["rows head 0"], texts["rows head 1"]] == ["@timestamp", "@message"]
    assert "rows head 2" not in texts
    assert [texts[f"rows cell 0 {column}"] for column in (0, 1)] == ["2026-03-01 12:00:07.005", "two"]


def test_the_head_says_what_was_matched_and_scanned(make_result, drawn):
    texts = drawn(results(make_result(2)))
    facts = "   ·   ".join(texts[gid] for gid in ("facts", "facts 1") if gid in texts)
    assert facts == (
        "showing 2 of 1,234 records matched   ·   120,345 records (34 MB) scanned in 230 ms   ·   "
        "2026-03-01 12:00:00 to 12:10:00 UTC"
    )


def test_without_statistics_the_rows_are_counted(drawn):
    assert drawn(results(pd.DataFrame({"a": [1]})))["facts"] == "1 row"


def test_the_rows_are_counted_over_the_time_that_was_asked_about(make_result):
    frame = make_result(20)
    figure = results(frame)
    assert sum(bars(figure).values()) == 20
    start, end = frame.attrs["start"].timestamp(), frame.attrs["end"].timestamp()
    (axes,) = [axes for axes in figure.axes if axes.get_gid() == "histogram"]
    left, right = axes.get_xlim()
    assert left <= start
    assert right >= end
    assert min(bars(figure)) == start


def test_a_histogram_counts_all_that_matched(make_result):
    frame = make_result(2)
    histogram = times(3)
    first = histogram["time"].iloc[0].timestamp()
    assert bars(results(frame, histogram=histogram)) == {first: 1, first + 60: 2, first + 120: 3}


def test_the_bars_of_a_histogram_may_come_in_any_order(make_result):
    histogram = times(3)
    frame = make_result(2)
    assert bars(results(frame, histogram=histogram[::-1])) == bars(results(frame, histogram=histogram))


def test_parts_of_a_histogram_without_events_stay_empty(make_result):
    histogram = times(5).iloc[[0, 1, 4]]
    first = histogram["time"].iloc[0].timestamp()
    assert bars(results(make_result(2), histogram=histogram)) == {first: 1, first + 60: 2, first + 240: 5}


def test_a_histogram_stands_alone_where_the_rows_have_no_times():
    frame = pd.DataFrame({"n": [1]})
    assert len(bars(results(frame, histogram=times(3)))) == 3
    assert bars(results(frame)) == {}


def test_an_empty_histogram_is_none(make_result):
    frame = make_result(3)
    assert sum(bars(results(frame, histogram=times(0))).values()) == 3


def test_only_so_many_rows_are_listed(make_result, drawn):
    texts = drawn(results(make_result(5), rows=3))
    assert "rows cell 2 0" in texts
    assert "rows cell 3 0" not in texts
    assert texts["more"] == "and 2 rows more"


def test_columns_without_room_are_named(drawn, flaws):
    frame = pd.DataFrame([list(range(9))], columns=list("abcdefghi"))
    figure = results(frame)
    assert drawn(figure)["more"] == "no room for g, h, i"
    assert flaws(figure) == []


def test_an_opened_row_lists_all_its_fields(make_result, drawn):
    texts = drawn(results(make_result(['{"a":1}', '{"b":2}']), opened=(0, 9)))
    lines = [text for gid, text in texts.items() if gid.startswith("rows line 0 ")]
    assert lines == ["@timestamp  2026-03-01 12:00:07.005", "@message", "  {", '    "b": 2', "  }"]


def test_a_field_that_a_row_lacks_is_not_listed(drawn):
    frame = pd.DataFrame({"a": ["x", None], "b": [None, "a\nb"]})
    texts = drawn(results(frame, opened=(0,)))
    assert [text for gid, text in texts.items() if gid.startswith("rows line 0 ")] == ["a  x"]


def test_no_rows_are_told(drawn, flaws):
    figure = results(pd.DataFrame())
    assert drawn(figure)["nothing"] == "no results"
    assert flaws(figure) == []


def test_a_result_of_nothing_shows_the_time_it_was_about(make_result, drawn):
    texts = drawn(results(make_result([])))
    assert "12:00:00 to 12:10:00" in texts.get("facts 1", texts["facts"])


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, ""),
        (float("nan"), ""),
        (pd.NaT, ""),
        (pd.NA, ""),
        (12, "12"),
        (1.5, "1.5"),
        (2.0, "2"),
        (1 / 3, "0.3333"),
        (0.0, "0"),
        (1e20, "1e+20"),
        ("x", "x"),
        (pd.Timestamp("2026-03-01 12:00:00.5", tz="UTC"), "2026-03-01 12:00:00.500"),
    ],
)
def test_values_are_written_as_the_console_does(value, text):
    assert written(value) == text


@pytest.mark.parametrize("messages", [1, 40, ["x" * 3000, "$x$ and $y$", ""], ["Namasté (नमस्ते), שָׁלוֹם \U0001f600"]])
def test_all_results_are_readable(make_result, flaws, drawn, messages):
    figure = results(make_result(messages), opened=(0,))
    drawn(figure)
    assert flaws(figure) == []


def test_results_of_groups_are_readable(flaws):
    frame = pd.DataFrame(
        {
            "kubernetes.container_name": [f"service-{letter}" for letter in "abcdefgh"],
            "errors": range(8),
            "latency": [1234.5678] * 8,
            "last": pd.Timestamp("2026-03-01 12:00", tz="UTC"),
        }
    )
    assert flaws(results(frame, opened=(2,))) == []
