import sqlite3
from contextlib import closing

import pytest
from hypothesis import given
from hypothesis import strategies as st

from refapp.backends.tracing import vocabulary
from refapp.backends.tracing.store import Term
from refapp.backends.tracing.vocabulary import ALL, SCHEMA, UPGRADE, Masks, Vocabulary

WORDS = st.text("ab=", max_size=2)
HAD = st.tuples(st.integers(1, 3), st.dictionaries(WORDS, st.integers(0, 9).map(str), max_size=4), st.lists(WORDS))


def make_connection():
    connection = sqlite3.connect(":memory:")
    connection.executescript(f"CREATE TABLE operations (no INTEGER PRIMARY KEY); {SCHEMA}")
    connection.executemany("INSERT INTO operations VALUES (?)", [(1,), (2,), (3,)])
    return connection


@pytest.fixture
def connection():
    with closing(make_connection()) as opened:
        yield opened


@pytest.fixture
def words(connection):
    return Vocabulary(connection)


@pytest.fixture
def bits(words, span):
    """Record a span of an operation, the first one unless told otherwise; its bits."""

    def record(operation=1, annotations=(), **tags):
        listed = [{"timestamp": 1, "value": value} for value in annotations]
        return words.record(operation, span(tags=tags, annotations=listed))[0]

    return record


def fits(bits, masks):
    return masks is not None and bits & masks.every == masks.every and all(bits & mask for mask in masks.some)


def rows(connection):
    return connection.execute("SELECT count(*) FROM vocabulary").fetchone()[0]


@pytest.mark.parametrize(("own", "recorded", "named"), [(4, 256, 40), (2, 4, 40), (3, 1, 40), (1, 3, 3), (0, 0, 1)])
@given(had=st.lists(HAD, max_size=20))
def test_a_span_fits_all_that_it_has(span, own, recorded, named, had):
    with pytest.MonkeyPatch.context() as patch, closing(make_connection()) as connection:
        patch.setattr(vocabulary, "_OWN", own)
        patch.setattr(vocabulary, "_RECORDED", recorded)
        patch.setattr(vocabulary, "_NAMED", named)
        patch.setattr(vocabulary, "_NAMED_BITS", (1 << named) - 1)
        words = Vocabulary(connection)
        kept = []
        for operation, tags, texts in had:
            item = span(tags=tags, annotations=[{"timestamp": 1, "value": text} for text in texts])
            kept.append((operation, item, words.record(operation, item)[0]))
        for reader in (words, Vocabulary(connection)):
            for operation, item, bits in kept:
                terms = [*map(Term, [*item.tags, *(value for _, value in item.annotations)])]
                terms += [Term(*tag) for tag in item.tags.items()]
                assert all(fits(bits, reader.masks(operation, [term])) for term in terms)
                assert fits(bits, reader.masks(operation, terms))
                assert 0 <= bits < 2**63


def test_what_an_operation_never_had_is_ruled_out(words, bits):
    bits(k="v", e="")
    bits(operation=2, k="w", annotations=["noted"])
    for terms in [("k", "w")], [("e", "v")], [("noted", None)], [("k", "v"), ("none", None)], [("none", "v")]:
        assert words.masks(1, terms) is None
    for terms in [("k", "v")], [("e", None)], [("k", "v"), ("e", "")], []:
        assert words.masks(1, terms) is not None
    assert words.masks(2, [("noted", None)]) is not None
    assert words.masks(2, [("noted", "")]) is None


def test_an_operation_of_which_nothing_is_known_may_have_anything(words):
    assert words.masks(3, [("k", "v"), ("e", None)]) == Masks()


def test_the_first_values_of_a_key_are_told_apart(words, bits):
    had = {value: bits(k=value) for value in "abcd"}
    for asked in had:
        masks = words.masks(1, [("k", asked)])
        assert [value for value in had if fits(had[value], masks)] == [asked]


def test_later_values_are_told_from_the_first_and_mostly_from_each_other(words, bits):
    had = {f"{number}": bits(k=f"{number}") for number in range(100)}
    found = [value for value in had if fits(had[value], words.masks(1, [("k", "99")]))]
    assert "99" in found
    assert not set(found) & {"0", "1", "2", "3"}
    assert len(found) < 25


def test_a_key_is_told_from_others_that_have_many_values(words, bits):
    for number in range(300):
        bits(id=f"{number}", **({"method": "GET"} if number == 10 else {}))
    without, having = bits(id="new", method="GET"), bits(id="newer", error="once")
    for term in ("error", None), ("error", "once"):
        assert fits(having, words.masks(1, [term]))
        assert not fits(without, words.masks(1, [term]))


def test_a_key_without_a_value_is_a_tag_or_an_annotation(words, bits):
    tagged, noted, neither = bits(e="1"), bits(annotations=["e"]), bits(k="v", annotations=["other"])
    masks = words.masks(1, [("e", None)])
    assert [fits(had, masks) for had in (tagged, noted, neither)] == [True, True, False]


def test_many_values_are_not_recorded(connection, words, bits):
    for number in range(1000):
        bits(k=f"{number}", annotations=[f"at {number}"])
    assert rows(connection) == 2 * (256 + 1)
    assert words.masks(1, [("k", "never")]) is not None
    assert words.masks(1, [("never", None)]) is not None
    assert words.masks(1, [("other", "never")]) is None


def test_nothing_is_written_when_nothing_is_new(connection, bits):
    first = bits(k="v", annotations=["noted"])
    written = connection.total_changes
    assert bits(k="v", annotations=["noted"]) == first
    Vocabulary(connection)
    assert connection.total_changes == written


def test_what_was_not_kept_is_forgotten(connection, words, bits):
    bits(k="v")
    connection.commit()
    bits(k="w")
    connection.rollback()
    words.load()
    assert words.masks(1, [("k", "w")]) is None
    assert words.masks(1, [("k", "v")]) is not None


def test_operations_that_have_gone_are_forgotten(connection, words, bits):
    bits(k="v")
    bits(operation=2, k="v")
    connection.execute("DELETE FROM operations WHERE no = 1")
    words.forget()
    assert rows(connection) == 1
    assert words.masks(1, [("none", None)]) == Masks()
    assert words.masks(2, [("none", None)]) is None


def test_an_older_operation_may_have_anything(connection, span):
    connection.executescript(UPGRADE)
    words = Vocabulary(connection)
    assert words.record(1, span(tags={"k": "v"}))[0] == ALL
    for reader in (words, Vocabulary(connection)):
        assert reader.masks(1, [("none", None)]) == Masks()
    words.record(4, span(tags={"k": "v"}))
    assert words.masks(4, [("none", None)]) is None


def test_the_numbers_are_those_of_all_terms_that_a_span_fulfils(words, span):
    item = span(tags={"k": "v"}, annotations=[{"timestamp": 1, "value": "noted"}])
    terms = [("k", None), ("k", "v"), ("noted", None)]
    assert words.record(1, item)[1] == [vocabulary.term_number(*term) for term in terms]
