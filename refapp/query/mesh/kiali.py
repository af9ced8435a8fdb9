"""An external Kiali: its graph API, and its JSON as a graph.

The API is `GET /api/namespaces/graph`, with the parameters of `graph/options.go` in Kiali.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace

import httpx

from refapp.query.answers import ask, read_json, unreadable
from refapp.query.mesh.graph import Graph, ResponseTimes, merged
from refapp.query.mesh.reading import from_kiali
from refapp.query.mesh.telemetry import Question
from refapp.query.mesh.traffic import Options

_TIMEOUT = 30.0  # seconds
_TIMES = {"avg": "average", "50": "p50", "95": "p95", "99": "p99"}
_APPENDERS = "aggregateNode,healthConfig,idleNode,istio,responseTime,securityPolicy,serviceEntry,throughput,health"
_THROUGHPUT = {"sent": "request", "received": "response"}


class Kiali:
    """The graphs of a Kiali at an address such as `http://127.0.0.1:20001/kiali`.

    Without a path the address is taken to be that of the server, where Kiali is at `/kiali`.
    """

    def __init__(self, url: str, *, headers: Mapping[str, str] | None = None) -> None:
        path = httpx.URL(url).path.strip("/")
        self._url = url.rstrip("/") + ("" if path else "/kiali")
        self._headers = dict(headers or {})

    def graph(self, question: Question, options: Options) -> Graph:
        """The graph at the end of the time that is asked for, with all response times: Kiali tells one at a time.

        Raises:
            BackendError: there is no answer, it is an error, or it is no graph.
        """
        kinds = _TIMES if question.times else {"95": "p95"}
        graphs = [self._graph(question, options, kind) for kind in kinds]
        told: dict[str, list[ResponseTimes]] = {}
        for graph, name in zip(graphs, kinds.values(), strict=True):
            for edge in graph.edges:
                told.setdefault(edge.id, []).append(ResponseTimes(**{name: edge.times.p95}))
        edges = tuple(replace(edge, times=merged(told[edge.id])) for edge in graphs[0].edges)
        return replace(graphs[0], edges=edges)

    def _graph(self, question: Question, options: Options, time: str) -> Graph:
        params = {
            "namespaces": ",".join(question.namespaces),
            "graphType": options.kind,
            "duration": f"{round(question.window.total_seconds())}s",
            "queryTime": str(int(question.end.timestamp())),
            "injectServiceNodes": _flag(options.services),
            "includeIdleEdges": _flag(options.idle_edges),
            "appenders": _APPENDERS if options.idle_nodes else _APPENDERS.replace("idleNode,", ""),
            "responseTime": time,
            "throughputType": _THROUGHPUT.get(question.throughput, "response"),
            "rateGrpc": "requests",
            "rateHttp": "requests",
            "rateTcp": question.tcp,
        }
        return self._asked("/api/namespaces/graph", params, question.namespaces)

    def _asked(self, path: str, params: Mapping[str, str], namespaces: Iterable[str]) -> Graph:
        response = ask("GET", self._url + path, timeout=_TIMEOUT, params=params, headers=self._headers)
        answer = read_json(response)
        try:
            return from_kiali(answer, namespaces)
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            raise unreadable(response, repr(error)) from error


def _flag(value: bool) -> str:
    return "true" if value else "false"
