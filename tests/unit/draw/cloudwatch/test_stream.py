import pytest

from refapp.draw.cloudwatch.stream import stream


def cells(texts, column):
    return [text for gid, text in texts.items() if gid.startswith("events cell ") and gid.endswith(f" {column}")]


def test_events_are_listed_with_their_times_the_newest_below(make_events, drawn):
    texts = drawn(stream(make_events(["one", "two"]), opened=(), group="/a/group"))
    assert (texts["events head 0"], texts["events head 1"]) == ("Timestamp", "Message")
    assert cells(texts, 0) == ["2026-03-01 12:00:00.005", "2026-03-01 12:00:07.005"]
    assert cells(texts, 1) == ["one", "two"]


def test_the_head_says_whose_events_they_are(make_events, drawn):
    texts = drawn(stream(make_events(["one"], "the-stream"), group="/a/group"))
    assert texts["title"] == "Log events"
    assert texts["facts"] == "/a/group   ·   the-stream   ·   1 event"


def test_only_the_last_are_listed(make_events, drawn):
    texts = drawn(stream(make_events(["one", "two", "three"], "s"), rows=2, opened=()))
    assert cells(texts, 1) == ["two", "three"]
    assert texts["facts"] == "s   ·   3 events, the last 2 of them"


def test_a_message_is_written_out_where_it_is_opened(make_events, drawn):
    texts = drawn(stream(make_events(['{"a":1}', '{"b":2}']), opened=(-1,)))
    assert [texts[f"events line 1 {number}"] for number in range(3)] == ["{", '  "b": 2', "}"]
    assert "events line 0 0" not in texts


def test_rows_that_are_not_there_cannot_be_opened(make_events, drawn):
    texts = drawn(stream(make_events(["one"]), opened=(3, -7)))
    assert not [gid for gid in texts if gid.startswith("events line")]


def test_events_of_several_streams_say_of_which(make_events, drawn):
    events = make_events(["one", "two"])
    events["stream"] = ["s1", "s2"]
    texts = drawn(stream(events, opened=()))
    assert texts["events head 1"] == "Stream"
    assert cells(texts, 1) == ["s1", "s2"]
    assert "2 streams" in texts["facts"]


def test_without_events_there_is_nothing_to_draw(make_events):
    with pytest.raises(ValueError, match="no events"):
        stream(make_events([]))


@pytest.mark.parametrize(
    "messages",
    [
        20,
        ["x" * 3000, "$x$ and $y$", "", "a\nb\nc"],
        ["Namasté (नमस्ते), שָׁלוֹם, こんにちは \U0001f600"],
        ['{"a": "' + "y" * 9000 + '"}'],
    ],
)
def test_all_events_are_readable(make_events, flaws, drawn, messages):
    figure = stream(make_events(messages), opened=range(4))
    drawn(figure)
    assert flaws(figure) == []
