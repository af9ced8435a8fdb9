import json
import os
import random
import signal
import subprocess
import sys
import textwrap
import threading
from contextlib import closing
from itertools import pairwise

import duckdb
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from refapp.backends.cloudwatch.events import database
from refapp.backends.cloudwatch.events import store as module
from refapp.backends.cloudwatch.events.columns import COLUMNS
from refapp.backends.cloudwatch.events.database import MIB, StoreError
from refapp.backends.cloudwatch.events.fields import discover
from refapp.backends.cloudwatch.events.store import Event, EventStore, StreamSummary

TEXT = st.text(st.characters(exclude_categories=("Cs",)), max_size=20)
KEYS = st.sampled_from(["a", "b", "a.b", "@c", "", "d\0e", "ü"])
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | TEXT, lambda inner: st.dictionaries(KEYS, inner) | st.lists(inner)
)
MESSAGES = TEXT | st.dictionaries(KEYS, JSON).map(json.dumps)
TIMES = st.integers(-5, 5) | st.sampled_from([-(2**63), 2**63 - 1])


def fill(store, *messages, group="g", stream="s", start=1):
    store.append(group, stream, [Event(start + place, message) for place, message in enumerate(messages)], 100)


def messages(store, group="g", **how):
    return [event.message for event in store.read(group, limit=1000, **how)]


def fields(store):
    with store.cursor() as cursor:
        query = f"SELECT fields::JSON, {', '.join(COLUMNS.values())} FROM events ORDER BY id"
        rows = cursor.execute(query).fetchall()
    others = [json.loads(other) if other else {} for other, *_ in rows]
    common = [{name: value for name, value in zip(COLUMNS, row[1:], strict=True) if value is not None} for row in rows]
    assert all(one.keys().isdisjoint(other) for one, other in zip(common, others, strict=True))
    return [one | other for one, other in zip(common, others, strict=True)]


def test_what_was_written_comes_back(store):
    fill(store, "first", '{"a": 1}')
    first, second = store.read("g", limit=10)
    assert (first.group, first.stream, first.timestamp, first.ingestion, first.message) == ("g", "s", 1, 100, "first")
    assert (second.timestamp, second.message) == (2, '{"a": 1}')
    assert first.id < second.id
    assert store.read("other", limit=10) == []


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_reading_is_filtering_and_sorting(store, data):
    store.delete("g")
    events = []
    for stream, times in data.draw(st.lists(st.tuples(st.sampled_from("st"), st.lists(TIMES, max_size=4)), max_size=4)):
        store.append("g", stream, [Event(time, data.draw(MESSAGES)) for time in times], 7)
    events = store.read("g", limit=1000)
    assert [event.message for event in events] == [
        event.message for event in sorted(events, key=lambda e: (e.timestamp, e.id))
    ]
    streams = data.draw(st.none() | st.sets(st.sampled_from("stu")))
    start, end = data.draw(st.none() | TIMES), data.draw(st.none() | TIMES)
    descending, limit = data.draw(st.booleans()), data.draw(st.integers(0, 6))
    after = data.draw(st.none() | st.sampled_from([(event.timestamp, event.id) for event in events] or [(0, 0)]))
    expected = [
        event
        for event in (reversed(events) if descending else events)
        if (streams is None or event.stream in streams)
        and (start is None or event.timestamp >= start)
        and (end is None or event.timestamp < end)
        and (
            after is None
            or ((event.timestamp, event.id) < after if descending else (event.timestamp, event.id) > after)
        )
    ]
    found = store.read("g", streams=streams, start=start, end=end, descending=descending, after=after, limit=limit)
    assert found == expected[:limit]


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(MESSAGES, min_size=1, max_size=5))
def test_texts_and_fields_are_kept_to_the_letter(store, texts):
    store.delete("g")
    fill(store, *texts)
    assert messages(store) == texts
    assert fields(store) == [discover(text) for text in texts]


def test_fields_that_are_kept_in_columns_are_the_same(store, path):
    texts = [
        json.dumps(
            {"log": f"x{n % 5}", "kubernetes": {"pod_name": n}, **({f"k{n % 7}": None, "e": ""} if n % 3 else {})}
        )
        for n in range(4000)
    ]
    store.append("g", "s", [Event(place, text) for place, text in enumerate(texts)], 1)
    store.append("g", "s", [Event(place, "no JSON") for place in range(10)], 1)
    store.close()  # which is a checkpoint
    with EventStore(path) as again:
        assert fields(again) == [*map(discover, texts), *[{}] * 10]


def test_the_oldest_events_go_when_there_are_too_many(store):
    number = random.Random(1)

    def more(start):
        store.append("g", "s", [Event(start + n, number.randbytes(30).hex()) for n in range(200_000)], 1)
        return store.read("g", limit=1, descending=True)[0]

    more(0)
    last = more(200_000)
    assert store.bound(64 * MIB) == 0
    assert 0 < (forgotten := store.bound(10 * MIB)) < 400_000
    first = store.read("g", limit=1)[0]
    assert (first.timestamp, last) == (forgotten, store.read("g", limit=1, descending=True)[0])
    assert store.bound(10 * MIB) == 0
    last = more(400_000)
    assert store.bound(10 * MIB) > 0
    assert store.read("g", limit=1, descending=True)[0] == last


def test_a_store_without_events_has_none_to_forget(store):
    assert store.bound(1) == 0


