import itertools

from refapp.services.backoff import STARTING, pauses


def first(count, *longest):
    return list(itertools.islice(pauses(*longest), count))


def test_fast_at_first():
    assert first(1)[0] <= 0.1


def test_each_is_longer_until_the_longest():
    for pause, expected in zip(first(8), [0.05, 0.1, 0.2, 0.4, 0.8, 1.6, 2, 2], strict=True):
        assert 0.8 * expected <= pause <= 1.2 * expected


def test_a_process_that_starts_asks_often():
    assert all(pause <= 1.2 * STARTING for pause in first(50, STARTING))


def test_never_ends_and_never_grows_further():
    assert all(pause <= 2.4 for pause in first(5000))


def test_replicas_do_not_come_back_at_the_same_moment():
    assert len({first(1)[0] for _ in range(50)}) > 1
