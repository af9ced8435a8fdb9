import json

from botocore.eventstream import EventStreamBuffer
from hypothesis import given
from hypothesis import strategies as st

from refapp.backends.cloudwatch.endpoint.eventstream import Frames, frame


def decoded(content):
    buffer = EventStreamBuffer()
    buffer.add_data(content)
    return [message.to_response_dict() for message in buffer]


@given(
    kind=st.text("abcXYZ", min_size=1), text=st.text(st.characters(exclude_categories=("Cs",))), exception=st.booleans()
)
def test_botocore_reads_an_event(kind, text, exception):
    (event,) = decoded(frame(kind, {"text": text}, exception=exception))
    name = "exception" if exception else "event"
    assert event["headers"] == {":message-type": name, f":{name}-type": kind, ":content-type": "application/json"}
    assert event["status_code"] == (400 if exception else 200)
    assert json.loads(event["body"]) == {"text": text}


def messages(closed):
    try:
        yield "sessionStart", {"a": 1}
        yield "SessionTimeoutException", {"message": "over"}
    finally:
        closed.append(True)


def test_a_stream_begins_with_its_initial_event():
    events = decoded(b"".join(Frames(messages([]))))
    assert [event["headers"].get(":event-type") for event in events] == ["initial-response", "sessionStart", None]
    assert events[-1]["headers"][":exception-type"] == "SessionTimeoutException"


def test_who_stops_reading_closes_where_the_events_come_from():
    closed = []
    stream = messages(closed)
    next(stream)
    Frames(stream).close()
    assert closed == [True]
