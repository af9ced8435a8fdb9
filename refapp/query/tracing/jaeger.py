"""Traces from the query API of Jaeger, which its user interface reads.

Source: Jaeger's query service: `http_handler.go` and `query_parser.go` for the parameters, `model/json/model.go` for
the shape of the answers. An empty list may be null there.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any

import orjson

from refapp.query.tracing.backend import Search, assemble, digits, lift, newest_first
from refapp.query.tracing.client import Client
from refapp.query.tracing.dependencies import Dependencies, Edge
from refapp.query.tracing.spans import Event, Link, Span, Trace


class Jaeger:
    """A collector that speaks Jaeger's query API; a `refapp.query.tracing.backend.Backend`."""

    def __init__(self, url: str) -> None:
        self._client = Client(url)

    def services(self) -> list[str]:
        """The services that have spans."""
        return self._client.get("/api/services", lambda answer: _names(_data(answer)))

    def operations(self, service: str) -> list[str]:
        """The operations of a service."""
        return self._client.get(
            "/api/operations", lambda answer: _names(item["name"] for item in _data(answer)), service=service
        )

    def search(self, search: Search) -> list[Trace]:
        """The traces that a search finds; without a service every one is asked for, as Jaeger demands one."""
        services = [search.service] if search.service else self.services()
        found = {
            trace.trace_id: trace for service in services for trace in self._search(replace(search, service=service))
        }
        return newest_first(found.values())[: search.limit]

    def get(self, trace_id: str) -> Trace:
        """The trace of that id."""
        return self._client.get_trace("/api/traces", trace_id, lambda answer: next(iter(_traces(answer)), None))

    def dependencies(self, start: int, end: int) -> Dependencies:
        """Who called whom; Jaeger does not count errors."""
        last = -(-end // 1000)
        return self._client.get("/api/dependencies", _dependencies, endTs=last, lookback=last - start // 1000)

    def _search(self, search: Search) -> list[Trace]:
        return self._client.get(
            "/api/traces",
            _traces,
            service=search.service,
            operation=search.operation or None,
            tags=orjson.dumps(dict(search.tags)).decode() if search.tags else None,
            minDuration=_go_duration(search.min_duration),
            maxDuration=_go_duration(search.max_duration),
            start=search.start,
            end=search.end,
            limit=search.limit,
        )


def _go_duration(microseconds: int | None) -> str | None:
    return f"{microseconds}us" if microseconds else None


def _data(answer: Any) -> list[Any]:
    return answer["data"] or []


def _names(names: Iterable[Any]) -> list[str]:
    return sorted({str(name) for name in names if name})


def _traces(answer: Any) -> list[Trace]:
    return [_trace(item) for item in _data(answer) if item.get("spans")]


def _trace(item: Mapping[str, Any]) -> Trace:
    services = {key: process.get("serviceName") or "" for key, process in (item.get("processes") or {}).items()}
    return assemble(_span(span, services) for span in item["spans"])


def _span(item: Mapping[str, Any], services: Mapping[str, str]) -> Span:
    trace_id = digits(item["traceID"])
    parent_id, links = _references(item, trace_id)
    events = [Event(time=log["timestamp"], text=_event(log.get("fields"))) for log in item.get("logs") or ()]
    return lift(
        Span(
            trace_id=trace_id,
            span_id=digits(item["spanID"]),
            parent_id=parent_id,
            service=services.get(item.get("processID") or "", ""),
            operation=item.get("operationName") or "",
            start=item.get("startTime") or 0,
            duration=item.get("duration") or 0,
            tags=_tags(item.get("tags")),
            events=tuple(sorted(events, key=lambda event: event.time)),
            links=tuple(links),
        )
    )


def _references(item: Mapping[str, Any], trace_id: str) -> tuple[str, list[Link]]:
    """The parent, which is the first CHILD_OF within the trace, and all others.

    Spans of old versions have the field `parentSpanID` instead.
    """
    parent_id = digits(item["parentSpanID"]) if item.get("parentSpanID") else ""
    links = []
    for reference in item.get("references") or ():
        link = Link(trace_id=digits(reference["traceID"]), span_id=digits(reference["spanID"]))
        if not parent_id and reference["refType"] == "CHILD_OF" and link.trace_id == trace_id:
            parent_id = link.span_id
        elif link != Link(trace_id=trace_id, span_id=parent_id):
            links.append(link)
    return parent_id, links


def _tags(tags: Any) -> dict[str, str]:
    return dict(_pairs(tags))


def _pairs(tags: Any) -> Iterator[tuple[str, str]]:
    for tag in tags or ():
        yield str(tag["key"]), _text(tag.get("value"))


def _text(value: object) -> str:
    """A typed value as Zipkin and OpenTelemetry write it: a flag in lower case."""
    return str(value).lower() if isinstance(value, bool) else str("" if value is None else value)


def _event(fields: Any) -> str:
    """The name of an event, then its other fields as `key=value`."""
    pairs = _tags(fields)
    name = pairs.pop("event", "")
    return " ".join(filter(None, (name, *(f"{key}={value}" for key, value in pairs.items()))))


def _dependencies(answer: Any) -> Dependencies:
    return Dependencies.of(
        Edge(parent=link["parent"], child=link["child"], calls=link["callCount"]) for link in _data(answer)
    )
