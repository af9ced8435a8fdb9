import threading

import pytest

from refapp.backends.cloudwatch.logs.guard import Guard


class Holder(threading.Thread):
    """Holds a lock until it is told to let it go."""

    def __init__(self, hold):
        super().__init__(daemon=True)
        self._hold = hold
        self.holding, self.leave = threading.Event(), threading.Event()
        self.start()

    def run(self):
        with self._hold():
            self.holding.set()
            self.leave.wait(20)

    def end(self):
        self.leave.set()
        self.join(20)


def test_many_share_it():
    guard = Guard()
    holders = [Holder(guard.shared) for _ in range(3)]
    assert all(holder.holding.wait(20) for holder in holders)
    for holder in holders:
        holder.end()


def test_who_holds_it_alone_is_alone():
    guard = Guard()
    first = Holder(guard.shared)
    assert first.holding.wait(20)
    alone = Holder(guard.alone)
    assert not alone.holding.wait(0.05)
    second = Holder(guard.shared)  # comes later than the one who waits to be alone
    first.end()
    assert alone.holding.wait(20)
    assert not second.holding.wait(0.05)
    other = Holder(guard.alone)
    assert not other.holding.wait(0.05)
    for holder in (alone, other, second):  # in whichever order the two others get it
        holder.leave.set()
    assert other.holding.wait(20)
    assert second.holding.wait(20)
    for holder in (alone, other, second):
        holder.end()


@pytest.mark.parametrize("kind", ["shared", "alone"])
def test_an_error_lets_it_go(kind):
    guard = Guard()
    with pytest.raises(KeyError), getattr(guard, kind)():
        raise KeyError
    holder = Holder(guard.alone)
    assert holder.holding.wait(20)
    holder.end()
