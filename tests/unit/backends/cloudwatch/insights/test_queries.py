import json
import threading
from base64 import b64encode

import pytest

from refapp.backends.cloudwatch.errors import (
    InvalidParameter,
    LimitExceeded,
    MalformedQuery,
    ResourceNotFound,
    ServiceUnavailable,
)
from refapp.backends.cloudwatch.events.database import StoreError
from refapp.backends.cloudwatch.events.store import Event, EventStore
from refapp.backends.cloudwatch.insights.queries import Queries, Status

LONG = " | ".join(f"parse @message /(?<a{number}>.)/ multi" for number in range(6)) + " | stats count(*)"
START = 1_700_000_000
GROUPS = ["/aws/a", "/aws/b"]


@pytest.fixture(scope="module")
def filled(tmp_path_factory):
    with EventStore(tmp_path_factory.mktemp("queries") / "events.db") as store:
        texts = [json.dumps({"n": number, "k": {"x": None if number % 2 else "even"}}) for number in range(25)]
        store.append(
            "/aws/a", "s", [Event(START * 1000 + 100 * place, text) for place, text in enumerate(texts)], START * 1000
        )
        store.append("/aws/b", "t", [Event(START * 1000, "x" * 300)] * 40, START * 1000)
        yield store


@pytest.fixture
def queries(filled):
    with Queries(filled, lambda: GROUPS, clock=lambda: START + 0.5) as opened:
        yield opened


@pytest.fixture
def start(queries):
    def start(text, groups=("/aws/a",), **how):
        return queries.start(text, START, START + 100, groups=groups, **how)

    return start


@pytest.fixture
def ended(queries):
    """The results of a query, once it has ended."""

    def ended(number, **how):
        while queries.results(number).status in (Status.SCHEDULED, Status.RUNNING):
            threading.Event().wait(0.002)
        return queries.results(number, **how)

    return ended


def fields(row):
    return {cell["field"]: cell["value"] for cell in row}


def test_a_query(start, ended):
    results = ended(start("fields @timestamp, n, k.x | filter n < 2 | sort n asc"))
    assert results.status == "Complete"
    first, second = map(fields, results.rows)
    assert {**first, "@ptr": ""} == {"@timestamp": "2023-11-14 22:13:20.000", "n": "0", "k.x": "even", "@ptr": ""}
    assert list(second) == ["@timestamp", "n", "@ptr"]
    assert results.statistics == {
        "recordsMatched": 2.0,
        "recordsScanned": 25.0,
        "estimatedRecordsSkipped": 0.0,
        "bytesScanned": float(sum(len(json.dumps({"n": n, "k": {"x": None if n % 2 else "even"}})) for n in range(25))),
        "estimatedBytesSkipped": 0.0,
        "logGroupsScanned": 1.0,
    }
    assert results.token is None


def test_groups_have_no_pointer(start, ended):
    assert ended(start("stats count(*) as n by k.x | sort n asc")).rows == [
        [{"field": "n", "value": "12"}],
        [{"field": "k.x", "value": "even"}, {"field": "n", "value": "13"}],
    ]


def test_both_ends_of_the_time_are_included(queries, ended):
    def count(start, end):
        results = ended(queries.start("stats count(*) as n", start, end, groups=["/aws/a"]))
        return int(fields(results.rows[0])["n"])

    assert (count(START, START), count(START, START + 1), count(START + 1, START + 2), count(0, START - 1)) == (
        10,
        20,
        15,
        0,
    )


def test_groups_come_from_the_request_or_the_query(start, ended):
    for text, groups in (
        ("", GROUPS),
        ("SOURCE logGroups(namePrefix: ['/aws/']) | ", ()),
        ("SOURCE '/aws/b' '/aws/a' | ", ()),
    ):
        results = ended(start(f"{text}stats count(*) as n by @log", groups))
        assert [fields(row)["n"] for row in results.rows] == ["40", "25"]
        assert results.statistics["logGroupsScanned"] == 2.0


