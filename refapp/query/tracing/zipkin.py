"""Traces from Zipkin's API v2.

Source: https://zipkin.io/zipkin-api/, and the server's README for what is left out when it is not known. A link to
another span stands in a tag `otlp.link.<n>`, whose value begins with `trace|span|`, as in Zipkin's OTLP collector.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from refapp.query.tracing.backend import Search, assemble, digits, lift, newest_first
from refapp.query.tracing.client import Client
from refapp.query.tracing.dependencies import Dependencies, Edge
from refapp.query.tracing.spans import Event, Link, Span, Trace

_LINK = "otlp.link."


class Zipkin:
    """A collector that speaks Zipkin's API; a `refapp.query.tracing.backend.Backend`."""

    def __init__(self, url: str) -> None:
        self._client = Client(url)

    def services(self) -> list[str]:
        """The services that have spans."""
        return self._client.get("/api/v2/services", _names)

    def operations(self, service: str) -> list[str]:
        """The operations of a service."""
        return self._client.get("/api/v2/spans", _names, serviceName=service)

    def search(self, search: Search) -> list[Trace]:
        """The traces that a search finds."""
        end, lookback = _window(search.start, search.end)
        # The API knows no maximum without a minimum.
        shortest = search.min_duration or (1 if search.max_duration else None)
        return self._client.get(
            "/api/v2/traces",
            lambda found: newest_first(_trace(items) for items in found or () if items),
            serviceName=search.service or None,
            spanName=search.operation or None,
            annotationQuery=_annotation_query(search.tags) or None,
            minDuration=shortest,
            maxDuration=search.max_duration,
            endTs=end,
            lookback=lookback,
            limit=search.limit,
        )

    def get(self, trace_id: str) -> Trace:
        """The trace of that id."""
        return self._client.get_trace("/api/v2/trace", trace_id, lambda items: _trace(items) if items else None)

    def dependencies(self, start: int, end: int) -> Dependencies:
        """Who called whom, with errors."""
        last, lookback = _window(start, end)
        return self._client.get("/api/v2/dependencies", _dependencies, endTs=last, lookback=lookback)


def _window(start: int, end: int) -> tuple[int, int]:
    """`endTs` and `lookback`, in milliseconds; neither may be 0."""
    last = max(-(-end // 1000), 1)
    return last, max(last - start // 1000, 1)


def _annotation_query(tags: Mapping[str, str]) -> str:
    # In Zipkin's form of a span the tag `error` tells what went wrong; its presence that something did.
    bare = {("error", "true")}
    return " and ".join(key if (key, value) in bare else f"{key}={value}" for key, value in tags.items())


def _names(answer: Any) -> list[str]:
    return sorted({str(name) for name in answer or () if name})


def _trace(items: Any) -> Trace:
    return assemble(_span(item) for item in items)


def _span(item: Mapping[str, Any]) -> Span:
    tags = {str(key): str(value) for key, value in (item.get("tags") or {}).items()}
    events = [Event(time=event["timestamp"], text=event["value"]) for event in item.get("annotations") or ()]
    return lift(
        Span(
            trace_id=digits(item["traceId"]),
            span_id=digits(item["id"]),
            parent_id=digits(item["parentId"]) if item.get("parentId") else "",
            service=_service(item.get("localEndpoint")),
            operation=item.get("name") or "",
            kind=item.get("kind") or "",
            start=item.get("timestamp") or 0,
            duration=item.get("duration") or 0,
            remote=_service(item.get("remoteEndpoint")),
            tags={key: value for key, value in tags.items() if not key.startswith(_LINK)},
            events=tuple(sorted(events, key=lambda event: event.time)),
            links=tuple(_links(tags)),
        )
    )


def _service(endpoint: Mapping[str, Any] | None) -> str:
    return (endpoint or {}).get("serviceName") or ""


def _links(tags: Mapping[str, str]) -> Iterator[Link]:
    for key, value in tags.items():
        trace_id, _, rest = value.partition("|")
        if key.startswith(_LINK) and rest:
            yield Link(trace_id=digits(trace_id), span_id=digits(rest.partition("|")[0]))


def _dependencies(answer: Any) -> Dependencies:
    return Dependencies.of(
        Edge(parent=link["parent"], child=link["child"], calls=link["callCount"], errors=link.get("errorCount") or 0)
        for link in answer or ()
    )
