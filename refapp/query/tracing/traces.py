"""The traces of a platform: searched, read one by one, and waited for."""

import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import overload

import pandas as pd

from refapp.query.tracing.backend import Backend, Search, digits, newest_first
from refapp.query.tracing.dependencies import Dependencies
from refapp.query.tracing.errors import NoTracingError, TraceNotFoundError
from refapp.query.tracing.jaeger import Jaeger
from refapp.query.tracing.spans import Trace
from refapp.query.tracing.zipkin import Zipkin

_APIS: Mapping[str, Callable[[str], Backend]] = {"jaeger": Jaeger, "zipkin": Zipkin}
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_DAY = timedelta(days=1)
_POLL = 0.1  # seconds
# Sidecars send their spans twice a second, so a trace that has not grown for longer will not grow.
_SETTLED = 1.5  # seconds
_COLUMNS = ["trace_id", "start", "duration_ms", "spans", "services", "errors", "root_service", "root_operation"]
_REQUEST_ID = "guid:x-request-id"  # the tag in which Envoy keeps it
_HEX = frozenset("0123456789abcdef")
_LONGEST = 32  # digits of a trace id


class TraceSearch(Sequence[Trace]):
    """The traces that a search has found, the newest first."""

    def __init__(self, traces: Iterable[Trace]) -> None:
        self._traces = tuple(newest_first(traces))

    @overload
    def __getitem__(self, index: int) -> Trace: ...

    @overload
    def __getitem__(self, index: slice) -> "TraceSearch": ...

    def __getitem__(self, index: int | slice) -> "Trace | TraceSearch":
        return TraceSearch(self._traces[index]) if isinstance(index, slice) else self._traces[index]

    def __len__(self) -> int:
        return len(self._traces)

    def __iter__(self) -> Iterator[Trace]:
        return iter(self._traces)

    def __repr__(self) -> str:
        return f"<TraceSearch: {len(self)}>"

    @property
    def frame(self) -> pd.DataFrame:
        """One row a trace: its id, start, duration_ms, the numbers of its spans, services and errors, and its root."""
        frame = pd.DataFrame([_row(trace) for trace in self], columns=_COLUMNS)
        return frame.assign(start=pd.to_datetime(frame["start"], unit="us", utc=True))


class Traces:
    """What the collector of a platform has gathered.

    `urls` gives its addresses when they are needed: under `jaeger` and `zipkin` those of the two APIs. Jaeger's is
    asked where there are both, unless `api` is `zipkin`; each method takes another choice as `api`.

    Every method raises `NoTracingError` when there is no collector, and `TraceBackendError` when it cannot be asked.
    """

    def __init__(self, urls: Callable[[], Mapping[str, str]], *, api: str | None = None) -> None:
        self._urls = urls
        self._api = _checked(api)

    def services(self, *, api: str | None = None) -> list[str]:
        """The services that have spans, in alphabetical order."""
        return self._backend(api).services()

    def operations(self, service: str, *, api: str | None = None) -> list[str]:
        """The operations of a service, in alphabetical order; none when it is not known."""
        return self._backend(api).operations(service)

    def search(
        self,
        service: str | None = None,
        operation: str | None = None,
        tags: Mapping[str, str] | None = None,
        *,
        min_duration: float | None = None,
        max_duration: float | None = None,
        since: datetime | timedelta | None = None,
        until: datetime | None = None,
        limit: int = 20,
        api: str | None = None,
    ) -> TraceSearch:
        """The newest traces that have one span with all that is asked for.

        Args:
            service: the component, such as `service-a.dev`.
            operation: the name of the span.
            tags: keys and values; `{"error": "true"}` finds whatever failed.
            min_duration: of the span, in milliseconds.
            max_duration: of the span, in milliseconds.
            since: a time, or how long before `until`; a day without. A time without its zone is local.
            until: the last time; now without.
            limit: how many traces at most.
            api: `jaeger` or `zipkin`.
        """
        start, end = _window(since, until)
        wanted = Search(
            service=service or "",
            operation=operation or "",
            tags=tags or {},
            min_duration=_microseconds(min_duration),
            max_duration=_microseconds(max_duration),
            start=start,
            end=end,
            limit=limit,
        )
        return TraceSearch(self._backend(api).search(wanted))

    def get(self, trace_id: str, *, api: str | None = None) -> Trace:
        """The trace of that id, as far as its spans have arrived.

        Raises:
            TraceNotFoundError: none has.
            ValueError: it is no id.
        """
        return self._backend(api).get(_trace_id(trace_id))

    def wait(self, trace_id: str, spans: int | None = None, timeout: float = 30.0, *, api: str | None = None) -> Trace:
        """The trace of that id, when all its spans have arrived.

        They have when there are as many as `spans` says. Without, when their parents are there and no other has
        arrived for longer than a sidecar keeps its spans.

        Raises:
            TimeoutError: they have not within `timeout` seconds; the message says how many have.
            ValueError: it is no id.
        """
        started = grown = time.monotonic()
        trace: Trace | None = None
        while True:
            before, trace = trace, self._find(trace_id, api)
            now = time.monotonic()
            if trace and spans is not None and len(trace.spans) == spans:
                return trace
            if _size(trace) != _size(before):
                grown = now
            elif trace and spans is None and not _missing(trace) and now - grown >= _SETTLED:
                return trace
            if now - started >= timeout:
                raise TimeoutError(_incomplete(trace_id, trace, spans, timeout))
            time.sleep(_POLL)

    def of_request(
        self, request_id: str, spans: int | None = None, timeout: float = 30.0, *, api: str | None = None
    ) -> Trace:
        """The trace of the request with that `x-request-id`, when all its spans have arrived, as `wait` tells it.

        Raises:
            TimeoutError: they have not within `timeout` seconds.
        """
        started = time.monotonic()
        while not (found := self.search(tags={_REQUEST_ID: request_id}, limit=1, api=api)):
            if time.monotonic() - started >= timeout:
                raise TimeoutError(f"no span of request {request_id} arrived within {timeout:g} s")
            time.sleep(_POLL)
        left = timeout - (time.monotonic() - started)
        return self.wait(found[0].trace_id, spans, left, api=api)

    def dependencies(
        self,
        *,
        since: datetime | timedelta | None = None,
        until: datetime | None = None,
        api: str | None = None,
    ) -> Dependencies:
        """Who called whom between two times, which are those of `search`. Jaeger does not count errors."""
        return self._backend(api).dependencies(*_window(since, until))

    def _find(self, trace_id: str, api: str | None) -> Trace | None:
        try:
            return self.get(trace_id, api=api)
        except TraceNotFoundError:
            return None

    def _backend(self, api: str | None) -> Backend:
        urls = self._urls()
        chosen = _checked(api) or self._api
        there = [name for name in ([chosen] if chosen else _APIS) if urls.get(name)]
        if there:
            return _APIS[there[0]](urls[there[0]])
        others = [name for name in _APIS if urls.get(name)]
        if others:
            raise NoTracingError(f"the platform has no address of {chosen}; there is one of {', '.join(others)}")
        raise NoTracingError(
            "the platform records no traces: it runs without the mesh, whose sidecars record them, or with a mesh "
            "without traces; start it with refapp.up(mesh=True)"
        )


