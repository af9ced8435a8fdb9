from itertools import islice

import pytest

from refapp.query.cloudwatch.errors import CloudError
from refapp.query.cloudwatch.spans import moment
from refapp.query.cloudwatch.tail import tail

BEGIN = 1_000_000


def event(ms, ident=None):
    return {
        "logStreamName": "s",
        "timestamp": ms,
        "message": f"at {ms}",
        "ingestionTime": ms + 5,
        "eventId": ident or f"e{ms}",
    }


def answers(aws, start, *found, token=None, after=None, **more):
    asked = {"logGroupName": "g", "startTime": start, **({"nextToken": after} if after else {}), **more}
    aws.says("logs", "filter_log_events", {"events": list(found), **({"nextToken": token} if token else {})}, asked)


def texts(aws, number, **more):
    return [found.message for found in islice(tail(aws.cloud, "g", moment(BEGIN), **more), number)]


@pytest.mark.usefixtures("no_pauses")
def test_events_come_as_they_arrive_and_each_once(aws):
    answers(aws, BEGIN, event(BEGIN + 1), event(BEGIN + 2))
    answers(aws, BEGIN, event(BEGIN + 1), event(BEGIN + 2), event(BEGIN + 3))
    assert texts(aws, 3) == [f"at {BEGIN + number}" for number in (1, 2, 3)]


@pytest.mark.usefixtures("no_pauses")
def test_an_event_that_arrives_late_is_seen(aws):
    answers(aws, BEGIN, event(BEGIN + 60_000))
    answers(aws, BEGIN + 30_000, event(BEGIN + 31_000), event(BEGIN + 60_000))
    assert texts(aws, 2) == [f"at {BEGIN + 60_000}", f"at {BEGIN + 31_000}"]


@pytest.mark.usefixtures("no_pauses")
def test_what_was_seen_is_remembered_as_long_as_it_is_asked_for(aws):
    answers(aws, BEGIN, event(BEGIN + 1), event(BEGIN + 40_000))
    answers(aws, BEGIN + 10_000, event(BEGIN + 40_000), event(BEGIN + 80_000))
    answers(aws, BEGIN + 50_000, event(BEGIN + 80_000), event(BEGIN + 81_000))
    assert texts(aws, 4) == [f"at {BEGIN + ms}" for ms in (1, 40_000, 80_000, 81_000)]


@pytest.mark.usefixtures("no_pauses")
def test_a_batch_is_ordered_by_time_over_all_its_pages(aws):
    answers(aws, BEGIN, event(BEGIN + 9), token="t")
    answers(aws, BEGIN, event(BEGIN + 3), event(BEGIN + 9), after="t")
    assert texts(aws, 2) == [f"at {BEGIN + 3}", f"at {BEGIN + 9}"]


def test_it_waits_between_two_questions(aws, no_pauses):
    answers(aws, BEGIN)
    answers(aws, BEGIN)
    answers(aws, BEGIN, event(BEGIN))
    assert texts(aws, 1, pause=0.7) == [f"at {BEGIN}"]
    assert no_pauses == [0.7, 0.7]


def test_a_pattern_and_streams_are_asked_for(aws):
    answers(aws, BEGIN, event(BEGIN), filterPattern="error", logStreamNames=["s"])
    assert texts(aws, 1, pattern="error", streams=["s"]) == [f"at {BEGIN}"]


def test_an_event_has_its_times(aws):
    answers(aws, BEGIN, event(BEGIN + 1, "x"))
    (found,) = islice(tail(aws.cloud, "g", moment(BEGIN)), 1)
    assert (found.timestamp, found.ingestion) == (moment(BEGIN + 1), moment(BEGIN + 6))
    assert (found.stream, found.id) == ("s", "x")


def test_a_refusal_ends_it(aws):
    aws.refuses("logs", "filter_log_events", "ResourceNotFoundException", "no group")
    with pytest.raises(CloudError, match="no group"):
        texts(aws, 1)
