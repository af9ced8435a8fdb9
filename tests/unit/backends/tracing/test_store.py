import json
import sqlite3
import threading
from contextlib import ExitStack, closing
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from refapp.backends.tracing import store as module
from refapp.backends.tracing import vocabulary
from refapp.backends.tracing.spans import load_span, parse_span
from refapp.backends.tracing.store import Operation, Search, Store, StoreError, Term


def ids(traces):
    return [json.loads(bodies[0])["traceId"].lstrip("0") for bodies in traces]


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_what_was_sent_comes_back(store, zipkin_spans, data):
    item = data.draw(zipkin_spans)
    store.add([parse_span(item)])
    assert item in [json.loads(body) for body in store.trace(item["traceId"])]


def test_spans_survive_a_restart(tmp_path, span):
    path = tmp_path / "traces.db"
    with Store(path, 10) as store:
        store.add([span("a"), span("b", tags={"error": "x"})])
    with Store(path, 10) as store:
        assert len(store) == 2
        assert ids(store.search(Search(terms=(Term("error"),)))) == ["b"]
        store.add([span("a", name="again")])
        assert len(store) == 2


def test_a_smaller_bound_holds_after_a_restart(tmp_path, span):
    path = tmp_path / "traces.db"
    with Store(path, 10) as store:
        store.add([span(f"{number:x}") for number in range(1, 11)])
    with Store(path, 4) as store:
        assert len(store) == 4
        assert sorted(ids(store.search(Search()))) == ["7", "8", "9", "a"]


@pytest.mark.parametrize("size", [1, 3, 50])
def test_the_oldest_traces_go_first(tmp_path, span, size):
    with Store(tmp_path / "traces.db", 40) as store:
        numbers = range(1, 201)
        spans = [span(f"{number:x}", name=f"name-{number}", tags={"key": f"{number}"}) for number in numbers]
        for first in range(0, len(spans), size):
            store.add(spans[first : first + size])
            assert len(store) <= 40
        kept = {int(trace, 16) for trace in ids(store.search(Search(limit=1000)))}
        assert kept == set(range(200 - len(kept) + 1, 201))
        assert len(kept) >= 38
        assert {operation.name for operation in store.operations()} == {f"name-{number}" for number in kept}
        assert store.search(Search(terms=(Term("key", "1"),))) == []
        assert ids(store.search(Search(terms=(Term("key", "200"),)))) == ["c8"]


def test_a_span_that_is_known_is_replaced(store, span):
    client, server = span(kind="CLIENT", name="first"), span(kind="SERVER", name="other")
    store.add([client, server])
    store.add([span(kind="CLIENT", name="second"), span(kind="CLIENT", name="third")])
    assert len(store) == 2
    assert [json.loads(body)["name"] for body in store.trace("1".zfill(32))] == ["third", "other"]


@pytest.fixture
def filled(store, span, start):
    store.add(
        [
            span("a", service="one", name="get", kind="CLIENT", remote="two", timestamp=start + 1, duration=100),
            span(
                "b",
                service="one",
                name="put",
                kind="SERVER",
                timestamp=start + 2,
                duration=200,
                tags={"k": "v", "e": ""},
            ),
            span("c", service="two", name="get", timestamp=start + 3, duration=300, tags={"k": "w"}),
            span("d", service="two", timestamp=start + 4, annotations=[{"timestamp": 1, "value": "e"}], duration=400),
            span("d", "2", service="one", name="other", timestamp=start, duration=5, tags={"k": "z"}),
        ]
    )
    return store


