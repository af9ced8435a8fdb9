"""The platform as data: workloads, their calls, their databases and the queue.

This is the only place that knows who calls whom. Ports, environments, sidecars, scrape targets, figures and
the order of the greetings are derived from it, so a ninth service is one more entry in `REFERENCE`.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from typing import Any

NAMESPACE = "dev"
"""The namespace that the workloads live in, as in the article."""

MIB = 1024**2
"""Bytes in a mebibyte."""


class TopologyError(ValueError):
    """The topology contradicts itself."""


class Kind(StrEnum):
    """What a workload is."""

    UI = "ui"
    GATEWAY = "gateway"
    SERVICE = "service"


@dataclass(frozen=True, kw_only=True)
class Resources:
    """What a container requests, and what it may not exceed: CPU in cores, memory in bytes.

    The article's services are small Go programs, which request 0.005 cores and 55 MiB; its limit of memory is the same.
    """

    cpu_request: float = 0.05
    memory_request: int = 80 * MIB
    cpu_limit: float = 0.5
    memory_limit: int = 400 * MIB


@dataclass(frozen=True, kw_only=True)
class Workload:
    """One deployment of the platform.

    `calls` lists the workloads it calls by gRPC, in the order of its answer. A workload with a `database`
    inserts each greeting that it is sent, or consumes, into `collection` of that database.
    """

    name: str
    title: str
    kind: Kind = Kind.SERVICE
    greeting: str = ""
    calls: tuple[str, ...] = ()
    database: str | None = None
    collection: str = "greetings"
    publishes: str | None = None
    consumes: str | None = None
    resources: Resources = Resources()


@dataclass(frozen=True)
class Topology:
    """All workloads of a platform; checked when it is built.

    Raises:
        TopologyError: two workloads share a name, a call or a queue leads nowhere, calls form a cycle, a
            list of calls is not in alphabetical order, there is not exactly one gateway, or more than one user
            interface.
    """

    workloads: tuple[Workload, ...]

    def __post_init__(self) -> None:
        self._check_names()
        self._check_calls()
        self._check_queues()

    def __getitem__(self, name: str) -> Workload:
        """The workload of that name.

        Raises:
            TopologyError: there is none; the message lists those that there are.
        """
        try:
            return self._by_name[name]
        except KeyError:
            raise TopologyError(f"no workload named {name!r}; there are {', '.join(self._by_name)}") from None

    def __iter__(self) -> Iterator[Workload]:
        return iter(self.workloads)

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> "Topology":
        """The topology of which `dataclasses.asdict` made `data`, also by way of JSON."""
        return cls(
            tuple(
                Workload(
                    **{
                        **workload,
                        "kind": Kind(workload["kind"]),
                        "calls": tuple(workload["calls"]),
                        "resources": Resources(**workload["resources"]),
                    }
                )
                for workload in data["workloads"]
            )
        )

    @cached_property
    def _by_name(self) -> dict[str, Workload]:
        return {workload.name: workload for workload in self.workloads}

    @cached_property
    def gateway(self) -> Workload:
        """The workload that the public address leads to."""
        (gateway,) = (workload for workload in self.workloads if workload.kind is Kind.GATEWAY)
        return gateway

    @cached_property
    def ui(self) -> Workload | None:
        """The workload of the user interface, where there is one."""
        return next((workload for workload in self.workloads if workload.kind is Kind.UI), None)

    @cached_property
    def entrances(self) -> tuple[str, ...]:
        """The workloads that the edge leads to: the gateway, by gRPC-Web those it calls, and the user interface."""
        return (self.gateway.name, *self.gateway.calls, *((self.ui.name,) if self.ui else ()))

    @cached_property
    def services(self) -> tuple[Workload, ...]:
        """The gRPC services, in the order in which they are declared."""
        return tuple(workload for workload in self.workloads if workload.kind is Kind.SERVICE)

    @cached_property
    def calls(self) -> tuple[tuple[str, str], ...]:
        """Every gRPC call as (caller, callee)."""
        return tuple((workload.name, callee) for workload in self.workloads for callee in workload.calls)

    @cached_property
    def databases(self) -> tuple[str, ...]:
        """The names of the databases."""
        return tuple(dict.fromkeys(workload.database for workload in self.workloads if workload.database))

    @cached_property
    def queues(self) -> tuple[str, ...]:
        """The names of the queues."""
        return tuple(dict.fromkeys(workload.publishes for workload in self.workloads if workload.publishes))

    @cached_property
    def answer(self) -> tuple[str, ...]:
        """The workloads whose greetings one request returns, in the order of the response."""
        return tuple(name for name in self.visit(self.gateway.name) if self[name].kind is Kind.SERVICE)

    def visit(self, name: str) -> Iterator[str]:
        """Walk the workloads that a request to `name` reaches: each before those that it calls."""
        yield name
        for callee in self[name].calls:
            yield from self.visit(callee)

    def without_ui(self) -> "Topology":
        """The same without the user interface."""
        return Topology(tuple(workload for workload in self.workloads if workload.kind is not Kind.UI))

    def callers(self, name: str) -> tuple[str, ...]:
        """The workloads that call `name`."""
        return tuple(caller for caller, callee in self.calls if callee == name)

    def _check_names(self) -> None:
        repeated = [name for name, count in Counter(w.name for w in self.workloads).items() if count > 1]
        if repeated:
            raise TopologyError(f"more than one workload is named {', '.join(map(repr, repeated))}")
        gateways = [workload.name for workload in self.workloads if workload.kind is Kind.GATEWAY]
        if len(gateways) != 1:
            raise TopologyError(f"a platform has exactly one gateway, this one has {len(gateways)}")
        uis = [workload.name for workload in self.workloads if workload.kind is Kind.UI]
        if len(uis) > 1:
            raise TopologyError(f"a platform has at most one user interface, this one has {', '.join(uis)}")

    def _check_calls(self) -> None:
        for workload in self.workloads:
            for callee in workload.calls:
                if callee not in self._by_name:
                    raise TopologyError(f"{workload.name} calls {callee!r}, which is no workload")
            if list(workload.calls) != sorted(set(workload.calls)):
                raise TopologyError(
                    f"{workload.name} calls {', '.join(workload.calls)}: list each once and in alphabetical order, "
                    "the order in which a service reads its downstreams from its environment"
                )
        for workload in self.workloads:
            self._check_cycle((workload.name,))

    def _check_cycle(self, path: tuple[str, ...]) -> None:
        for callee in self[path[-1]].calls:
            if callee in path:
                raise TopologyError(f"calls form a cycle: {' → '.join((*path, callee))}")
            self._check_cycle((*path, callee))

    def _check_queues(self) -> None:
        for workload in self.workloads:
            if workload.consumes and workload.consumes not in self.queues:
                raise TopologyError(f"{workload.name} consumes {workload.consumes!r}, which nobody publishes to")
            if workload.consumes and not workload.database:
                raise TopologyError(f"{workload.name} consumes {workload.consumes!r} and has no database to write to")


_QUEUE = "service-d.greeting"

REFERENCE = Topology(
    (
        Workload(name="angular-ui", title="Angular UI", kind=Kind.UI),
        Workload(name="rev-proxy", title="gRPC Gateway", kind=Kind.GATEWAY, calls=("service-a",)),
        Workload(
            name="service-a",
            title="Service A",
            greeting="Hello, from Service A!",
            calls=("service-b", "service-c"),
        ),
        Workload(
            name="service-b",
            title="Service B",
            greeting="Namasté (नमस्ते), from Service B!",
            calls=("service-d", "service-e"),
        ),
        Workload(
            name="service-c",
            title="Service C",
            greeting="Konnichiwa (こんにちは), from Service C!",
            database="service-c",
        ),
        Workload(
            name="service-d",
            title="Service D",
            greeting="Shalom (שָׁלוֹם), from Service D!",
            publishes=_QUEUE,
        ),
        Workload(
            name="service-e",
            title="Service E",
            greeting="Bonjour, from Service E!",
            calls=("service-g", "service-h"),
        ),
        Workload(
            name="service-f",
            title="Service F",
            greeting="Hola, from Service F!",
            database="service-f",
            collection="messages",
            consumes=_QUEUE,
        ),
        Workload(
            name="service-g",
            title="Service G",
            greeting="Ahlan (أهلا), from Service G!",
            database="service-g",
        ),
        Workload(
            name="service-h",
            title="Service H",
            greeting="Ciao, from Service H!",
            database="service-h",
        ),
    )
)
"""The reference platform of the article: eight services behind a gRPC gateway, and a user interface."""
