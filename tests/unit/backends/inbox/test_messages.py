import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from refapp.backends.inbox.messages import Inbox, InboxError, PayloadError, as_dict, parse

JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | st.text(max_size=3),
    lambda x: st.lists(x, max_size=2) | st.dictionaries(st.sampled_from(["text", "attachments", "blocks"]), x),
    max_leaves=6,
)


@pytest.mark.parametrize(
    ("payload", "reason"),
    [
        ("{", "invalid_payload"),
        ("", "invalid_payload"),
        ("[]", "invalid_payload"),
        ('{"text": {}}', "invalid_payload"),
        ('{"text": "x", "attachments": {}}', "invalid_payload"),
        ('{"text": "x", "blocks": [1]}', "invalid_payload"),
        ("{}", "no_text"),
        ('{"text": " "}', "no_text"),
        ('{"attachments": []}', "no_text"),
        ('{"attachments": [{}]}', "no_text"),
        ('{"channel": "#alerts"}', "no_text"),
        (json.dumps({"attachments": [{"text": "x"}] * 101}), "too_many_attachments"),
        (json.dumps({"blocks": [{"type": "divider"}] * 51}), "invalid_blocks"),
    ],
)
def test_what_slack_refuses(payload, reason):
    with pytest.raises(PayloadError) as caught:
        parse(payload.encode())
    assert str(caught.value) == reason


@pytest.mark.parametrize(
    "payload",
    [
        {"text": "x"},
        {"text": 5},
        {"attachments": [{"text": "x"}]},
        {"blocks": [{"type": "divider"}]},
        {"text": "x", "blocks": None},
    ],
)
def test_what_slack_accepts(payload):
    assert parse(json.dumps(payload).encode()) == payload


@given(st.binary(max_size=20) | JSON.map(lambda value: json.dumps(value).encode()))
def test_no_payload_is_too_odd(body):
    try:
        payload = parse(body)
    except PayloadError:
        return
    assert any(payload.get(name) not in (None, "") for name in ("text", "attachments", "blocks"))


def texts(messages):
    return [message.payload["text"] for message in messages]


def test_the_newest_come_first(tmp_path):
    inbox = Inbox(tmp_path / "messages.jsonl", 10)
    first, second, third = (inbox.add({"text": text}) for text in "abc")
    assert texts(inbox.newest()) == ["c", "b", "a"]
    assert texts(inbox.newest(limit=1)) == ["c"]
    assert second in inbox.newest(since=second.received)
    assert third.received >= second.received >= first.received
    assert [first.id, second.id, third.id] == [1, 2, 3]


def test_messages_survive(tmp_path):
    path = tmp_path / "deep" / "messages.jsonl"
    written = Inbox(path, 10).add({"text": "a"})
    inbox = Inbox(path, 10)
    assert inbox.newest() == [written]
    assert inbox.add({"text": "b"}).id == 2


@pytest.mark.parametrize("rest", [b'{"id": 2, "rec', b"\xff\n", b"{}\n", b'[1]\n{"id": "x"}\n'])
def test_what_was_not_written_whole_is_left_aside(rest, tmp_path):
    path = tmp_path / "messages.jsonl"
    written = Inbox(path, 10).add({"text": "a"})
    with path.open("ab") as file:
        file.write(rest)
    inbox = Inbox(path, 10)
    assert inbox.newest() == [written]
    after = inbox.add({"text": "b"})
    assert Inbox(path, 10).newest() == [after, written]


@settings(deadline=None)  # it writes files
@given(counts=st.lists(st.integers(0, 12), min_size=1, max_size=4), limit=st.integers(1, 5))
def test_the_number_is_bounded(counts, limit, tmp_path_factory):
    path = tmp_path_factory.mktemp("inbox") / "messages.jsonl"
    total = 0
    for count in counts:
        inbox = Inbox(path, limit)
        for _ in range(count):
            inbox.add({"text": str(total)})
            total += 1
        assert texts(inbox.newest()) == [str(number) for number in reversed(range(max(0, total - limit), total))]
        assert len(path.read_bytes().splitlines()) <= 2 * limit


def test_a_message_as_json(tmp_path):
    message = Inbox(tmp_path / "messages.jsonl", 1).add({"text": "a"})
    assert as_dict(message) == {"id": 1, "received": message.received.isoformat(), "payload": {"text": "a"}}


@pytest.mark.parametrize("when", ["opened", "written"])
def test_a_file_that_cannot_be_used_is_named(when, tmp_path):
    path = tmp_path / "messages.jsonl"
    if when == "opened":
        path.mkdir()
        with pytest.raises(InboxError, match=r"messages\.jsonl: Is a directory"):
            Inbox(path, 1)
    else:
        inbox = Inbox(path, 1)
        path.unlink()
        path.mkdir()
        with pytest.raises(InboxError, match=r"messages\.jsonl: Is a directory"):
            inbox.add({"text": "a"})
