"""What Prometheus scrapes: its jobs, and the files in which it finds their targets.

The formats are those of https://prometheus.io/docs/prometheus/latest/configuration/configuration/.
"""

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any

from refapp.mesh import Address, Edge, Pod
from refapp.mesh.files import replace
from refapp.mesh.identity import INGRESS, spiffe_id
from refapp.monitoring.cluster import INGRESS_NAMESPACE, NAME, NODE, NODE_LABELS
from refapp.monitoring.documents import dump
from refapp.monitoring.timing import SECOND, Timing, duration
from refapp.topology import NAMESPACE

PODS = "kubernetes-pods"
"""The job of the sidecars and of the gateway at the edge."""

APPLICATIONS = "applications"
"""The job of the services and the gateway themselves, which count what no sidecar sees."""

CADVISOR, KUBELET, KUBE_STATE = "kubernetes-nodes-cadvisor", "kubernetes-nodes", "kube-state-metrics"
"""The jobs of a node's containers, of its kubelet, and of the objects of the cluster."""

RABBITMQ, PROMETHEUS, ALERTMANAGER = "rabbitmq", "prometheus", "alertmanager"
"""The jobs of the broker, and of what watches the platform."""

RULES = "rules/*.yml"
"""The files of rules, beside the configuration; whatever is put there is read when Prometheus is told to reload."""

_LONGEST_SCRAPE = 10 * SECOND  # Prometheus' own default
_SELDOM = 8
_STORE_BYTES = "istio_tcp_(?:sent|received)_bytes_total"


@dataclass(frozen=True)
class Target:
    """One address to scrape, and the labels that all its series are to have beside `job` and `instance`."""

    address: Address
    labels: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Job:
    """One job: the path of the metrics, and whether the labels of its series win over those of its targets.

    `principals` has the series of bytes sent to stores get the identities that Envoy cannot write into them;
    `seldom` has it scraped at every eighth time only.
    """

    path: str = "/metrics"
    honor_labels: bool = False
    principals: bool = False
    seldom: bool = False


JOBS: Mapping[str, Job] = MappingProxyType(
    {
        PODS: Job(path="/stats/prometheus", principals=True),
        APPLICATIONS: Job(),
        CADVISOR: Job(path="/metrics/cadvisor"),
        KUBELET: Job(),
        KUBE_STATE: Job(path="/metrics/state", honor_labels=True),
        # Each queue with its name: /metrics has but their sums (https://www.rabbitmq.com/docs/prometheus).
        RABBITMQ: Job(path="/metrics/per-object"),
        # What watches the platform is not what is looked at, and has 900 series.
        PROMETHEUS: Job(seldom=True),
        ALERTMANAGER: Job(seldom=True),
    }
)
"""All jobs by name."""


def configuration(timing: Timing, alertmanager: Address | None = None) -> str:
    """Prometheus' configuration, as YAML; without `alertmanager` its alerts are sent nowhere.

    Files of rules and of targets are looked for beside it.
    """
    content: dict[str, Any] = {
        "global": {
            "scrape_interval": timing.every(),
            "scrape_timeout": duration(min(timing.interval, _LONGEST_SCRAPE)),
            "evaluation_interval": timing.every(),
            "external_labels": {"cluster": NAME},
        },
        "rule_files": [RULES],
    }
    if alertmanager:
        static = [{"targets": [str(alertmanager)]}]
        content["alerting"] = {"alertmanagers": [{"api_version": "v2", "static_configs": static}]}
    content["scrape_configs"] = [_scrape_config(name, job, timing) for name, job in JOBS.items()]
    return dump(content)


def pods(pods: Iterable[Pod], edge: Edge | None = None) -> list[Target]:
    """The targets of `PODS`: each sidecar, and the gateway at the edge."""
    found = [_pod(pod.metrics, NAMESPACE, pod.name, pod.workload) for pod in pods]
    return found + ([_pod(edge.metrics, INGRESS_NAMESPACE, edge.name, INGRESS)] if edge else [])


def application(address: Address, pod: str, workload: str) -> Target:
    """One of the targets of `APPLICATIONS`."""
    return _pod(address, NAMESPACE, pod, workload)


def node(address: Address) -> list[Target]:
    """The target of `CADVISOR` and of `KUBELET`: what measures the node's containers."""
    return [Target(address, {"instance": NODE, **NODE_LABELS})]


def broker(address: Address) -> list[Target]:
    """The target of `RABBITMQ`: the Prometheus plugin of the broker."""
    return [Target(address, {"namespace": NAMESPACE, "app": "rabbitmq"})]


def targets_file(directory: Path, job: str) -> Path:
    """Where the targets of a job are, beside the configuration in `directory`."""
    return directory / "targets" / f"{job}.json"


def write_targets(directory: Path, job: str, targets: Iterable[Target]) -> None:
    """Put the targets of a job into place; Prometheus takes them up by itself, as it runs.

    Raises:
        KeyError: there is no such job.
    """
    JOBS[job]
    groups = [{"targets": [str(target.address)], "labels": dict(target.labels)} for target in targets]
    replace(targets_file(directory, job), json.dumps(groups, indent=1).encode())


def _scrape_config(name: str, job: Job, timing: Timing) -> dict[str, Any]:
    config: dict[str, Any] = {"job_name": name, "metrics_path": job.path}
    if job.seldom:
        config["scrape_interval"] = duration(_SELDOM * timing.interval)
    if job.honor_labels:
        config["honor_labels"] = True
    # What several jobs discover in the same way Prometheus discovers once, with one inotify instance for all of them.
    config["file_sd_configs"] = [{"files": [str(targets_file(Path(), "*"))]}]
    own = re.escape(str(targets_file(Path(), name)))
    config["relabel_configs"] = [{"source_labels": ["__meta_filepath"], "regex": f"(.*/)?{own}", "action": "keep"}]
    if job.principals:
        config["metric_relabel_configs"] = [
            _principal("source_principal", spiffe_id("$1")),
            _principal("destination_principal", "unknown"),
        ]
    return config


def _principal(label: str, value: str) -> dict[str, Any]:
    """A rule that sets a principal where there is none: Envoy writes "_" for the "://" in the name of a statistic."""
    return {
        "source_labels": ["__name__", "source_workload", label],
        "regex": f"{_STORE_BYTES};(.+);",
        "target_label": label,
        "replacement": value,
    }


def _pod(address: Address, namespace: str, name: str, app: str) -> Target:
    return Target(address, {"namespace": namespace, "pod": name, "app": app, "version": "v1", "node": NODE})
