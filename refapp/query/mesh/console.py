"""What Kiali is to Istio: a console that shows the mesh from its metrics."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta

import pandas as pd

from refapp.query.mesh import lists
from refapp.query.mesh.configuration import ConfigObject
from refapp.query.mesh.errors import NoSuchWorkloadError
from refapp.query.mesh.finish import Surroundings
from refapp.query.mesh.graph import Graph, GraphKind, NodeKind
from refapp.query.mesh.inventory import Inventory, replicas
from refapp.query.mesh.kiali import Kiali
from refapp.query.mesh.overview import Overview, summarize
from refapp.query.mesh.replay import Replay
from refapp.query.mesh.telemetry import Bytes, Metrics, Question, ask, rows
from refapp.query.mesh.traffic import Options, build
from refapp.query.mesh.workload import WorkloadDetail, measure, own
from refapp.topology import NAMESPACE, Topology

LAST = timedelta(minutes=5)
_STEPS = 60  # moments of a history, where no step is asked for
_FINEST = timedelta(seconds=5)
_WINDOW = timedelta(minutes=1)
_KINDS = ("versionedApp", "app", "workload", "service")
_NAMESPACES = "count by (source_workload_namespace, destination_workload_namespace) (istio_requests_total)"


class Console:
    """The mesh of a platform, by the rules of Kiali.

    `metrics` is Prometheus; `topology` tells what series cannot: what is there without traffic, and which services are
    outside the mesh. With an address under `kiali` in `urls`, graphs are asked of that Kiali.

    A window that begins before `since` is cut there, as Kiali does for namespaces that are younger, since a rate over
    a time in which nothing could be measured is too low.

    Attributes:
        inventory: what is defined in the mesh.
    """

    def __init__(
        self,
        metrics: Metrics,
        topology: Topology,
        *,
        urls: Callable[[], Mapping[str, str]] = dict,
        since: Callable[[], datetime | None] | None = None,
        pods: Callable[[], pd.DataFrame] | None = None,
        logs: Callable[[str], pd.DataFrame] | None = None,
        configuration: Callable[[str], Iterable[ConfigObject]] | None = None,
    ) -> None:
        """Ask metrics, and what else is given.

        Args:
            metrics: gives frames of labels, `time` and `value`.
            topology: the workloads.
            urls: addresses; that of Kiali is asked for graphs where it is there.
            since: when the platform was started.
            pods: a row a pod, with the columns `workload` and `ready`.
            logs: the lines of a workload.
            configuration: the objects that configure the sidecars of a workload.
        """
        self.inventory = Inventory.of(topology)
        self._metrics = metrics
        self._urls = urls
        self._since = since or (lambda: None)
        self._pods = pods
        self._logs = logs
        self._configuration = configuration

    def graph(
        self,
        last: timedelta = LAST,
        kind: GraphKind = "versionedApp",
        at: datetime | None = None,
        *,
        namespaces: Sequence[str] = (NAMESPACE,),
        services: bool = True,
        idle_edges: bool = False,
        idle_nodes: bool = False,
        tcp: Bytes = "sent",
        throughput: Bytes = "received",
    ) -> Graph:
        """The traffic of the mesh over a time.

        Args:
            last: how long before `at` the traffic is looked at.
            kind: what the nodes stand for.
            at: the last moment; now without.
            namespaces: whose traffic: what goes into them, out of them, and within.
            services: whether the service that is asked for stands between the two ends of a call.
            idle_edges: whether edges without traffic in that time are kept.
            idle_nodes: whether what is defined and has no traffic is added.
            tcp: which bytes count on TCP's edges.
            throughput: which bodies count.

        Raises:
            ValueError: the kind is not known, a namespace cannot be, or the time is not positive.
            BackendError: the external Kiali cannot be asked.
        """
        end = at or datetime.now(UTC)
        question = Question(
            namespaces=tuple(namespaces),
            start=end,
            end=end,
            window=self._window(last, end),
            tcp=tcp,
            throughput=throughput,
        )
        options = Options(kind=_checked(kind), services=services, idle_edges=idle_edges, idle_nodes=idle_nodes)
        if address := self._urls().get("kiali"):
            return Kiali(address).graph(question, options)
        return build(ask(self._metrics, question)[end], end, question, options, self._around(at))

    def replay(
        self,
        last: timedelta,
        step: timedelta,
        kind: GraphKind = "versionedApp",
        at: datetime | None = None,
        *,
        window: timedelta | None = None,
        namespaces: Sequence[str] = (NAMESPACE,),
        services: bool = True,
        tcp: Bytes = "sent",
    ) -> Replay:
        """A graph each `step`, of the traffic in the `window` before it, which is a minute or the step if longer.

        Raises:
            ValueError: as for `graph`, or the step is longer than the time.
            BackendError: the external Kiali cannot be asked.
        """
        end = at or datetime.now(UTC)
        if not timedelta() < step <= last:
            raise ValueError(f"a step is positive and not longer than the time of {last}, not {step}")
        question = Question(
            namespaces=tuple(namespaces),
            start=end - last,
            end=end,
            step=step,
            window=window or max(step, _WINDOW),
            tcp=tcp,
        )
        options = Options(kind=_checked(kind), services=services)
        if address := self._urls().get("kiali"):
            return Replay(_asked(Kiali(address), question, options, last // step))
        found = ask(self._metrics, question)
        around = Surroundings(self.inventory)  # pods are known as they are now, not as they were
        return Replay(tuple(build(one, time, question, options, around) for time, one in found.items()))

    def overview(
        self, last: timedelta = LAST, at: datetime | None = None, *, step: timedelta | None = None
    ) -> Overview:
        """Each namespace: its applications by their health, and its traffic over the time."""
        end = at or datetime.now(UTC)
        names = self._namespaces(end)
        graph = self.graph(last, "app", at, namespaces=names, idle_nodes=True)
        question = Question(
            namespaces=names,
            start=end - last,
            end=end,
            step=step or max(last / _STEPS, _FINEST),
            window=min(last, _WINDOW),
            times=False,
        )
        history = list(ask(self._metrics, question).items())
        return Overview(end, tuple(summarize(name, graph, history) for name in names))

    def applications(self, last: timedelta = LAST, at: datetime | None = None) -> pd.DataFrame:
        """The applications of all namespaces; see `refapp.query.mesh.lists`."""
        return lists.applications(self._all("app", last, at), self.inventory)

    def workloads(self, last: timedelta = LAST, at: datetime | None = None) -> pd.DataFrame:
        """The workloads of all namespaces; see `refapp.query.mesh.lists`."""
        return lists.workloads(self._all("workload", last, at))

    def services(self, last: timedelta = LAST, at: datetime | None = None) -> pd.DataFrame:
        """The services of all namespaces; see `refapp.query.mesh.lists`."""
        return lists.services(self._all("workload", last, at))

    def workload(
        self,
        name: str,
        last: timedelta = LAST,
        at: datetime | None = None,
        *,
        step: timedelta | None = None,
        window: timedelta | None = None,
    ) -> WorkloadDetail:
        """One workload: what goes in and out of it, its pods, its logs and its configuration.

        Raises:
            NoSuchWorkloadError: none of that name is defined, and none has traffic; the message lists those there are.
        """
        end = at or datetime.now(UTC)
        nodes = [node for node in self._all("workload", last, at).nodes if node.kind is NodeKind.WORKLOAD]
        node = next((node for node in nodes if node.workload == name), None)
        if node is None:
            names = ", ".join(sorted(node.workload for node in nodes)) or "none"
            raise NoSuchWorkloadError(f"there is no workload {name!r}; there are {names}")
        place = (node.namespace, name)
        times = (end - last, end, step or max(last / _STEPS, _FINEST))
        over = window or min(last, _WINDOW)
        labels = {"app": node.app, "version": node.version}
        return WorkloadDetail(
            name=name,
            namespace=node.namespace,
            labels={label: value for label, value in labels.items() if value},
            health=node.health,
            replicas=node.replicas,
            inbound=measure(self._metrics, "inbound", place, times, over),
            outbound=measure(self._metrics, "outbound", place, times, over),
            pods=own(self._pods(), name) if self._pods else None,
            logs=self._logs(name) if self._logs else None,
            configuration=tuple(self._configuration(name)) if self._configuration else None,
        )

    def configuration(self, workload: str | None = None) -> tuple[ConfigObject, ...]:
        """What the sidecars of a workload are configured with, or those of all: each object once, by kind and name.

        Nothing where nobody tells.
        """
        names = [workload] if workload is not None else [one.name for one in self.inventory.workloads]
        found: dict[tuple[str, str, str], ConfigObject] = {}
        for one in (one for name in names for one in (self._configuration(name) if self._configuration else ())):
            found.setdefault((one.kind, one.namespace, one.name), one)
        return tuple(found.values())

    def _all(self, kind: GraphKind, last: timedelta, at: datetime | None) -> Graph:
        """What is defined or has traffic, in all namespaces, from the metrics alone."""
        end = at or datetime.now(UTC)
        names = self._namespaces(end)
        question = Question(namespaces=names, start=end, end=end, window=self._window(last, end), times=False)
        options = Options(kind=kind, idle_nodes=True)
        return build(ask(self._metrics, question)[end], end, question, options, self._around(at))

    def _namespaces(self, at: datetime) -> tuple[str, ...]:
        found = {workload.namespace for workload in self.inventory.workloads}
        for labels, _, _ in rows(self._metrics.instant(_NAMESPACES, at)):
            found.update(labels.values())
        return tuple(sorted(found - {"unknown"}))

    def _around(self, at: datetime | None) -> Surroundings:
        """What else is known; of pods only how they are now."""
        pods = self._pods() if self._pods and at is None else None
        return Surroundings(self.inventory, replicas(pods))

    def _window(self, last: timedelta, end: datetime) -> timedelta:
        if last <= timedelta():
            raise ValueError(f"traffic is looked at over a time longer than {last}")
        since = self._since()
        return min(last, end - since) if since and since < end else last


def _checked(kind: GraphKind) -> GraphKind:
    if kind not in _KINDS:
        raise ValueError(f"a graph is one of {', '.join(_KINDS)}, not {kind!r}")
    return kind


def _asked(kiali: Kiali, question: Question, options: Options, steps: int) -> tuple[Graph, ...]:
    """What an external Kiali tells of each moment; it has no other way."""
    step = question.step or timedelta()
    moments = [question.end - number * step for number in range(steps, -1, -1)]
    at = [
        Question(
            namespaces=question.namespaces,
            start=moment,
            end=moment,
            window=question.window,
            tcp=question.tcp,
            times=False,
        )
        for moment in moments
    ]
    return tuple(kiali.graph(one, options) for one in at)
