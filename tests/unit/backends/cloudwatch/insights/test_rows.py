import re
from itertools import pairwise

import pytest

from refapp.backends.cloudwatch.insights.rows import Parameters, Rows
from refapp.backends.cloudwatch.insights.tree import Field, Span
from refapp.backends.cloudwatch.insights.values import Kind, Value


@pytest.fixture
def parameters():
    return Parameters()


@pytest.fixture
def rows(parameters):
    numbers = "(SELECT range AS id, range % 3 AS a FROM range(10))"
    return Rows(parameters, numbers, {"x": Value("a", Kind.NUMBER)}, ["id DESC"])


@pytest.fixture
def run(parameters, shared):
    def run(sql):
        statement = parameters.statement(sql)
        with shared.cursor() as cursor:
            return cursor.execute(statement.sql, statement.parameters).fetchall()

    return run


def test_equal_values_are_one_parameter(parameters):
    assert parameters.add("a") == parameters.add("a")
    assert (
        len({parameters.add("1"), parameters.add(1), parameters.add(1.0), parameters.add(["1"]), parameters.add([1])})
        == 5
    )


def test_a_statement_has_the_parameters_that_it_uses(parameters):
    first, second, later = parameters.add("a"), parameters.add("b"), parameters.reserve()
    statement = parameters.statement(f"SELECT {second}, {later}")
    assert statement.parameters == {second[1:]: "b", later[1:]: []}
    assert first not in statement.sql


def test_what_is_cheap_is_not_computed_before(rows, parameters):
    field = f"variant_extract(fields, {parameters.add('a')})::VARCHAR"
    for sql in ("a", "c12", "$p1", "$p1::DOUBLE", "c1.g2", "NULL::VARCHAR", field):
        assert rows.let(sql) == sql
    assert rows.relation() == rows.table


def test_a_term_is_computed_once(rows, run):
    twice = rows.let("a * 2")
    assert rows.let("a * 2") == twice
    more = rows.let(f"{twice} + 1")
    assert rows.relation().count("a * 2") == 1
    assert run(f"SELECT sum({more}) FROM {rows.relation()}") == [(28,)]


def test_conditions_hold_where_they_stand(rows, run):
    column = rows.let("a + 1")
    rows.where(f"{column} > 1")
    assert rows.filtered
    assert run(rows.count()) == [(6,)]


def test_the_first_rows_in_an_order(rows, run):
    doubled = rows.let("id * 2")
    rows.where("id <> 8")
    rows.head(3)
    rows.where("id <> 7")
    assert run(rows.select([doubled], 5)) == [(18,), (12,)]


def test_the_first_events_in_an_order(ask, parameters, run):
    ask.add(*"abcde")
    events = f"(SELECT * FROM events WHERE source = (SELECT no FROM sources WHERE log_group = '{ask.group}'))"
    rows = Rows(parameters, events, {}, ["timestamp DESC"])
    rows.single = True
    column = rows.let("message || '!'")
    rows.where("message <> 'd'")
    rows.head(3)
    rows.where("message <> 'c'")
    assert run(rows.select([column], 5)) == [("e!",), ("b!",)]


def test_distinct_keeps_what_lacks_a_value(rows, run):
    column = rows.let("nullif(a, 2)")
    rows.distinct([column])
    assert [found[0] for found in run(rows.select(["id"], 10))] == [9, 8, 7, 5, 2]


def test_expanding_keeps_the_order(rows, run):
    element = rows.expand("CASE WHEN a > 0 THEN range(a) END")
    assert run(rows.select(["id", element], 5)) == [(8, 0), (8, 1), (7, 0), (5, 0), (5, 1)]


def test_many_limits_do_not_make_many_more_terms(rows):
    rows.single = True
    sizes = []
    for _ in range(20):
        rows.head(5)
        sizes.append(len(rows.relation()))
    assert {later - earlier for earlier, later in pairwise(sizes)} == {sizes[1] - sizes[0]}


def test_known_names(rows):
    assert rows.knows(Field(Span(0, 1), ("x",)))
    assert rows.knows(Field(Span(0, 1), ("x", "y")))
    assert not rows.knows(Field(Span(0, 1), ("y", "x")))


def test_columns_have_names_of_their_own(parameters):
    names = [parameters.new_column() for _ in range(3)]
    assert len(set(names)) == 3
    assert all(re.fullmatch(r"c\d+", name) for name in names)
