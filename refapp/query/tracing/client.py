"""HTTP as a collector's API speaks it: JSON, or a reason why not."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http import HTTPStatus
from typing import Any, TypeVar
from urllib.parse import quote

import httpx

from refapp.query.answers import BackendError, ask, read_json, refusal, said, shown, unreadable
from refapp.query.tracing.errors import TraceBackendError, TraceNotFoundError
from refapp.query.tracing.spans import Trace

_TIMEOUT = 30.0  # seconds; a search may read much

T = TypeVar("T")


class Client:
    """A client of the API below an address such as `http://127.0.0.1:16686`."""

    def __init__(self, url: str) -> None:
        self._url = url.rstrip("/")

    def get(self, path: str, read: Callable[[Any], T], **params: str | int | None) -> T:
        """What `read` makes of the JSON at a path; parameters that are None are not sent.

        Raises:
            TraceBackendError: there is no answer, it is an error, or `read` cannot make anything of it.
        """
        address = self._url + path
        sent = {name: value for name, value in params.items() if value is not None}
        with _as_our_own():
            response = ask("GET", address, timeout=_TIMEOUT, params=sent)
            if not response.is_success:
                raise refusal(response, _messages(response))
            answer = read_json(response)
        # Jaeger reports some failures in an answer with the status 200.
        if isinstance(answer, dict) and answer.get("errors") and not answer.get("data"):
            reason = _messages(response) or said(response)
            raise TraceBackendError(f"{address} answered: {reason}", _code(answer["errors"]))
        try:
            return read(answer)
        except (AttributeError, KeyError, LookupError, TypeError, ValueError) as error:
            with _as_our_own():
                raise unreadable(response, repr(error)) from error

    def get_trace(self, path: str, trace_id: str, read: Callable[[Any], Trace | None]) -> Trace:
        """What `read` makes of the JSON at a path that ends with the id.

        Raises:
            TraceNotFoundError: the server says so, or `read` finds none.
            TraceBackendError: as for `get`.
        """
        try:
            trace = self.get(f"{path}/{quote(trace_id, safe='')}", read)
        except TraceBackendError as error:
            if error.status != HTTPStatus.NOT_FOUND:
                raise
            raise TraceNotFoundError(f"there is no trace {trace_id}: {error}", error.status) from error
        if trace is None:
            raise TraceNotFoundError(f"there is no trace {trace_id}: {self._url}{path} answered with none")
        return trace


@contextmanager
def _as_our_own() -> Iterator[None]:
    try:
        yield
    except BackendError as error:
        raise TraceBackendError(str(error), error.status) from error


def _messages(response: httpx.Response) -> str:
    """The messages of Jaeger's errors; empty where there are none."""
    try:
        return shown("; ".join(str(error["msg"]) for error in response.json()["errors"]))
    except (KeyError, LookupError, TypeError, ValueError):
        return ""


def _code(errors: Any) -> int | None:
    first = errors[0] if isinstance(errors, list) else None
    code = first.get("code") if isinstance(first, dict) else None
    return code if isinstance(code, int) and code in set(HTTPStatus) else None
