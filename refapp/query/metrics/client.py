"""Prometheus' HTTP API (https://prometheus.io/docs/prometheus/latest/querying/api/): JSON, or a reason why not."""

import warnings
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

import httpx

from refapp.query.answers import BackendTimeoutError, ask, refusal, unreadable
from refapp.query.metrics.errors import ExpressionError, MetricsWarning

_TIMEOUT = 30.0  # seconds
# Whatever is wrong with a request is "bad_data"; these are about its expression.
_EXPRESSION = ("parse error: ", 'parameter "query"', "invalid expression type")

Params = Mapping[str, str | float | Sequence[str] | None]
T = TypeVar("T")


class Client:
    """A client of the API below an address such as `http://127.0.0.1:9090`."""

    def __init__(self, url: str) -> None:
        self._url = f"{url.rstrip('/')}/api/v1"

    def get(self, path: str, read: Callable[[Any], T], params: Params | None = None) -> T:
        """What `read` makes of the data at a path; parameters that are None are not sent.

        Raises:
            BackendTimeoutError: there is no answer in time.
            BackendError: there is no answer, it is an error, or `read` cannot make anything of it.
        """
        return self._read(ask("GET", self._url + path, timeout=_TIMEOUT, params=_sent(params or {})), read)

    def evaluate(self, path: str, read: Callable[[Any], T], query: str, params: Params) -> T:
        """What `read` makes of the value of an expression.

        Raises:
            ExpressionError: Prometheus does not understand the expression, or cannot evaluate it.
            BackendTimeoutError: it could not be evaluated in time.
            BackendError: as for `get`.
        """
        # Sent as a form: an expression may be longer than an address.
        form = _sent({"query": query, **params})
        return self._read(ask("POST", self._url + path, timeout=_TIMEOUT, data=form), read, query)

    def _read(self, response: httpx.Response, read: Callable[[Any], T], query: str | None = None) -> T:
        answer = _object(response)
        if answer.get("status") == "error":
            kind, reason = str(answer.get("errorType")), str(answer.get("error"))
            if query is not None and _concerns(kind, reason):
                raise ExpressionError.from_message(reason, query)
            # Prometheus says 503 for what took it too long.
            if kind == "timeout":
                raise BackendTimeoutError(f"{self._url} took too long: {reason}", response.status_code)
            raise refusal(response, reason)
        if not response.is_success:
            raise refusal(response)
        for warning in answer.get("warnings") or ():
            warnings.warn(str(warning), MetricsWarning, stacklevel=4)
        try:
            return read(answer["data"])
        except (AttributeError, KeyError, LookupError, TypeError, ValueError) as error:
            raise unreadable(response, repr(error)) from error


def _object(response: httpx.Response) -> dict[str, Any]:
    """The JSON of an answer; an error has it too."""
    try:
        answer = response.json()
    except ValueError:
        raise (unreadable(response, "it is not JSON") if response.is_success else refusal(response)) from None
    if not isinstance(answer, dict):
        raise unreadable(response, "it is no object")
    return answer


def _concerns(kind: str, reason: str) -> bool:
    """Whether an error is one of the expression."""
    return kind == "execution" or (kind == "bad_data" and any(text in reason for text in _EXPRESSION))


def _sent(params: Params) -> dict[str, Any]:
    return {name: value for name, value in params.items() if value is not None}
