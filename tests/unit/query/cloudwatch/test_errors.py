import pytest
from hypothesis import given
from hypothesis import strategies as st

from refapp.query.answers import BackendError
from refapp.query.cloudwatch.errors import CloudError, NoCloudError, QueryError, UnfinishedQueryError


@pytest.mark.parametrize("error", [NoCloudError("x"), QueryError("r", "q"), UnfinishedQueryError("Failed", "q")])
def test_all_are_of_one_kind_that_the_command_line_knows(error):
    assert isinstance(error, CloudError)
    assert isinstance(error, BackendError)


def test_a_query_is_shown_with_carets_below_the_place():
    query = "fields @timestamp\n| fliter a = 1\n| limit 3"
    error = QueryError("no command fliter", query, 20, 26)
    assert str(error).splitlines() == [
        "no command fliter",
        "",
        "    fields @timestamp",
        "    | fliter a = 1",
        "      ^^^^^^",
        "    | limit 3",
    ]
    assert (error.code, error.status, error.start, error.end) == ("MalformedQueryException", 400, 20, 26)


def test_a_place_over_several_lines_is_marked_to_the_end_of_its_first():
    assert str(QueryError("r", "ab\ncd", 1, 5)).splitlines()[2:] == ["    ab", "     ^", "    cd"]


def test_the_end_of_a_query_is_a_place_too():
    assert str(QueryError("more expected", "limit", 5, 5)).splitlines()[2:] == ["    limit", "         ^"]


def test_without_a_place_the_query_alone_is_shown():
    assert str(QueryError("r", "a\nb")).splitlines() == ["r", "", "    a", "    b"]


def test_a_caret_stands_right_behind_a_tab():
    assert str(QueryError("r", "\tx y", 3, 4)).splitlines()[-1] == "    \t  ^"


@given(st.text("ab \t\n|é", max_size=20), st.integers(0, 25), st.integers(0, 8))
def test_any_place_makes_a_text(query, start, length):
    lines = str(QueryError("r", query, start, start + length)).split("\n")[2:]
    marks = [line for line in lines if "^" in line]
    assert len(marks) == 1
    assert [line[4:] for line in lines if line not in marks] == query.split("\n")


def test_a_query_that_did_not_finish_says_how_it_ended():
    error = UnfinishedQueryError("Timeout", "stats\n  count(*)")
    assert str(error) == "the query ended as Timeout: stats count(*)"
    assert error.state == "Timeout"