def test_the_smaller_limit_counts(start, ended):
    for text, limit, rows in (
        ("limit 3", 5, 3),
        ("limit 5", 3, 3),
        ("fields n", 4, 4),
        ("limit 7", None, 7),
        ("fields n", None, 25),
    ):
        assert len(ended(start(text, limit=limit)).rows) == rows


def test_pages(queries, start, ended):
    number = start("fields n | sort n asc")
    page, found = ended(number, limit=10), []
    while True:
        found += [fields(row)["n"] for row in page.rows]
        if page.token is None:
            break
        page = queries.results(number, limit=10, token=page.token)
    assert found == [str(n) for n in range(25)]
    for token in ("x", "-1", "9" * 50, "１"):  # noqa: RUF001 - a digit, but no ASCII
        with pytest.raises(InvalidParameter, match="token"):
            queries.results(number, token=token)
    for limit in (0, 10_001):
        with pytest.raises(InvalidParameter, match="1 to 10000"):
            queries.results(number, limit=limit)


def test_a_record(queries, start, ended):
    pointer = fields(ended(start("fields n | filter n = 4")).rows[0])["@ptr"]
    assert queries.record(pointer) == {
        "@timestamp": "2023-11-14 22:13:20.400",
        "@ingestionTime": "2023-11-14 22:13:20.000",
        "@log": "123456789012:/aws/a",
        "@logStream": "s",
        "@message": json.dumps({"n": 4, "k": {"x": "even"}}),
        "@ptr": pointer,
        "n": "4",
        "k.x": "even",
    }
    plain = fields(ended(start("limit 1", ["/aws/b"])).rows[0])["@ptr"]
    assert queries.record(plain)["@message"] == "x" * 300
    with pytest.raises(ResourceNotFound):
        queries.record(b64encode(b"event/999999").decode())
    for wrong in (
        "",
        "%",
        "x",
        b64encode(b"5").decode(),
        b64encode(b"event/x").decode(),
        b64encode(b"\xff").decode(),
        "é",
    ):
        with pytest.raises((InvalidParameter, ResourceNotFound)):
            queries.record(wrong)


def test_stopping(queries, start, ended):
    number = start(LONG, ["/aws/b"])
    assert queries.stop(number) is True
    results = queries.results(number)
    assert (results.status, results.rows, results.token) == (Status.CANCELLED, [], None)
    with pytest.raises(InvalidParameter, match="Cancelled"):
        queries.stop(number)
    number = start("limit 1")
    ended(number)
    with pytest.raises(InvalidParameter, match="Complete"):
        queries.stop(number)


def test_a_query_that_is_not_known(queries):
    for operation in (queries.results, queries.stop):
        with pytest.raises(ResourceNotFound, match="nothing"):
            operation("nothing")


@pytest.mark.parametrize(
    ("how", "error", "message"),
    [
        ({"text": "fields a b"}, MalformedQuery, "unexpected `b`"),
        ({"text": "fields foo(a)"}, MalformedQuery, "`foo`"),
        ({"groups": []}, InvalidParameter, "log groups"),
        ({"groups": ["/aws/c"]}, ResourceNotFound, "'/aws/c'"),
        ({"text": "SOURCE logGroups() | limit 1"}, InvalidParameter, "either"),
        ({"limit": 0}, InvalidParameter, "100000"),
        ({"limit": 100_001}, InvalidParameter, "100000"),
        ({"start": 5, "end": 4}, InvalidParameter, "time"),
        ({"start": -1}, InvalidParameter, "time"),
        ({"end": 10**18}, InvalidParameter, "time"),
    ],
)
def test_what_is_refused(queries, how, error, message):
    given = {"text": "limit 1", "start": START, "end": START + 1, "groups": ["/aws/a"]} | how
    with pytest.raises(error, match=message):
        queries.start(given.pop("text"), given.pop("start"), given.pop("end"), **given)
    assert queries.describe() == ([], None)


