import pytest

from refapp.backends.cloudwatch.errors import InvalidParameter, ResourceAlreadyExists, ResourceNotFound

ARN = "arn:aws:logs:us-east-1:123456789012:log-group:g:log-stream:"


def names(ask, **members):
    return [stream["logStreamName"] for stream in ask("DescribeLogStreams", logGroupName="g", **members)["logStreams"]]


def test_a_stream_is_described(ask, clock):
    ask.stream("s")
    assert ask("DescribeLogStreams", logGroupName="g")["logStreams"] == [
        {"logStreamName": "s", "creationTime": clock.now, "arn": f"{ARN}s", "storedBytes": 0}
    ]
    ask.put("a", "b", step=5, start=clock.now - 20)
    clock.now += 7
    ask.put("c", start=clock.now - 30)
    assert ask("DescribeLogStreams", logGroupName="g")["logStreams"] == [
        {
            "logStreamName": "s",
            "creationTime": clock.now - 7,
            "arn": f"{ARN}s",
            "storedBytes": 0,
            "firstEventTimestamp": clock.now - 30,
            "lastEventTimestamp": clock.now - 22,
            "lastIngestionTime": clock.now,
        }
    ]


def test_streams_are_ordered_by_name_or_by_their_last_event(ask):
    for name in ("b", "c", "a", "never"):
        ask.stream(name)
    for place, name in enumerate(("c", "a", "b")):
        ask.put("x", stream=name, start=ask.now + place)
    assert names(ask) == ["a", "b", "c", "never"]
    assert names(ask, descending=True) == ["never", "c", "b", "a"]
    assert names(ask, orderBy="LastEventTime") == ["never", "c", "a", "b"]
    assert names(ask, orderBy="LastEventTime", descending=True) == ["b", "a", "c", "never"]
    assert names(ask, logStreamNamePrefix="n") == ["never"]


def test_streams_come_in_pages(ask):
    for name in "abcde":
        ask.stream(name)
        ask.put("x", stream=name)  # at the same time
    token, found = {}, []
    while token is not None:
        answer = ask("DescribeLogStreams", logGroupName="g", orderBy="LastEventTime", descending=True, limit=2, **token)
        found.append([stream["logStreamName"] for stream in answer["logStreams"]])
        token = {"nextToken": answer["nextToken"]} if "nextToken" in answer else None
    assert found == [["e", "d"], ["c", "b"], ["a"]]


def test_a_stream_is_deleted_with_its_events(ask):
    ask.stream("s")
    ask.stream("t")
    ask.put("of s")
    ask.put("of t", stream="t")
    ask("DeleteLogStream", logGroupName="g", logStreamName="s")
    assert (names(ask), ask.messages()) == (["t"], ["of t"])
    with pytest.raises(ResourceNotFound, match="log stream does not exist"):
        ask("DeleteLogStream", logGroupName="g", logStreamName="s")
    ask.stream("s")
    assert ask.messages(logStreamNames=["s"]) == []


def test_a_stream_is_made_once_and_in_a_group(ask):
    with pytest.raises(ResourceNotFound, match="log group does not exist"):
        ask("CreateLogStream", logGroupName="g", logStreamName="s")
    ask.stream("s")
    with pytest.raises(ResourceAlreadyExists, match="log stream already exists"):
        ask.stream("s")


@pytest.mark.parametrize(
    ("operation", "members", "complaint"),
    [
        ("CreateLogStream", {"logStreamName": "a:b"}, "regular expression pattern"),
        ("CreateLogStream", {"logStreamName": "a*"}, "regular expression pattern"),
        ("CreateLogStream", {"logStreamName": ""}, "greater than or equal to 1"),
        ("CreateLogStream", {}, "Value 'null' at 'logStreamName'"),
        (
            "DescribeLogStreams",
            {"orderBy": "LastEventTime", "logStreamNamePrefix": "a"},
            "Cannot order by LastEventTime",
        ),
        ("DescribeLogStreams", {"orderBy": "x"}, "enum value set"),
        ("DescribeLogStreams", {"limit": 0}, "greater than or equal to 1"),
        ("DescribeLogStreams", {"nextToken": "x"}, "nextToken is invalid"),
    ],
)
def test_what_is_refused(ask, operation, members, complaint):
    ask("CreateLogGroup", logGroupName="g")
    with pytest.raises(InvalidParameter, match=complaint):
        ask(operation, logGroupName="g", **members)
