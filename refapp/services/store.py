"""The database of a service."""

import asyncio
import os
import re
from collections.abc import Mapping, Sequence

import pymongo
from grpc import StatusCode
from pymongo.errors import (
    BulkWriteError,
    ConnectionFailure,
    DuplicateKeyError,
    PyMongoError,
    ServerSelectionTimeoutError,
)
from pymongo.write_concern import WriteConcern

from refapp.services import metrics
from refapp.services.backoff import STARTING, pauses
from refapp.services.headers import Headers
from refapp.services.hops import Deadline, HopError
from refapp.services.logs import get_logger
from refapp.services.tracing import UNTRACED, Tracer
from refapp.services.uncancelled import Uncancelled

Document = Mapping[str, str]

_POOL = 8
# How long a request waits for a database that is away; the driver looks for it twice a second while one waits.
_AWAY_SECONDS = 0.5
_HEARTBEAT_MS = 2000
# One that accepts connections and says nothing is taken for away after this time.
_CONNECT_MS = 5000
_DUPLICATE_KEY = 11000

_STORED = metrics.counter("greetings_stored", "Greetings written to the database; those that were there are none.")

log = get_logger()


class Store:
    """A collection of greetings, over one client that reconnects by itself.

    A greeting's id is the document's `_id`, so one that is there already counts as written. To be made, used and
    closed in one event loop.

    Raises:
        ValueError: the URL cannot be understood.
    """

    def __init__(self, caller: str, url: str, collection: str, tracer: Tracer = UNTRACED) -> None:
        self._caller = caller
        self._tracer = tracer
        self._client = _client(caller, url)
        self._writes = Uncancelled()
        self._collection = self._client[caller].get_collection(
            collection, write_concern=WriteConcern(w="majority", j=True)
        )

    async def connect(self) -> None:
        """Wait until the database answers for the first time."""
        told = ""
        for pause in pauses(STARTING):
            try:
                with pymongo.timeout(_AWAY_SECONDS):
                    await self._client.admin.command("ping")
            except (PyMongoError, OSError) as error:
                detail = _detail(error)
            else:
                log.info("mongodb connected")
                return
            tell = log.debug if detail == told else log.warning
            tell("mongodb does not answer", detail=detail)
            told = detail
            await asyncio.sleep(pause)

    async def insert(self, greeting: Document, deadline: Deadline, headers: Headers = ()) -> None:
        """Write a greeting, or find it written; durably, on a majority of the members.

        Args:
            greeting: its fields.
            deadline: how long to wait.
            headers: what `propagated` found in the request, for its trace.

        Raises:
            HopError: the database is away, does not answer in time or refuses.
        """
        await self.insert_all((greeting,), deadline, (headers,))

    async def insert_all(
        self, greetings: Sequence[Document], deadline: Deadline, headers: Sequence[Headers] = ()
    ) -> None:
        """Write greetings at once, each as `insert` does; `headers` has those of each greeting.

        Raises:
            HopError: the database is away, does not answer in time or refuses; some may be written.
        """
        timeout = deadline.timeout(self._caller, "mongodb")
        if not self._client.topology_description.has_writable_server():
            timeout = min(timeout, _AWAY_SECONDS)
        await self._writes.run(self._write([_document(greeting) for greeting in greetings], timeout, headers))

    async def close(self) -> None:
        """Close the client, when the writes that run are over."""
        await self._writes.finish()
        await self._client.close()

    async def _write(
        self,
        documents: list[dict[str, str]],
        timeout: float,  # noqa: ASYNC109 - pymongo's own
        headers: Sequence[Headers],
    ) -> None:
        with self._tracer.insert(self._caller, self._collection.name, headers):
            await self._insert(documents, timeout)

    async def _insert(self, documents: list[dict[str, str]], timeout: float) -> None:  # noqa: ASYNC109 - pymongo's own
        try:
            with pymongo.timeout(timeout):
                if len(documents) == 1:
                    await self._collection.insert_one(documents[0])
                else:
                    await self._collection.insert_many(documents, ordered=False)
            _STORED.inc(len(documents))
        except DuplicateKeyError:
            log.debug("greeting stored before", greeting=documents[0]["_id"])
        except BulkWriteError as error:
            _STORED.inc(error.details.get("nInserted", 0))
            if not _only_duplicates(error):
                raise self._failure(error) from error
        except (PyMongoError, OSError) as error:
            raise self._failure(error) from error

    def _failure(self, error: Exception) -> HopError:
        return HopError(self._caller, "mongodb", _code(error), _detail(error))


def _client(caller: str, url: str) -> "pymongo.AsyncMongoClient[dict[str, str]]":
    try:
        return pymongo.AsyncMongoClient(
            url,
            appname=caller,
            maxPoolSize=_POOL,
            heartbeatFrequencyMS=_HEARTBEAT_MS,
            connectTimeoutMS=_CONNECT_MS,
            retryWrites=False,  # Amazon DocumentDB has none, and a caller is better told at once
        )
    except PyMongoError as error:
        raise ValueError(f"the URL of MongoDB cannot be used: {error}") from None


def _document(greeting: Document) -> dict[str, str]:
    return {"_id" if key == "id" else key: value for key, value in greeting.items()}


def _only_duplicates(error: BulkWriteError) -> bool:
    details = error.details or {}
    duplicates = all(failure["code"] == _DUPLICATE_KEY for failure in details["writeErrors"])
    return duplicates and not details["writeConcernErrors"]


def _code(error: Exception) -> StatusCode:
    if isinstance(error, ServerSelectionTimeoutError):  # it is away, which the driver also calls a timeout
        return StatusCode.UNAVAILABLE
    if isinstance(error, PyMongoError) and error.timeout:
        return StatusCode.DEADLINE_EXCEEDED
    return StatusCode.UNAVAILABLE if isinstance(error, ConnectionFailure | OSError) else StatusCode.INTERNAL


def _detail(error: Exception) -> str:
    """The driver's message without the timeouts and the topology that it adds to the cause."""
    text = " ".join(str(error).split())
    for addition in (" (configured timeouts:", ", Timeout: ", ", full error: "):
        text = text.partition(addition)[0]
    text = re.sub(r"\[Errno (\d+)\].*", lambda match: os.strerror(int(match[1])), text)
    return text or type(error).__name__
