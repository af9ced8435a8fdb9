"""What the page on metrics and alerts is made from, at the time of the build: the code that tells and watches them.

The directive `metrics` holds those of `applications` or of the `node`, `alerts` all alerts as they are for a cluster.
"""

import importlib
import os
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path

from docutils import nodes
from docutils.statemachine import StringList
from prometheus_client.core import Metric
from refapp.backends.containers import cadvisor, inventory, kubelet, state
from refapp.backends.containers.inventory import (
    Autoscaler,
    Container,
    Inventory,
    InventoryFile,
    Pod,
)
from refapp.backends.containers.sampler import sampler
from refapp.monitoring.rules import alerts
from refapp.services.metrics import REGISTRY
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

_COUNTING = (
    "servicer",
    "gateway",
    "store",
    "publisher",
    "consumer",
    "ui.server",
    "ui.clientlogs",
)


def applications() -> Iterator[Metric]:
    """What services, gateway and user interface count."""
    for module in _COUNTING:
        importlib.import_module(f"refapp.services.{module}")
    return REGISTRY.collect()


def node() -> Iterator[Metric]:
    """What is told of the node and its containers, with this process for the only one."""
    container = Container(
        name="service-a",
        pid=os.getpid(),
        running=True,
        reason="OOMKilled",
        restarts=1,
        memory_limit=1,
        memory_request=1,
        cpu_limit=1.0,
        cpu_request=1.0,
    )
    scaled = Autoscaler(
        workload="service-a",
        min=1,
        max=2,
        current=1,
        desired=2,
        target_utilisation=80,
        utilisation=90,
    )
    there = Inventory(
        node="node",
        pods=(
            Pod(
                name="service-a-x-y",
                workload="service-a",
                reason="Evicted",
                containers=(container,),
            ),
        ),
        replicas={"service-a": 1},
        autoscalers=(scaled,),
    )
    with tempfile.TemporaryDirectory() as directory:
        path = Path(directory, "inventory.json")
        inventory.write(path, there)
        measured = sampler(InventoryFile(path))
        measured.sample()
    yield from cadvisor.families(measured)
    yield from kubelet.families(measured)
    yield from state.families(there, measured.machine)


class Lines(SphinxDirective):
    """A directive that writes MyST."""

    def lines(self) -> Iterable[str]:
        raise NotImplementedError

    def run(self) -> list[nodes.Node]:
        parent = nodes.Element()
        self.state.nested_parse(
            StringList(list(self.lines()), self.name), self.content_offset, parent
        )
        return parent.children


class Metrics(Lines):
    """A list of metrics; takes `applications` or `node`."""

    required_arguments = 1

    def lines(self) -> Iterable[str]:
        told = {"applications": applications, "node": node}[self.arguments[0]]()
        by_name = {metric.name: metric for metric in told}
        for name, metric in sorted(by_name.items()):
            full = f"{name}_total" if metric.type == "counter" else name
            yield from (
                f"`{full}` ({metric.type})",
                f": {metric.documentation}",
                "",
            )


class Alerts(Lines):
    """All alerts."""

    def lines(self) -> Iterable[str]:
        for alert in alerts():
            lasting = f"for {alert.lasting}" if alert.lasting else "at once"
            yield from (f"**{alert.name}** ({alert.severity}, {lasting})", "")
            yield from ("```", alert.expr.strip(), "```", "")
            yield from (f"*It says:* `{alert.description}`", "")
            yield from (f"*Runbook:* {alert.runbook}", "")


def setup(app: Sphinx) -> dict[str, bool]:
    app.add_directive("metrics", Metrics)
    app.add_directive("alerts", Alerts)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
