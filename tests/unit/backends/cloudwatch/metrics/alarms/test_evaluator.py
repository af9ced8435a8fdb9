import threading

import pytest

from refapp.backends.cloudwatch.metrics.alarms.evaluator import AlarmEvaluator

SOON = 10  # seconds, within which everything happens that is to happen at all


class Panel:
    """Tells when it is used, and fails when it is told to."""

    def __init__(self):
        self.evaluated, self.notified = threading.Semaphore(0), threading.Semaphore(0)
        self.failure, self.answer = None, threading.Event()
        self.answer.set()

    def evaluate(self):
        self.evaluated.release()
        if self.failure:
            raise self.failure

    def notify(self):
        self.notified.release()
        self.answer.wait(SOON)


@pytest.fixture
def fake():
    return Panel()


def test_alarms_are_evaluated_again_and_again_and_tell(fake):
    with AlarmEvaluator(lambda: [fake], every=0.001):
        for _ in range(3):
            assert fake.evaluated.acquire(timeout=SOON)
            assert fake.notified.acquire(timeout=SOON)


def test_a_failure_is_logged_and_does_not_end_the_evaluation(fake, caplog):
    fake.failure = OSError("disk full")
    with AlarmEvaluator(lambda: [fake], every=0.001):
        for _ in range(3):
            assert fake.evaluated.acquire(timeout=SOON)
    assert "disk full" in caplog.text


def test_a_slow_subscriber_does_not_hold_up_the_evaluation(fake):
    fake.answer.clear()
    with AlarmEvaluator(lambda: [fake], every=0.001):
        assert fake.notified.acquire(timeout=SOON)
        for _ in range(5):
            assert fake.evaluated.acquire(timeout=SOON)
        fake.answer.set()


def test_it_ends_at_once_also_in_a_long_pause(fake):
    evaluator = AlarmEvaluator(lambda: [fake], every=3600)
    with evaluator:
        pass
    assert not any(thread.is_alive() for thread in evaluator._threads)
    assert not fake.evaluated.acquire(blocking=False)


def test_with_real_alarms(panel, put, published, topic, store, datum, clock, hour):
    put(AlarmActions=[topic])
    store.put([datum(11)])
    clock.now = hour + 60
    told = threading.Event()
    panel._publish = lambda *message: (published.append(message), told.set())
    with AlarmEvaluator(lambda: [panel], every=0.001):
        assert told.wait(SOON)
    assert len(published) == 1
