"""Messages to a Slack channel: checked as Slack checks them, and kept in a file.

Slack's checks are those of https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks/ ("Handling
errors"), the fields those of https://docs.slack.dev/legacy/legacy-messaging/legacy-secondary-message-attachments/.
"""

import itertools
from collections import deque
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import orjson

_ATTACHMENTS = 100
_BLOCKS = 50


class PayloadError(ValueError):
    """Slack would refuse what was posted; the message is the one that it would answer with."""


class InboxError(RuntimeError):
    """The file of the messages cannot be used."""


@dataclass(frozen=True, kw_only=True)
class Message:
    """One message: its number, counted from 1, when it was received, and what was posted."""

    id: int
    received: datetime
    payload: dict[str, Any]


def parse(body: bytes) -> dict[str, Any]:
    """Read what was posted to the webhook.

    Raises:
        PayloadError: it is no JSON object, or there is nothing in it to show.
    """
    try:
        payload = orjson.loads(body)
    except orjson.JSONDecodeError:
        raise PayloadError("invalid_payload") from None
    if not isinstance(payload, dict):
        raise PayloadError("invalid_payload")
    attachments, blocks = (_objects(payload, name) for name in ("attachments", "blocks"))
    if len(attachments) > _ATTACHMENTS:
        raise PayloadError("too_many_attachments")
    if len(blocks) > _BLOCKS:
        raise PayloadError("invalid_blocks")
    text = payload.get("text", "")
    if not isinstance(text, str | int | float):
        raise PayloadError("invalid_payload")
    if not (str(text).strip() or blocks or any(attachments)):
        raise PayloadError("no_text")
    return payload


class Inbox:
    """The newest messages, kept in a file of JSON lines.

    What cannot be read in the file, such as a last line that was not written whole, is left aside.

    Raises:
        InboxError: the file cannot be opened.
    """

    def __init__(self, path: Path, limit: int) -> None:
        self._path = path
        self._messages = deque(_stored(path), maxlen=limit)
        self._ids = itertools.count(self._messages[-1].id + 1 if self._messages else 1)
        self._lines = 0
        self._rewrite()

    def __len__(self) -> int:
        return len(self._messages)

    def add(self, payload: dict[str, Any]) -> Message:
        """Keep a message, for which the oldest gives way when there are too many.

        Raises:
            InboxError: it cannot be written.
        """
        message = Message(id=next(self._ids), received=datetime.now(UTC), payload=payload)
        # Twice as many lines as messages: then a rewrite costs little, however many come.
        if self._lines >= 2 * (self._messages.maxlen or 1):
            self._rewrite()
        self._append(message)
        self._messages.append(message)
        return message

    def newest(self, since: datetime | None = None, limit: int | None = None) -> list[Message]:
        """The messages that were received at `since` or later, the newest first, at most `limit` of them."""
        found = (message for message in reversed(self._messages) if since is None or message.received >= since)
        return list(itertools.islice(found, limit))

    def _append(self, message: Message) -> None:
        try:
            with self._path.open("ab") as file:
                file.write(_line(message))
        except OSError as error:
            raise InboxError(f"{self._path}: {error.strerror}") from error
        self._lines += 1

    def _rewrite(self) -> None:
        new = self._path.with_name(self._path.name + ".new")
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            new.write_bytes(b"".join(map(_line, self._messages)))
            new.replace(self._path)
        except OSError as error:
            raise InboxError(f"{self._path}: {error.strerror}") from error
        self._lines = len(self._messages)


def as_dict(message: Message) -> dict[str, Any]:
    """A message as JSON types: `id`, `received` in RFC 3339, `payload`."""
    return asdict(message) | {"received": message.received.isoformat()}


def _objects(payload: dict[str, Any], name: str) -> list[dict[str, Any]]:
    value = payload.get(name)
    if value is None:
        return []
    if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
        raise PayloadError("invalid_payload")
    return value


def _line(message: Message) -> bytes:
    return orjson.dumps(as_dict(message)) + b"\n"


def _stored(path: Path) -> Iterator[Message]:
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        return
    except OSError as error:
        raise InboxError(f"{path}: {error.strerror}") from error
    for line in content.splitlines():
        try:
            fields = orjson.loads(line)
            message = Message(
                id=int(fields["id"]),
                received=datetime.fromisoformat(fields["received"]),
                payload=dict(fields["payload"]),
            )
        except (ValueError, LookupError, TypeError):
            continue
        yield message
