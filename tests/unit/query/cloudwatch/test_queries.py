import pandas as pd
import pytest

from refapp.query.cloudwatch import queries
from refapp.query.cloudwatch.errors import CloudError, QueryError, UnfinishedQueryError
from refapp.query.cloudwatch.spans import Span, moment

SPAN = Span(moment(1_000_500), moment(2_000_500))
ASKED = {"queryString": "limit 1", "startTime": 1000, "endTime": 2001, "logGroupNames": ["g"]}
STATISTICS = {"recordsMatched": 5.0, "recordsScanned": 70.0, "bytesScanned": 800.0}
ROW = [{"field": "a", "value": "1"}]


def running(aws, *states, rows=(), token=None):
    aws.says("logs", "start_query", {"queryId": "q"}, ASKED)
    for state in states:
        answer = {"status": state, "results": list(rows), "statistics": STATISTICS}
        aws.says("logs", "get_query_results", {**answer, **({"nextToken": token} if token else {})}, {"queryId": "q"})


def run(aws, **more):
    return queries.run(aws.cloud, "limit 1", ["g"], SPAN, **more)


def test_a_query_is_looked_at_until_it_is_complete(aws, no_pauses):
    running(aws, "Scheduled", "Running", "Running", "Complete", rows=[ROW])
    frame = run(aws)
    assert frame["a"].tolist() == [1]
    assert no_pauses == sorted(no_pauses)
    assert len(no_pauses) == 3


def test_pauses_grow_to_a_bound(aws, no_pauses):
    running(aws, *["Running"] * 20, "Complete")
    run(aws)
    assert no_pauses[0] < 0.1
    assert no_pauses[-1] == max(no_pauses) == 2


def test_the_frame_says_what_was_asked_and_what_it_took(aws):
    running(aws, "Complete", rows=[ROW])
    attrs = run(aws).attrs
    assert attrs.pop("elapsed") >= 0
    assert attrs == {
        "query": "limit 1",
        "id": "q",
        "groups": ["g"],
        "start": SPAN.start,
        "end": SPAN.end,
        "statistics": STATISTICS,
    }


def test_a_limit_is_sent(aws):
    aws.says("logs", "start_query", {"queryId": "q"}, {**ASKED, "limit": 7})
    aws.says("logs", "get_query_results", {"status": "Complete", "results": []})
    assert isinstance(run(aws, limit=7), pd.DataFrame)


def test_a_query_may_name_its_groups_itself(aws):
    asked = {name: value for name, value in ASKED.items() if name != "logGroupNames"}
    aws.says("logs", "start_query", {"queryId": "q"}, asked)
    aws.says("logs", "get_query_results", {"status": "Complete", "results": []})
    assert queries.run(aws.cloud, "limit 1", [], SPAN).empty


def test_all_pages_are_read(aws):
    running(aws, "Complete", rows=[ROW], token="t1")
    pages = [({"nextToken": "t2"}, "t1", "2"), ({}, "t2", "3")]
    for more, token, value in pages:
        answer = {"status": "Complete", "results": [[{"field": "a", "value": value}]], **more}
        aws.says("logs", "get_query_results", answer, {"queryId": "q", "nextToken": token})
    assert run(aws)["a"].tolist() == [1, 2, 3]


@pytest.mark.usefixtures("no_pauses")
def test_progress_is_told_of_each_state(aws):
    running(aws, "Running", "Complete")
    states = []
    run(aws, progress=states.append)
    assert [state.status for state in states] == ["Running", "Complete"]
    assert (states[0].matched, states[0].scanned, states[0].bytes) == (5, 70, 800)
    assert 0 <= states[0].elapsed <= states[1].elapsed


@pytest.mark.parametrize("error", [KeyboardInterrupt, RuntimeError])
def test_a_query_that_nobody_waits_for_any_longer_is_stopped(aws, error):
    def interrupt(_):
        raise error

    running(aws, "Running")
    aws.says("logs", "stop_query", {"success": True}, {"queryId": "q"})
    with pytest.raises(error):
        run(aws, progress=interrupt)


def test_an_interrupt_is_not_hidden_by_a_query_that_has_ended(aws):
    def interrupt(_):
        raise KeyboardInterrupt

    running(aws, "Complete")
    aws.refuses("logs", "stop_query", "InvalidParameterException", "it has ended")
    with pytest.raises(KeyboardInterrupt):
        run(aws, progress=interrupt)


@pytest.mark.parametrize("state", ["Failed", "Timeout", "Cancelled", "Unknown"])
def test_a_query_that_ends_otherwise_is_an_error(aws, state):
    running(aws, state, rows=[ROW])
    with pytest.raises(UnfinishedQueryError, match=state) as raised:
        run(aws)
    assert raised.value.state == state


def test_a_query_that_is_not_understood_is_shown_with_its_place(aws):
    compiled = {"location": {"startCharOffset": 6, "endCharOffset": 7}, "message": "no number"}
    aws.refuses("logs", "start_query", "MalformedQueryException", "refused", queryCompileError=compiled)
    with pytest.raises(QueryError) as raised:
        run(aws)
    assert str(raised.value) == "no number\n\n    limit 1\n          ^"
    assert raised.value.__suppress_context__


def test_a_query_that_is_not_understood_may_be_told_without_a_place(aws):
    aws.refuses("logs", "start_query", "MalformedQueryException", "unexpected symbol")
    with pytest.raises(QueryError, match="unexpected symbol") as raised:
        run(aws)
    assert raised.value.start is None


def test_any_other_refusal_stays_one(aws):
    aws.refuses("logs", "start_query", "ResourceNotFoundException", "no group")
    with pytest.raises(CloudError, match="no group") as raised:
        run(aws)
    assert not isinstance(raised.value, QueryError)
