"""The alerts of a platform: which fire, which are silenced, and what was written to Slack."""

import re
import time as clock
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar, overload
from urllib.parse import quote

import pandas as pd

from refapp.query.answers import ask, read_json, unreadable

_TIMEOUT = 10.0  # seconds
_POLL = 0.2  # seconds
_ALERT = ["alert", "state", "since"]
_MORE = ["summary", "value", "silenced_by", "inhibited_by"]
_SILENCE = ["id", "state", "matchers", "since", "until", "author", "comment"]
_MESSAGE = ["id", "received", "status", "title", "text"]
_STATUS = re.compile(r"\[(FIRING|RESOLVED)\b")

T = TypeVar("T")
Matchers = Mapping[str, str | re.Pattern[str]]
"""Labels by name, each with its value or with an expression that the whole of it has to match."""


class NoAlertsError(RuntimeError):
    """The platform runs without an Alertmanager, or without an inbox."""


@dataclass(frozen=True, kw_only=True)
class Message:
    """One message in the Slack channel.

    `status` is `firing` or `resolved`; `colour` is Slack's (`good`, `warning`, `danger`, or like `#439fe0`); `text` is
    Slack's mrkdwn (https://docs.slack.dev/messaging/formatting-message-text/); `payload` is what was posted.
    """

    id: int
    received: datetime
    status: str
    title: str
    link: str
    text: str
    colour: str
    footer: str
    channel: str
    payload: Mapping[str, Any]


class Messages(Sequence[Message]):
    """Messages in the Slack channel, the newest first."""

    def __init__(self, messages: Iterable[Message]) -> None:
        self._messages = tuple(messages)

    @overload
    def __getitem__(self, index: int) -> Message: ...

    @overload
    def __getitem__(self, index: slice) -> "Messages": ...

    def __getitem__(self, index: int | slice) -> "Message | Messages":
        return Messages(self._messages[index]) if isinstance(index, slice) else self._messages[index]

    def __len__(self) -> int:
        return len(self._messages)

    def __iter__(self) -> Iterator[Message]:
        return iter(self._messages)

    def __repr__(self) -> str:
        return f"<Messages: {len(self)}>"

    @property
    def frame(self) -> pd.DataFrame:
        """One row a message: id, received, status, title, text."""
        rows = [[getattr(message, name) for name in _MESSAGE] for message in self]
        return _timed(pd.DataFrame(rows, columns=_MESSAGE), "received")


class Alerts:
    """What Alertmanager knows, and what it has written to Slack.

    `urls` gives the addresses when they are needed: `alertmanager`, and `inbox` for what was written.

    Every method raises `NoAlertsError` when there is no such server, and `BackendError` when it cannot be asked, or
    refuses.
    """

    def __init__(self, urls: Callable[[], Mapping[str, str]]) -> None:
        self._urls = urls

    def frame(self, matchers: Matchers | None = None) -> pd.DataFrame:
        """The alerts that fire, the newest first, or those of them whose labels match.

        One row an alert: its name, whether it is `active` or `suppressed`, since when, its other labels, its summary
        and value, and the ids of the silences and alerts that suppress it.
        """
        selected = [_filter(name, value) for name, value in (matchers or {}).items()]
        return self._get("/alerts", _alerts, {"filter": selected})

    def silences(self) -> pd.DataFrame:
        """The silences, those that will end last first: id, state, matchers, since, until, author, comment."""
        return self._get("/silences", _silences)

    def silence(
        self,
        matchers: Matchers,
        lasting: timedelta,
        *,
        comment: str,
        author: str = "refapp",
        start: datetime | None = None,
    ) -> str:
        """Say nothing of the alerts whose labels match, for a time, and return the id of this silence.

        Args:
            matchers: labels and their values.
            lasting: from `start` on.
            comment: why.
            author: who says so.
            start: when it begins; at once without.

        Raises:
            ValueError: nothing is to match, which would silence all.
        """
        if not matchers:
            raise ValueError("say which alerts are to be silenced: no matcher would silence them all")
        first = (start or datetime.now(UTC)).astimezone(UTC)
        silence = {
            "matchers": [_matcher(name, value) for name, value in matchers.items()],
            "startsAt": first.isoformat(),
            "endsAt": (first + lasting).isoformat(),
            "createdBy": author,
            "comment": comment,
        }
        response = ask("POST", f"{self._api()}/silences", timeout=_TIMEOUT, json=silence)
        return str(read_json(response)["silenceID"])

    def expire(self, silence: str) -> None:
        """End a silence, by its id; one that has ended stays so.

        Raises:
            BackendError: there is none of that id.
        """
        response = ask("DELETE", f"{self._api()}/silence/{quote(silence, safe='')}", timeout=_TIMEOUT)
        if not response.is_success:
            read_json(response)

    def messages(self, since: datetime | None = None, limit: int | None = None) -> Messages:
        """What was written to Slack, the newest first, at `since` or later. A time without its zone is local."""
        params = {"since": since.astimezone(UTC).isoformat() if since else None, "limit": limit}
        url = f"{self._url('inbox').rstrip('/')}/messages"
        return _read(url, lambda items: Messages(map(_message, items)), params)

    def wait(
        self,
        contains: str,
        *,
        status: str | None = None,
        since: datetime | None = None,
        within: float = 60.0,
    ) -> Message:
        """The first message that contains a text, once it is there.

        Args:
            contains: in the title or the text, such as the name of an alert.
            status: `firing` or `resolved`; any without.
            since: not before that time.
            within: how many seconds to wait at most.

        Raises:
            TimeoutError: it is not there in time; the message says which are.
        """
        deadline = clock.monotonic() + within
        while True:
            messages = self.messages(since)
            for message in reversed(messages):
                if contains in f"{message.title}\n{message.text}" and status in (None, message.status):
                    return message
            if clock.monotonic() >= deadline:
                titles = "; ".join(message.title for message in messages) or "none"
                wanted = f"{status} message" if status else "message"
                raise TimeoutError(f"no {wanted} with {contains!r} came within {within:g} s; there are: {titles}")
            clock.sleep(_POLL)

    def _get(
        self, path: str, read: Callable[[Any], pd.DataFrame], params: Mapping[str, Any] | None = None
    ) -> pd.DataFrame:
        return _read(self._api() + path, read, params or {})

    def _api(self) -> str:
        return f"{self._url('alertmanager').rstrip('/')}/api/v2"

    def _url(self, name: str) -> str:
        if url := self._urls().get(name):
            return url
        raise NoAlertsError(f"the platform has no {name}: it was started without alerts, or writes to a real Slack")


