"""HTTP as a collector's API speaks it: JSON, or a reason why not."""

import ssl
from collections.abc import Callable, Mapping
from functools import cache
from http import HTTPStatus
from typing import Any, TypeVar
from urllib.parse import quote

import httpx

from refapp.query.tracing.errors import TraceBackendError, TraceNotFoundError
from refapp.query.tracing.spans import Trace

_TIMEOUT = 30.0  # seconds; a search may read much
_SHOWN = 300  # characters of what a server said

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
        response = _response(address, {name: value for name, value in params.items() if value is not None})
        if not response.is_success:
            status = f"{response.status_code} {response.reason_phrase}".strip()
            raise TraceBackendError(f"{address} answered {status}: {_said(response)}", response.status_code)
        try:
            answer = response.json()
        except ValueError:
            raise _unreadable(address, "it is not JSON", response) from None
        # Jaeger reports some failures in an answer with the status 200.
        if isinstance(answer, dict) and answer.get("errors") and not answer.get("data"):
            raise TraceBackendError(f"{address} answered: {_said(response)}", _code(answer["errors"]))
        try:
            return read(answer)
        except (AttributeError, KeyError, LookupError, TypeError, ValueError) as error:
            raise _unreadable(address, repr(error), response) from error

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


def _response(address: str, params: Mapping[str, str | int]) -> httpx.Response:
    try:
        return httpx.get(address, params=params, timeout=_TIMEOUT, verify=_trusted())
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise TraceBackendError(f"{address} cannot be asked: {error or type(error).__name__}") from error


@cache
def _trusted() -> ssl.SSLContext:
    """The certificates to trust, which take longer to read than most answers."""
    return httpx.create_ssl_context()


def _unreadable(address: str, why: str, response: httpx.Response) -> TraceBackendError:
    return TraceBackendError(f"{address} answered something unexpected ({why}): {_said(response)}")


def _said(response: httpx.Response) -> str:
    """The messages of Jaeger's errors, or the beginning of any other text."""
    try:
        text = "; ".join(str(error["msg"]) for error in response.json()["errors"])
    except (KeyError, LookupError, TypeError, ValueError):
        text = " ".join(response.text.split())
    return (text if len(text) <= _SHOWN else text[:_SHOWN] + "…") or "nothing"


def _code(errors: Any) -> int | None:
    first = errors[0] if isinstance(errors, list) else None
    code = first.get("code") if isinstance(first, dict) else None
    return code if isinstance(code, int) and code in set(HTTPStatus) else None
