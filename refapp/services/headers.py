"""The headers that carry a trace from service to service."""

from collections.abc import Iterable

Headers = tuple[tuple[str, str], ...]

PROPAGATED = (
    "x-request-id",
    "x-b3-traceid",
    "x-b3-spanid",
    "x-b3-parentspanid",
    "x-b3-sampled",
    "x-b3-flags",
    "x-ot-span-context",
)
"""The names of the headers that a service copies from a request to its own calls, in lower case.

Source: Istio, "Distributed tracing: trace context propagation" (B3 headers, Envoy's request id, OpenTracing).
"""

_NAMES = frozenset(PROPAGATED)
_IDS = {"x-b3-traceid": "trace_id", "x-request-id": "request_id"}


def propagated(items: Iterable[tuple[str, str | bytes]]) -> Headers:
    """Select the headers to pass on: those of `PROPAGATED` that are present with a value.

    Names are compared without case. Of a header that comes more than once the first value counts. A value that gRPC
    metadata cannot carry (anything but printable ASCII) is left out.

    Args:
        items: HTTP headers or gRPC metadata, as pairs of name and value.

    Returns:
        Pairs of lower-case name and value without surrounding blanks, in the order of `PROPAGATED`.
    """
    present: dict[str, str] = {}
    for key, raw in items:
        name = key.lower()
        if name in _NAMES and name not in present and (value := _printable(raw)):
            present[name] = value
    return tuple((name, present[name]) for name in PROPAGATED if name in present) if present else ()


def ids(headers: Iterable[tuple[str, str]]) -> dict[str, object]:
    """The ids by which a request's log lines are found, under the keys that they have there.

    Args:
        headers: what `propagated` returned.
    """
    return {key: value for name, value in headers if (key := _IDS.get(name))}


def _printable(raw: str | bytes) -> str:
    text = (raw if isinstance(raw, str) else raw.decode("latin-1")).strip(" ")
    return text if text.isascii() and text.isprintable() else ""
