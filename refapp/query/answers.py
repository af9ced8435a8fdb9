"""What a server answers over HTTP, or why it does not."""

import ssl
from functools import cache
from http import HTTPStatus
from typing import Any

import httpx

_SHOWN = 300  # characters of what a server said


class BackendError(RuntimeError):
    """A server could not be asked, or refused; the message has its address and what it said.

    `status` is the HTTP status of its answer; None when there was no answer that could be read.
    """

    def __init__(self, message: str, status: int | None = None) -> None:
        self.status = status
        super().__init__(message)


class BackendTimeoutError(BackendError, TimeoutError):
    """A server did not answer in time."""


def ask(method: str, url: str, *, timeout: float, **content: Any) -> httpx.Response:
    """The answer to a request, whatever its status; `content` is what `httpx.request` takes.

    Raises:
        BackendTimeoutError: there is none within `timeout` seconds.
        BackendError: there is none.
    """
    try:
        return httpx.request(method, url, timeout=timeout, verify=_trusted(), **content)
    except httpx.TimeoutException as error:
        raise BackendTimeoutError(f"{url} did not answer within {timeout:g} s") from error
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise BackendError(f"{url} cannot be asked: {error or type(error).__name__}") from error


def read_json(response: httpx.Response) -> Any:
    """The JSON of a successful answer.

    Raises:
        BackendError: it was not successful, or is no JSON.
    """
    if not response.is_success:
        raise refusal(response)
    try:
        return response.json()
    except ValueError:
        raise unreadable(response, "it is not JSON") from None


def refusal(response: httpx.Response, reason: str = "") -> BackendError:
    """The error for an answer that says no; `reason` is what it says in the body, when that was understood."""
    status = f"{response.status_code} {response.reason_phrase}".strip()
    timed_out = response.status_code in {HTTPStatus.GATEWAY_TIMEOUT, HTTPStatus.REQUEST_TIMEOUT}
    kind = BackendTimeoutError if timed_out else BackendError
    return kind(f"{_address(response)} answered {status}: {reason or said(response)}", response.status_code)


def unreadable(response: httpx.Response, why: str) -> BackendError:
    """The error for an answer that is not as it ought to be."""
    return BackendError(f"{_address(response)} answered something unexpected ({why}): {said(response)}")


def said(response: httpx.Response) -> str:
    """The beginning of what an answer says, in one line."""
    return shown(" ".join(response.text.split())) or "nothing"


def shown(text: str) -> str:
    """As much of what a server says as an error shows."""
    return text if len(text) <= _SHOWN else text[:_SHOWN] + "…"


@cache
def _trusted() -> ssl.SSLContext:
    """The certificates to trust, which take longer to read than most answers."""
    return httpx.create_ssl_context()


def _address(response: httpx.Response) -> str:
    return str(response.request.url.copy_with(query=None))