@pytest.mark.parametrize(
    ("search", "found"),
    [
        ({}, "dcba"),
        ({"limit": 2}, "dc"),
        ({"service": "one"}, "bad"),
        ({"service": "ONE"}, "bad"),
        ({"service": "none"}, ""),
        ({"name": "get"}, "ca"),
        ({"service": "one", "name": "get"}, "a"),
        ({"remote": "two"}, "a"),
        ({"kind": "SERVER"}, "b"),
        ({"min_duration": 200}, "dcb"),
        ({"max_duration": 200}, "bad"),
        ({"min_duration": 101, "max_duration": 300}, "cb"),
        ({"terms": (Term("k"),)}, "cbd"),
        ({"terms": (Term("k", "v"),)}, "b"),
        ({"terms": (Term("e"),)}, "db"),
        ({"terms": (Term("e"), Term("k", "v"))}, "b"),
        ({"terms": (Term("e"), Term("k", "z"))}, ""),
        ({"service": "two", "terms": (Term("k", "z"),)}, ""),
        ({"terms": (Term("nothing"),)}, ""),
    ],
)
@pytest.mark.parametrize("rare", [2000, 0], ids=["from the tag", "from the time"])
@pytest.mark.parametrize("few", [200, 0], ids=["side by side", "sorted"])
def test_searches(filled, monkeypatch, search, found, rare, few):
    monkeypatch.setattr("refapp.backends.tracing.store._RARE", rare or 1)
    monkeypatch.setattr("refapp.backends.tracing.store._FEW", few)
    assert ids(filled.search(Search(**search))) == list(found)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_any_tag_and_annotation_is_found(store, zipkin_spans, data):
    sent = parse_span(data.draw(zipkin_spans))
    store.add([sent])
    terms = [Term(key, value) for key, value in sent.tags.items()] + [Term(key) for key in sent.tags]
    terms += [Term(annotation.value) for annotation in sent.annotations]
    found = store.search(Search(terms=tuple(terms), limit=1500))
    assert sent.trace_id in {json.loads(bodies[0])["traceId"] for bodies in found}


KEYS = st.sampled_from(["a", "b"])
VALUES = st.integers(0, 9).map(str)
TEXTS = KEYS | VALUES
SENT = st.fixed_dictionaries(
    {
        "trace": st.integers(1, 30).map("{:x}".format),
        "span": st.integers(1, 3).map(str),
        "service": st.sampled_from(["one", "ONE", "two"]),
        "tags": st.dictionaries(KEYS, VALUES),
        "annotations": st.lists(st.fixed_dictionaries({"timestamp": st.just(1), "value": TEXTS}), max_size=2),
    },
    optional={"name": st.just("get")},
)
TERMS = st.builds(Term, TEXTS) | st.builds(Term, KEYS, VALUES)
SEARCHES = st.builds(
    Search,
    service=st.sampled_from(["", "one", "Two", "none"]),
    name=st.sampled_from(["", "GET"]),
    terms=st.lists(TERMS, min_size=1, max_size=2).map(tuple),
    limit=st.sampled_from([2, 1000]),
)


def plain_search(store, search):
    """The ids that a search has to find, by a look at each span."""
    newest = {}
    for bodies in store.search(Search(limit=1000)):
        for span in map(load_span, bodies):
            names = [(search.service, span.local.service), (search.name, span.name)]
            same = all(wanted.lower() in ("", name.lower()) for wanted, name in names)
            if same and all(term.holds(span) for term in search.terms):
                newest[span.trace_id] = max(newest.get(span.trace_id, 0), span.timestamp)
    return [trace.lstrip("0") for trace in sorted(newest, key=newest.get, reverse=True)][: search.limit]


def make_older(path):
    """Take away from a file what it did not have before there was a vocabulary."""
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript("""
            DROP TABLE vocabulary; DROP INDEX spans_by_operation; ALTER TABLE spans DROP COLUMN bits;
            CREATE INDEX spans_by_operation ON spans (operation, timestamp, duration);
        """)


@settings(max_examples=40, deadline=None)
@given(
    batches=st.lists(st.tuples(st.lists(SENT, min_size=10), st.booleans(), st.booleans()), min_size=1, max_size=4),
    searches=st.lists(SEARCHES, min_size=5, max_size=20),
    few=st.sampled_from([200, 0]),
    limits=st.sampled_from([(4, 256, 40), (2, 4, 40), (1, 0, 40), (2, 4, 3)]),
)
def test_a_search_finds_what_a_look_at_each_span_finds(span, start, batches, searches, few, limits):
    own, recorded, named = limits
    with ExitStack() as stack:
        patch = stack.enter_context(pytest.MonkeyPatch.context())
        patch.setattr(module, "_RARE", 1)
        patch.setattr(module, "_FEW", few)
        for name, value in {"OWN": own, "RECORDED": recorded, "NAMED": named, "NAMED_BITS": (1 << named) - 1}.items():
            patch.setattr(vocabulary, f"_{name}", value)
        path = Path(stack.enter_context(TemporaryDirectory())) / "traces.db"
        time = start
        for batch, again, older in batches:
            if older and path.exists():
                make_older(path)
            with Store(path, 20) as store:
                for part in (batch, batch[::2]) if again else (batch,):
                    store.add([span(**fields, timestamp=(time := time + 1)) for fields in part])
                for search in searches:
                    assert ids(store.search(search)) == plain_search(store, search)


