import json
import threading
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from refapp.backends.containerinsights.buffer import Buffer, batches

LIMIT, MOST, OVERHEAD = 1_048_576, 10_000, 26


def of(*texts):
    return batches([{"text": text} for text in texts], 7)


def batch(text, number=0):
    (one,) = batches([{"text": text, "number": number}], number)
    return one


def test_a_batch_holds_its_events():
    (one,) = of("a", "ü")
    assert [json.loads(message) for message in one.messages()] == [{"text": "a"}, {"text": "ü"}]
    assert (one.timestamp, one.before, one.events) == (7, 0, 2)


def test_no_events_are_no_batch():
    assert list(of()) == []


def test_events_that_are_alike_are_packed_well():
    (one,) = of(*["0123456789"] * 1000)
    assert len(one.packed) < 1000


@given(st.lists(st.integers(0, 300_000), max_size=12))
def test_batches_are_within_the_limits_and_nothing_is_lost(lengths):
    texts = ["x" * length for length in lengths]
    found = list(of(*texts))
    assert [json.loads(message)["text"] for one in found for message in one.messages()] == texts
    sizes = [[len(message.encode()) + OVERHEAD for message in one.messages()] for one in found]
    assert all(sum(size) <= LIMIT for size in sizes)
    # One more event would not have fitted into any but the last.
    assert all(sum(size) + following[0] > LIMIT for size, following in pairwise(sizes))
    assert [one.before for one in found] == [sum(map(len, sizes[:number])) for number in range(len(found))]


def test_a_batch_has_at_most_as_many_events_as_are_taken():
    found = list(batches([{"n": number} for number in range(MOST + 1)], 7))
    assert [(one.before, one.events) for one in found] == [(0, MOST), (MOST, 1)]


def test_batches_are_taken_in_their_order():
    buffer = Buffer(1000)
    for number in range(3):
        assert buffer.put(batch("x", number)) == 0
    assert len(buffer) == 3
    assert [buffer.take().timestamp for _ in range(3)] == [0, 1, 2]
    assert buffer.size == 0


def test_the_oldest_give_way_and_are_counted():
    one = batch("x")
    buffer = Buffer(2 * len(one.packed) + 5)
    assert [buffer.put(batch("x", number)) for number in range(4)] == [0, 0, 1, 1]
    assert buffer.size <= 2 * len(one.packed) + 5
    assert [buffer.take().timestamp, buffer.take().timestamp] == [2, 3]


def test_a_batch_that_is_larger_than_the_buffer_is_kept_alone():
    buffer = Buffer(1)
    assert [buffer.put(batch("x", 1)), buffer.put(batch("x", 2))] == [0, 1]
    assert buffer.take().timestamp == 2


@given(st.lists(st.booleans() | st.integers(0, 200)), st.integers(100, 600))
def test_a_buffer_is_never_larger_than_it_may_be_and_loses_the_oldest_alone(steps, capacity):
    buffer, model, number = Buffer(capacity), [], 0
    for step in steps:
        if isinstance(step, bool):
            if model:
                assert buffer.take() is model.pop(0)
            continue
        number += 1
        model.append(batch("".join(chr(33 + (step * n) % 90) for n in range(step)), number))
        dropped = 0
        while sum(len(one.packed) for one in model) > capacity and len(model) > 1:
            dropped += model.pop(0).events
        assert buffer.put(model[-1]) == dropped
        assert buffer.size == sum(len(one.packed) for one in model)
    assert len(buffer) == len(model)


def test_whoever_takes_waits_for_a_batch():
    buffer, taken = Buffer(1000), []
    thread = threading.Thread(target=lambda: taken.append(buffer.take()))
    thread.start()
    one = batch("x")
    buffer.put(one)
    thread.join(10)
    assert taken == [one]


@pytest.mark.parametrize("first", [True, False])
def test_a_closed_buffer_still_gives_what_it_has(first):
    buffer, taken = Buffer(1000), []
    one = batch("x")
    if first:
        buffer.put(one)
    thread = threading.Thread(target=lambda: taken.extend([buffer.take(), buffer.take()]))
    thread.start()
    if not first:
        buffer.put(one)
    buffer.close()
    thread.join(10)
    assert taken == [one, None]
