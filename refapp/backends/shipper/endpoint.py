"""CloudWatch Logs, by boto3: what is put into a log stream, and what a stream holds.

boto3's own retries are off: whoever puts decides, and counts. The limits are those of API_PutLogEvents.
"""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import boto3
from botocore.config import Config
from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    ConnectTimeoutError,
    EndpointConnectionError,
)

from refapp.services.settings import SettingsError

MAX_EVENTS = 10_000
"""The most events of a batch."""

MAX_BYTES = 1_048_576
"""The most bytes of a batch: of its messages in UTF-8, and `OVERHEAD` more for each event."""

OVERHEAD = 26
"""Bytes that count for an event beside its message."""

MAX_SPAN = 24 * 3600 * 1000
"""The milliseconds that may lie between the first and the last event of a batch."""

# What is wrong with the events themselves; the same events will never be taken.
_REFUSALS = frozenset({"InvalidParameterException", "ValidationException", "SerializationException"})
_TOO_LARGE = 413
_SERVER_ERROR = 500
_MISSING = "ResourceNotFoundException"
_EXISTS = "ResourceAlreadyExistsException"


class RefusedError(Exception):
    """The endpoint does not take these events, and never will."""


class DeliveryError(Exception):
    """The endpoint did not take a batch this time, or has not answered; `sure` tells that it holds none of it."""

    def __init__(self, text: str, *, sure: bool) -> None:
        super().__init__(text)
        self.sure = sure


class Answer(NamedTuple):
    """What became of a batch: the events before `old` are too old, those before `expired` beyond the group's retention,
    those from `new` on too far in the future. `created` tells that the stream is new.
    """  # noqa: D205 - one sentence

    old: int
    expired: int
    new: int
    created: bool = False


class Held(NamedTuple):
    """What a stream holds since some time: how many events, the time of the last one, and how many are of that."""

    events: int = 0
    timestamp: int = 0
    same: int = 0


class Endpoint:
    """A client of CloudWatch Logs; safe to be used by many threads."""

    def __init__(self, *, url: str | None, region: str | None, connections: int, timeout: float) -> None:
        """Make the client; credentials, and what is None, come from where boto3 looks for them.

        Args:
            url: of the endpoint; None for AWS itself.
            region: the AWS region.
            connections: as many requests there are at a time.
            timeout: seconds to wait for a connection, and for an answer.

        Raises:
            botocore.exceptions.BotoCoreError: there is no region, or the URL is none.
            ValueError: the URL is none.
        """
        config = Config(
            retries={"total_max_attempts": 1},
            max_pool_connections=connections,
            connect_timeout=timeout,
            read_timeout=timeout,
            parameter_validation=False,  # a fourth of the time a large batch takes; the limits are kept here
        )
        self._client: Any = boto3.session.Session().client("logs", endpoint_url=url, region_name=region, config=config)

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

    def put(self, group: str, stream: str, events: Sequence[Mapping[str, Any]]) -> Answer:
        """Put events into a stream, which is created when it is missing, and so is its group.

        Raises:
            RefusedError: the events are not taken.
            DeliveryError: this time they were not.
        """
        names = {"logGroupName": group, "logStreamName": stream}
        answer = self._call("put_log_events", **names, logEvents=events)
        created = answer is None
        if created:
            self._ask("create_log_group", harmless=_EXISTS, logGroupName=group)
            self._ask("create_log_stream", harmless=_EXISTS, **names)
            answer = self._call("put_log_events", **names, logEvents=events)
        if answer is None:
            raise DeliveryError(f"{group} {stream} is missing as soon as it is made", sure=True)
        rejected = answer.get("rejectedLogEventsInfo") or {}
        return Answer(
            old=rejected.get("tooOldLogEventEndIndex", 0),
            expired=rejected.get("expiredLogEventEndIndex", 0),
            new=rejected.get("tooNewLogEventStartIndex", len(events)),
            created=created,
        )

    def held(self, group: str, stream: str, since: int, until: int) -> Held:
        """What a stream holds from a time on and before another, both in milliseconds since 1970.

        Raises:
            DeliveryError: the endpoint has not answered, or not what was asked.
        """
        page: dict[str, Any] = {"logGroupName": group, "logStreamName": stream, "startTime": since, "endTime": until}
        found = Held()
        while answer := self._ask("get_log_events", **page, startFromHead=True, limit=MAX_EVENTS):
            for event in answer["events"]:
                timestamp = event["timestamp"]
                same = found.same + 1 if timestamp == found.timestamp else 1
                found = Held(found.events + 1, timestamp, same)
            if answer["nextForwardToken"] == page.get("nextToken"):
                break
            page["nextToken"] = answer["nextForwardToken"]
        return found

    def _ask(self, operation: str, *, harmless: str = _MISSING, **parameters: Any) -> Any:
        """As `_call`, where no event is at fault if it is refused."""
        try:
            return self._call(operation, harmless=harmless, **parameters)
        except RefusedError as error:
            raise DeliveryError(str(error), sure=True) from None

    def _call(self, operation: str, *, harmless: str = _MISSING, **parameters: Any) -> Any:
        """The answer to a request; None when it is the harmless error."""
        try:
            return getattr(self._client, operation)(**parameters)
        except ClientError as error:
            code = error.response.get("Error", {}).get("Code")
            status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
            if code == harmless:
                return None
            if code in _REFUSALS or status == _TOO_LARGE:
                raise RefusedError(str(error)) from None
            raise DeliveryError(str(error), sure=status < _SERVER_ERROR) from None
        except (EndpointConnectionError, ConnectTimeoutError) as error:
            raise DeliveryError(str(error), sure=True) from None
        except BotoCoreError as error:
            raise DeliveryError(str(error), sure=False) from None


def open_endpoint(url: str | None, region: str | None, *, connections: int, timeout: float) -> Endpoint:
    """The client of the endpoint that the settings ENDPOINT and REGION name; see `Endpoint`.

    Raises:
        SettingsError: there is no region, or the URL is none.
    """
    try:
        return Endpoint(url=url, region=region, connections=connections, timeout=timeout)
    except (BotoCoreError, ValueError) as error:
        raise SettingsError(f"ENDPOINT is {url!r}, REGION {region!r}: {error}") from None