def _checked(api: str | None) -> str | None:
    if api is not None and api not in _APIS:
        raise ValueError(f"there is no API {api!r}; choose one of {', '.join(_APIS)}")
    return api


def _trace_id(text: str) -> str:
    trace_id = text.strip().lower()
    if not 0 < len(trace_id) <= _LONGEST or not _HEX.issuperset(trace_id):
        raise ValueError(f"{text!r} is no trace id: it has 1 to {_LONGEST} hexadecimal digits")
    return digits(trace_id)


def _window(since: datetime | timedelta | None, until: datetime | None) -> tuple[int, int]:
    """Start and end, in microseconds since 1970."""
    last = (until or datetime.now(UTC)).astimezone(UTC)
    first = since.astimezone(UTC) if isinstance(since, datetime) else last - (_DAY if since is None else since)
    if first > last:
        raise ValueError(f"the search would begin at {first}, after its end at {last}")
    return max(_since_1970(first), 0), max(_since_1970(last), 0)


def _since_1970(moment: datetime) -> int:
    return (moment - _EPOCH) // timedelta(microseconds=1)


def _microseconds(milliseconds: float | None) -> int | None:
    return None if milliseconds is None else round(milliseconds * 1000)


def _size(trace: Trace | None) -> int:
    return len(trace.spans) if trace else 0


def _missing(trace: Trace) -> set[str]:
    """The ids of spans that others name as their parents and that have not arrived."""
    return {span.parent_id for span in trace.spans if span.parent_id} - {span.span_id for span in trace.spans}


def _incomplete(trace_id: str, trace: Trace | None, spans: int | None, timeout: float) -> str:
    if trace is None:
        return f"no span of trace {trace_id} arrived within {timeout:g} s"
    wanted = f", not {spans}" if spans is not None else ""
    missing = _missing(trace)
    parents = f"; parents missing: {len(missing)}" if missing else ""
    arrived = "1 span" if len(trace.spans) == 1 else f"{len(trace.spans)} spans"
    return f"trace {trace_id} has {arrived} after {timeout:g} s{wanted}{parents}"


def _row(trace: Trace) -> tuple[object, ...]:
    root = trace.roots[0]
    return (
        trace.trace_id,
        trace.start,
        trace.duration / 1000,
        len(trace.spans),
        len(trace.services),
        trace.errors,
        root.service,
        root.operation,
    )
