from datetime import timedelta

import pytest

from refapp.query.mesh.replay import Replay
from refapp.query.mesh.traffic import Options, build


@pytest.fixture
def replay(telemetry, question, now, sample):
    """Two moments, of which the first has one call and the second another."""
    calls = ((sample("a", "b", 1.0),), (sample("a", "b", 2.0), sample("a", "c", 3.0)))
    return Replay(
        tuple(
            build(telemetry(*own), now + timedelta(minutes=number), question(), Options(services=False))
            for number, own in enumerate(calls)
        )
    )


def test_it_is_a_sequence_of_graphs(replay, now):
    assert len(replay) == 2
    assert [graph.time for graph in replay] == [now, now + timedelta(minutes=1)]
    assert replay[1:][0] is replay[-1]


def test_all_that_there_is_at_any_time_as_it_is_last(replay):
    assert [node.name for node in replay.nodes] == ["a", "b", "c"]
    assert [edge.rate for edge in replay.edges] == [2.0, 3.0]


def test_the_frame_has_a_row_an_edge_and_time(replay, now):
    frame = replay.frame
    assert list(frame.columns[:3]) == ["time", "source", "target"]
    assert list(frame["rate"]) == [1.0, 2.0, 3.0]
    assert list(frame["time"]) == [now, *[now + timedelta(minutes=1)] * 2]
    assert Replay(()).frame.empty