def test_a_list_of_queries(queries, start, ended):
    texts = [f"fields n | limit {number}" for number in range(1, 6)]
    numbers = [start(text, GROUPS if place == 2 else ["/aws/a"]) for place, text in enumerate(texts)]
    for number in numbers:
        ended(number)
    listed, token = queries.describe()
    assert [query.id for query in listed] == numbers[::-1]
    assert token is None
    assert {(query.status, query.created) for query in listed} == {("Complete", START * 1000 + 500)}
    assert (listed[0].text, listed[2].groups) == (texts[-1], ("/aws/a", "/aws/b"))
    assert [query.id for query in queries.describe(group="/aws/b")[0]] == [numbers[2]]
    assert queries.describe(status="Running")[0] == []
    found, token = [], None
    while len(found) < 5:
        page, token = queries.describe(limit=2, token=token)
        found += [query.id for query in page]
    assert (found, token) == (numbers[::-1], None)
    for how in ({"limit": 0}, {"limit": 1001}, {"status": "Odd"}, {"token": "x"}):
        with pytest.raises(InvalidParameter):
            queries.describe(**how)


def test_the_oldest_are_forgotten(filled):
    with Queries(filled, lambda: GROUPS, known=3) as queries:
        numbers = []
        for _ in range(5):
            numbers.append(queries.start("limit 1", START, START + 1, groups=["/aws/a"]))
            while not queries._known[numbers[-1]].run.ended:
                threading.Event().wait(0.002)
        assert [query.id for query in queries.describe()[0]] == numbers[:1:-1]
        with pytest.raises(ResourceNotFound):
            queries.results(numbers[1])
        assert queries.results(numbers[2]).rows


def test_large_results_are_forgotten_sooner(filled):
    with Queries(filled, lambda: GROUPS, kept=30_000) as queries:
        for count in (10, 20, 39, 40, 38):
            number = queries.start(f"fields @message | limit {count}", START, START + 1, groups=["/aws/b"])
            while not queries._known[number].run.ended:
                threading.Event().wait(0.002)
        assert [query.text[-2:] for query in queries.describe()[0]] == ["38", "40", "39"]


def test_there_is_a_bound_on_what_waits(filled):
    with Queries(filled, lambda: GROUPS, at_once=1, waiting=3) as queries:
        numbers = [queries.start(LONG, START, START, groups=["/aws/b"]) for _ in range(3)]
        with pytest.raises(LimitExceeded, match="3 queries"):
            queries.start("limit 1", START, START, groups=["/aws/b"])
        assert {queries.results(number).status for number in numbers[1:]} == {Status.SCHEDULED}
        for number in reversed(numbers):
            assert queries.stop(number)
        number = queries.start("limit 1", START, START, groups=["/aws/b"])
        while queries.results(number).status is not Status.COMPLETE:
            threading.Event().wait(0.002)


def test_closing_ends_what_runs(filled):
    queries = Queries(filled, lambda: GROUPS, at_once=1)
    for _ in range(3):
        queries.start(LONG, START, START, groups=["/aws/b"])
    queries.close()
    assert queries.describe() == ([], None)
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("insights")]


def test_a_store_that_cannot_be_read(queries, start, ended, monkeypatch):
    number = start("limit 1")
    ended(number)

    def fail(*_):
        raise StoreError("the disk is gone")

    monkeypatch.setattr("refapp.backends.cloudwatch.insights.runs.page", fail)
    with pytest.raises(ServiceUnavailable, match="the disk is gone"):
        queries.results(number)
    monkeypatch.setattr(queries._store, "cursor", fail)
    with pytest.raises(ServiceUnavailable, match="the disk is gone"):
        queries.record(b64encode(b"event/1").decode())


def test_many_threads(queries, filled):
    failures = []

    def work(part):
        for number in range(5):
            filled.append("/aws/a", f"s{part}", [Event(1000 * part, "x")], 1)
            query = queries.start(f"filter @logStream = 's{part}' | stats count(*) as n", 0, START, groups=["/aws/a"])
            while (results := queries.results(query)).status in (Status.SCHEDULED, Status.RUNNING):
                threading.Event().wait(0.002)
            if [fields(row) for row in results.rows] != [{"n": str(number + 1)}]:
                failures.append((part, number, results))

    threads = [threading.Thread(target=work, args=(part,)) for part in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    filled.expire("/aws/a", START * 1000)
    assert failures == []
