"""A trace by its id, as Jaeger's query API answers it.

Source: Jaeger, `cmd/query/app/http_handler.go`: `{"data": [trace], "errors": [{"code", "msg"}] | null}`.
"""

import re
from http import HTTPStatus
from typing import Any

from refapp.services.ui.answers import AnswerError
from refapp.services.ui.backend import Backend, Said, shown

_NONE = b'{"data":[],"errors":null}'
_ID = re.compile(r"(?:[0-9a-fA-F]{16}){1,2}")


async def find_trace(jaeger: Backend, trace_id: str) -> bytes:
    """Jaeger's JSON for a trace, unchanged, or an empty list of traces where there is none.

    Spans arrive a little after the answer that they are about. That a trace is not there yet is no failure: a browser
    would write one into its console for every look.

    Args:
        jaeger: what is asked.
        trace_id: 16 or 32 hexadecimal digits.

    Raises:
        AnswerError: 400, it is no such id; otherwise as for `Backend.ask`.
    """
    if not _ID.fullmatch(trace_id):
        message = "the id of a trace has 16 or 32 hexadecimal digits"
        raise AnswerError(HTTPStatus.BAD_REQUEST, message)
    said = await jaeger.ask(f"/api/traces/{trace_id.lower()}")
    if said.status == HTTPStatus.NOT_FOUND or (said.status == HTTPStatus.OK and _is_empty(said.value)):
        return _NONE
    if said.status != HTTPStatus.OK or not _holds_trace(said.value):
        raise jaeger.failed(f"answered {said.status}: {_complaint(said)}")
    return said.body


def _is_empty(value: Any) -> bool:
    """Whether an answer says that nothing was found, as some versions do with the status 200."""
    says_so = isinstance(value, dict) and "data" in value and value["data"] in (None, [])
    return says_so and not _other_errors(value.get("errors"))


def _other_errors(errors: Any) -> bool:
    listed = errors if isinstance(errors, list) else [errors] if errors else []
    return any(not isinstance(error, dict) or error.get("code") != HTTPStatus.NOT_FOUND for error in listed)


def _holds_trace(value: Any) -> bool:
    data = value.get("data") if isinstance(value, dict) else None
    return isinstance(data, list) and data != [] and all(isinstance(trace, dict) and "spans" in trace for trace in data)


def _complaint(said: Said) -> str:
    try:
        return shown("; ".join(str(error["msg"]) for error in said.value["errors"]))
    except (KeyError, IndexError, TypeError):
        return shown(said.body.decode("utf-8", "replace"))
