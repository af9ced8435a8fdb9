"""What watches the platform, as pods: Prometheus, Alertmanager, an inbox for its messages, and the node's metrics."""

from datetime import timedelta
from pathlib import Path

from refapp.backends.inbox.server import WEBHOOK
from refapp.deploy.local.binaries import alertmanager, prometheus
from refapp.deploy.local.options import Options
from refapp.deploy.local.ports import LOOPBACK, Ports
from refapp.deploy.local.programs import module, program
from refapp.deploy.local.specs import PodSpec
from refapp.mesh import Address
from refapp.mesh.files import PRIVATE, replace
from refapp.monitoring import configuration, scraping
from refapp.monitoring.configuration import Monitoring
from refapp.monitoring.timing import Timing
from refapp.topology import Topology

PROMETHEUS, ALERTMANAGER, INBOX, KUBELET = "prometheus", "alertmanager", "slack-inbox", "kubelet"
"""The workloads; `KUBELET` does what a kubelet does for metrics."""


class Watchers:
    """Plans the pods that watch a platform, and writes what they start with."""

    def __init__(self, options: Options, topology: Topology, directory: Path, free: Ports) -> None:
        self.inventory = directory / "inventory.json"
        self._options = options
        self._kubelet = Address(LOOPBACK, free.take())
        self._inbox = Address(LOOPBACK, free.take())
        self.monitoring = Monitoring(
            directory=directory,
            prometheus=Address(LOOPBACK, free.take()),
            alertmanager=Address(LOOPBACK, free.take()),
            slack=directory / "slack-webhook" if options.slack else self._inbox.url + WEBHOOK,
            topology=topology,
            timing=Timing(interval=timedelta(seconds=options.scrape_interval), scale=options.time_scale),
        )

    def write(self, broker: Address | None) -> None:
        """Write configuration, rules and the targets that stay; those that come and go are the registry's."""
        directory = self.monitoring.directory
        if isinstance(self.monitoring.slack, Path):
            replace(self.monitoring.slack, self._options.slack.encode(), mode=PRIVATE)
        configuration.write(self.monitoring)
        for job in (scraping.CADVISOR, scraping.KUBELET):
            scraping.write_targets(directory, job, scraping.node(self._kubelet))
        scraping.write_targets(directory, scraping.KUBE_STATE, [scraping.Target(self._kubelet)])
        if broker:
            scraping.write_targets(directory, scraping.RABBITMQ, scraping.broker(broker))

    def pods(self) -> list[PodSpec]:
        """The pods; an inbox of our own only where no webhook is named."""
        pods = [self._prometheus(), self._alertmanager(), self._kubelet_pod()]
        return pods if self._options.slack else [*pods, self._inbox_pod()]

    def urls(self) -> dict[str, str]:
        """Where they are reached."""
        urls = {
            PROMETHEUS: self.monitoring.prometheus.url,
            ALERTMANAGER: self.monitoring.alertmanager.url,
            KUBELET: self._kubelet.url,
        }
        return urls if self._options.slack else {**urls, "inbox": self._inbox.url}

    def _prometheus(self) -> PodSpec:
        command = configuration.prometheus_command(self.monitoring, prometheus())
        return program(PROMETHEUS, command, self.monitoring.prometheus, path="/-/ready")

    def _alertmanager(self) -> PodSpec:
        command = configuration.alertmanager_command(self.monitoring, alertmanager())
        return program(ALERTMANAGER, command, self.monitoring.alertmanager, path="/-/ready")

    def _kubelet_pod(self) -> PodSpec:
        return program(KUBELET, module("backends.containers.server"), self._kubelet, INVENTORY=str(self.inventory))

    def _inbox_pod(self) -> PodSpec:
        store = self.monitoring.directory / "messages.jsonl"
        return program(INBOX, module("backends.inbox.server"), self._inbox, STORE=str(store))
