from dataclasses import replace

import pytest

from refapp.backends.cloudwatch.events.database import Interrupted, StoreError
from refapp.backends.cloudwatch.events.store import Event, EventStore
from refapp.backends.cloudwatch.insights import execution
from refapp.backends.cloudwatch.insights.arguments import Clock
from refapp.backends.cloudwatch.insights.compiler import Selection, compile_query
from refapp.backends.cloudwatch.insights.execution import Statistics, execute, page
from refapp.backends.cloudwatch.insights.parser import parse


@pytest.fixture
def plan(ask):
    def plan(text, limit=None):
        return compile_query(parse(text), Selection((ask.group,), "1", Clock(0, 10**13, 0)), limit)

    return plan


@pytest.mark.parametrize(
    ("text", "statistics"),
    [
        ("fields a", Statistics(4, 4, 7, 4)),
        ("filter @message like 'x'", Statistics(3, 4, 7, 3)),
        ("filter @message like 'x' | limit 1", Statistics(3, 4, 7, 1)),
        ("filter @message like 'x' | dedup @message", Statistics(3, 4, 7, 2)),
        ("filter @message like 'x' | stats count(*) by @message", Statistics(3, 4, 7, 2)),
        ("limit 2 | filter @message like 'x'", Statistics(4, 4, 7, 1)),
        ("filter @message like 'x' | stats count(*) as n by @message | filter n > 1", Statistics(3, 4, 7, 1)),
        ("filter @message = 'none' | stats count(*)", Statistics(0, 4, 7, 1)),
    ],
)
def test_what_matches_is_what_filters_leave(ask, plan, text, statistics):
    ask.add("x", "x", "xü", "ö")
    with ask.store.cursor() as connection:
        found = execute(plan(text), connection, lambda: None)
        assert replace(found, size=0) == statistics
        assert found.size == sum(len((value or "").encode()) for row in page(connection, 0, 10) for value in row)


def test_a_result_is_read_in_pages(ask, plan):
    ask.add(*(f"{number:04}" for number in range(250)))
    with ask.store.cursor() as connection:
        execute(plan("fields @message | display @message"), connection, lambda: None)
        rows = [row[0] for start in (0, 100, 200, 300) for row in page(connection, start, 100)]
    assert rows == [f"{number:04}" for number in reversed(range(250))]


def test_a_page_of_large_texts_is_short(ask, plan, monkeypatch):
    monkeypatch.setattr(execution, "_LARGEST_PAGE", 1000)
    ask.add(*["x" * 100] * 500)
    with ask.store.cursor() as connection:
        execute(plan("fields @message"), connection, lambda: None)
        assert len(page(connection, 0, 500)) == 100


def test_all_statements_see_the_same_events(ask, plan):
    ask.add("x", "x")
    added = []

    def add():
        if not added:
            added.append(ask.add("x"))

    with ask.store.cursor() as connection:
        found = execute(plan("filter @message = 'x' | pattern @message"), connection, add)
        rows = page(connection, 0, 10)
    assert added
    assert (found.scanned, found.matched, rows[0][2]) == (2, 2, "2")
    assert ask("stats count(*)").rows == [("3",)]


def test_the_check_ends_it(ask, plan):
    def end():
        raise Interrupted

    with pytest.raises(Interrupted), ask.store.cursor() as connection:
        execute(plan("pattern @message"), connection, end)


def test_more_than_memory_holds_is_an_error_and_harms_nothing(tmp_path):
    with EventStore(tmp_path / "small.db", memory=16 * 2**20) as store:
        store.append("g", "s", [Event(number, "x" * 1000 + str(number)) for number in range(5000)], 1)
        selection = Selection(("g",), "1", Clock(0, 10**13, 0))
        text = "stats " + ", ".join(f"count_distinct(concat(@message, '{number}'))" for number in range(20))
        with pytest.raises(StoreError, match="Out of Memory"), store.cursor() as connection:
            execute(compile_query(parse(text), selection, None), connection, lambda: None)
        store.append("g", "s", [Event(1, "later")], 1)
        with store.cursor() as connection:
            execute(compile_query(parse("stats count(*)"), selection, None), connection, lambda: None)
            assert page(connection, 0, 1) == [("5001",)]