def _read(url: str, read: Callable[[Any], T], params: Mapping[str, Any]) -> T:
    sent = {name: value for name, value in params.items() if value is not None}
    response = ask("GET", url, timeout=_TIMEOUT, params=sent)
    answer = read_json(response)
    try:
        return read(answer)
    except (AttributeError, LookupError, TypeError, ValueError) as error:
        raise unreadable(response, repr(error)) from error


def _alerts(data: Sequence[Mapping[str, Any]]) -> pd.DataFrame:
    found = sorted(data, key=lambda alert: str(alert["startsAt"]), reverse=True)
    labels = sorted({name for alert in found for name in alert["labels"]} - {"alertname"})
    rows = [
        (
            alert["labels"]["alertname"],
            alert["status"]["state"],
            alert["startsAt"],
            *(alert["labels"].get(name, "") for name in labels),
            alert["annotations"].get("summary", ""),
            alert["annotations"].get("value", ""),
            ", ".join(alert["status"]["silencedBy"]),
            ", ".join(alert["status"]["inhibitedBy"]),
        )
        for alert in found
    ]
    # A label that is called as one of the columns would hide it.
    columns = [f"label_{name}" if name in {*_ALERT, *_MORE} else name for name in labels]
    return _timed(pd.DataFrame(rows, columns=[*_ALERT, *columns, *_MORE]), "since")


def _silences(data: Sequence[Mapping[str, Any]]) -> pd.DataFrame:
    rows = [
        (
            silence["id"],
            silence["status"]["state"],
            ", ".join(_shown(matcher) for matcher in silence["matchers"]),
            silence["startsAt"],
            silence["endsAt"],
            silence["createdBy"],
            silence["comment"],
        )
        for silence in sorted(data, key=lambda silence: str(silence["endsAt"]), reverse=True)
    ]
    return _timed(pd.DataFrame(rows, columns=_SILENCE), "since", "until")


def _message(item: Mapping[str, Any]) -> Message:
    payload = item["payload"]
    first = (payload.get("attachments") or [{}])[0]
    title = str(first.get("title") or payload.get("text") or first.get("fallback") or "")
    status = _STATUS.match(title)
    return Message(
        id=int(item["id"]),
        received=datetime.fromisoformat(item["received"]),
        status=status[1].lower() if status else "",
        title=title,
        link=str(first.get("title_link", "")),
        text=str(first.get("text") or payload.get("text") or ""),
        colour=str(first.get("color", "")),
        footer=str(first.get("footer", "")),
        channel=str(payload.get("channel", "")),
        payload=payload,
    )


def _matcher(name: str, value: str | re.Pattern[str]) -> dict[str, Any]:
    if isinstance(value, re.Pattern):
        return {"name": name, "value": value.pattern, "isRegex": True, "isEqual": True}
    return {"name": name, "value": value, "isRegex": False, "isEqual": True}


def _filter(name: str, value: str | re.Pattern[str]) -> str:
    return _shown(_matcher(name, value))


def _shown(matcher: Mapping[str, Any]) -> str:
    """A matcher as Alertmanager writes it: https://prometheus.io/docs/alerting/latest/configuration/#matcher."""
    sign = {(True, False): "=", (True, True): "=~", (False, False): "!=", (False, True): "!~"}
    value = str(matcher["value"]).replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'{matcher["name"]}{sign[matcher.get("isEqual", True), matcher["isRegex"]]}"{value}"'


def _timed(frame: pd.DataFrame, *columns: str) -> pd.DataFrame:
    # Go leaves out the fraction of a second where there is none.
    return frame.assign(**{name: pd.to_datetime(frame[name], utc=True, format="ISO8601") for name in columns})