def test_lines_of_many_kinds_need_no_more_memory_than_there_is(path, monkeypatch):
    monkeypatch.setattr(database, "_LOG", 24 * MIB)
    kinds = [{f"kind {kind}, field {number}": "some text" for number in range(10)} for kind in range(100)]
    texts = [json.dumps(kinds[number % 100] | {"n": number}) for number in range(1000)]
    with EventStore(path, memory=64 * MIB) as store:
        for start in range(0, 45_000, 1000):
            fill(store, *texts, start=start)
        assert path.with_name(f"{path.name}.wal").stat().st_size < 25 * MIB  # the rest has been moved into the file
        assert store.read("g", limit=1, descending=True)[0].message == texts[-1]


def test_numbers_rise_and_are_never_used_twice(path):
    numbers = []
    for _ in range(3):
        with EventStore(path) as store:
            fill(store, "a", "b", group="g")
            fill(store, "c", group="h")
            numbers += [event.id for event in (*store.read("g", limit=9), *store.read("h", limit=9))]
            store.delete("g")
            assert store.expire("h", 10) == 1
    assert all(before < after for before, after in pairwise(numbers))
    assert len(numbers) == 9


def test_streams(store):
    fill(store, "a", "bb", stream="s", start=5)
    fill(store, "ü", stream="t", start=-3)
    fill(store, "other", group="h")
    store.append("g", "s", [Event(1, "")], 200)
    assert store.streams("g") == [StreamSummary("s", 1, 6, 200, 3 + 3 * 26, 3), StreamSummary("t", -3, -3, 100, 28, 1)]
    assert store.streams("none") == []


def test_deleting_and_expiring(store):
    for stream in "st":
        fill(store, "1", "2", "3", stream=stream)
    fill(store, "other", group="h")
    assert store.expire("g", 2) == 2
    assert store.expire("none", 2) == 0
    assert messages(store) == ["2", "2", "3", "3"]
    store.delete("g", "s")
    assert messages(store) == ["2", "3"]
    fill(store, "again", stream="s", start=9)
    assert messages(store, streams=["s"]) == ["again"]
    store.delete("g")
    store.delete("none")
    assert (messages(store), store.streams("g"), messages(store, "h")) == ([], [], ["other"])


@pytest.mark.parametrize("event", [Event(2**63, "x"), Event(-(2**63) - 1, "x"), Event(1, "half \ud800")])
def test_what_cannot_be_stored_is_refused_and_harms_no_other(store, event):
    with pytest.raises(ValueError, match=r"64 bits|surrogates"):
        store.append("g", "s", [Event(1, "before"), event], 1)
    fill(store, "after")
    assert messages(store) == ["after"]


def test_a_batch_that_fails_leaves_nothing_behind(store, monkeypatch):
    fill(store, "before")
    with monkeypatch.context() as patched:
        patched.setattr(module, "_INSERT", module._INSERT + ", nonsense")
        with pytest.raises(StoreError, match="nonsense"):
            fill(store, "lost", stream="new")
    fill(store, "after", stream="new")
    assert [(event.id, event.stream, event.message) for event in store.read("g", limit=9)] == [
        (1, "s", "before"),
        (2, "new", "after"),
    ]


def test_many_threads(store):
    def write(part):
        for number in range(15):
            fill(store, f"{part}-{number}", f"{part}-{number}", stream=part, start=number)
            assert messages(store, streams=[part])[-1] == f"{part}-{number}"

    threads = [threading.Thread(target=write, args=(part,)) for part in "abcdefgh"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    events = store.read("g", limit=1000)
    assert sorted(event.id for event in events) == list(range(1, 241))
    for part in "abcdefgh":
        own = sorted((event for event in events if event.stream == part), key=lambda event: event.id)
        assert [event.message for event in own] == [f"{part}-{number}" for number in range(15) for _ in range(2)]


def test_batches_that_come_together_are_written_together(store, monkeypatch):
    transactions, transaction = [], store._database.transaction
    monkeypatch.setattr(store._database, "transaction", lambda: transactions.append(1) or transaction())
    threads = [threading.Thread(target=fill, args=(store, str(part))) for part in range(10)]
    with store._writing:
        for thread in threads:
            thread.start()
        while len(store._queue) < len(threads):
            threading.Event().wait(0.001)
    for thread in threads:
        thread.join()
    assert sorted(messages(store)) == sorted(map(str, range(10)))
    assert len(transactions) == 1


def test_what_was_written_survives_a_killed_process(path):
    code = """
        import sys
        from itertools import count
        from pathlib import Path
        from refapp.backends.cloudwatch.events.store import Event, EventStore
        store = EventStore(Path(sys.argv[1]))
        for number in count():
            store.append("g", "s", [Event(number, '{"n": %d}' % (number * 7 + place)) for place in range(7)], 1)
            print(number, flush=True)
    """
    command = [sys.executable, "-c", textwrap.dedent(code), str(path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process, closing(process.stdout) as output:
        for line in output:
            if int(line) >= 30:
                os.kill(process.pid, signal.SIGKILL)
                break
        written = [int(line), *map(int, output)][-1] + 1
    with EventStore(path) as store:
        found = [json.loads(text)["n"] for text in messages(store)]
        assert found == list(range(len(found)))
        assert len(found) in (7 * written, 7 * (written + 1))  # one more may have been written and not said
        assert fields(store) == [{"n": str(number)} for number in found]
        fill(store, "goes on", start=10_000)
        assert store.read("g", descending=True, limit=1)[0].id == len(found) + 1


def test_a_file_of_another_program(tmp_path):
    path = tmp_path / "other.db"
    with duckdb.connect(str(path)) as connection:
        connection.execute("CREATE TABLE events (name VARCHAR)")
    with pytest.raises(StoreError, match=r"(?s)other\.db: .*not found.*; name another file, or remove this one"):
        EventStore(path)
    with duckdb.connect(str(path)) as connection:
        assert connection.execute("SELECT table_name FROM duckdb_tables()").fetchall() == [("events",)]