def test_what_no_span_of_a_service_has_is_not_looked_for(filled, monkeypatch):
    monkeypatch.setattr(module, "_RARE", 1)
    monkeypatch.setattr(module, "load_span", None)
    monkeypatch.setattr(module, "_needle", lambda _: b"")
    assert filled.search(Search(service="two", terms=(Term("k", "v"),))) == []
    with pytest.raises(TypeError):
        filled.search(Search(service="one", terms=(Term("k", "v"),)))


def test_a_span_that_lacks_a_tag_is_not_read(store, span, monkeypatch):
    store.add([span("a", f"{number}", tags={"k": f"{number % 3}"}) for number in range(1, 10)])
    read = []
    monkeypatch.setattr(module, "_RARE", 1)
    monkeypatch.setattr(module, "_all_hold", lambda *args: read.append(args[-1]))
    for few in (200, 0):
        monkeypatch.setattr(module, "_FEW", few)
        store.search(Search(service="service-a", terms=(Term("k", "1"),)))
        assert sorted(json.loads(body)["id"][-1] for body in read) == ["1", "4", "7"]
        read.clear()


def test_a_search_in_a_time(filled, start):
    assert ids(filled.search(Search(start=start + 2, end=start + 3))) == ["c", "b"]


def test_a_trace_is_found_whole(filled):
    (bodies,) = filled.search(Search(service="two", min_duration=400))
    assert [json.loads(body)["id"][-1] for body in bodies] == ["2", "1"]


def test_operations_and_values(filled):
    assert Operation("one", "get", "CLIENT", "two") in filled.operations("one")
    assert {operation.service for operation in filled.operations()} == {"one", "two"}
    assert filled.tag_values("k") == ["v", "w", "z"]
    assert filled.tag_values("e") == [""]


def test_links_in_a_time(filled, start):
    assert [(link.parent, link.child, link.calls) for link in filled.links(start, start + 5)] == [("one", "two", 1)]
    assert filled.links(start + 2, start + 5) == []


def test_many_threads(store, span):
    def fill(part):
        for number in range(20):
            store.add([span(f"{part}{number:02x}", name=f"n{number}")])
            store.search(Search())

    threads = [threading.Thread(target=fill, args=(part,)) for part in range(1, 5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(store) == 80 == len(store.search(Search(limit=1000)))


def test_what_fails_leaves_nothing_behind(store, span):
    broken = span("b", name="new")
    object.__setattr__(broken, "timestamp", 2**63)
    with pytest.raises(OverflowError):
        store.add([span("a", name="new"), broken])
    assert len(store) == 0
    store.add([span("a", name="new")])
    assert ids(store.search(Search(name="new"))) == ["a"]


def test_a_tag_that_failed_to_be_kept_is_found_when_it_comes_again(tmp_path, span):
    path = tmp_path / "traces.db"
    broken = span("a", tags={"k": "v"})
    object.__setattr__(broken, "timestamp", 2**63)
    with Store(path, 10) as store:
        store.add([span("b", tags={"k": "w"})])
        with pytest.raises(OverflowError):
            store.add([broken])
        store.add([span("a", tags={"k": "v"})])
    with Store(path, 10) as store:
        assert ids(store.search(Search(terms=(Term("k", "v"),)))) == ["a"]


def test_what_is_known_of_operations_that_have_gone_is_removed(tmp_path, span):
    path = tmp_path / "traces.db"
    with Store(path, 5) as store:
        for number in range(1, 30):
            store.add([span(f"{number:x}", name=f"name-{number}", tags={"k": "v"})])
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("SELECT count(*) FROM vocabulary").fetchone()[0] <= 5


def test_a_file_of_before_there_was_a_vocabulary(tmp_path, span):
    path = tmp_path / "traces.db"
    with Store(path, 10) as store:
        store.add([span("a", tags={"k": "v"}), span("b", tags={"k": "w"})])
    make_older(path)
    for _ in range(2):
        with Store(path, 10) as store:
            assert ids(store.search(Search(service="service-a", terms=(Term("k", "v"),)))) == ["a"]
            store.add([span("c", tags={"k": "x"}), span("d", service="new", tags={"k": "x"})])
            assert sorted(ids(store.search(Search(terms=(Term("k", "x"),))))) == ["c", "d"]


def test_a_file_that_is_no_store(tmp_path):
    path = tmp_path / "text"
    path.write_text("This is no database, and it is long enough to be one." * 100)
    with pytest.raises(StoreError, match=r"text: file is not a database; name another file"):
        Store(path, 10)
    with pytest.raises(StoreError, match="unable to open"):
        Store(tmp_path / "none" / "traces.db", 10)
