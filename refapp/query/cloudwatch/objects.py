"""The objects of a cluster as Container Insights' map shows them: cluster, namespaces, services, workloads, pods.

Everything is told by performance events: a pod's has its namespace, its service, its workload (`PodName`) and its own
name (`kubernetes.pod_name`). So one query has the hierarchy and the load of each; what is above a pod is the average of
its pods, as CloudWatch's metrics of these dimensions are.
"""

from collections import defaultdict
from collections.abc import Hashable, Iterable, Mapping, Sequence
from typing import Any

import pandas as pd

PODS = """\
filter Type = "Pod"
| stats avg(pod_cpu_utilization) as cpu, avg(pod_memory_utilization) as memory, count(pod_cpu_utilization) as samples
    by Namespace, Service, PodName, kubernetes.pod_name
| sort Namespace asc, PodName asc, kubernetes.pod_name asc"""
"""The query for the pods of a cluster."""

NODES = """\
filter Type = "Node"
| stats avg(node_cpu_utilization) as cpu, avg(node_memory_utilization) as memory, count(*) as samples"""
"""The query for the load of a cluster: the average of its nodes."""

COLUMNS = ("kind", "name", "namespace", "service", "workload", "pod", "cpu", "memory", "pods", "alarm", "alarms")
KINDS: Mapping[str, tuple[str, ...]] = {
    "cluster": (),
    "namespace": ("namespace",),
    "service": ("namespace", "service"),
    "workload": ("namespace", "service", "workload"),
    "pod": ("namespace", "service", "workload", "pod"),
}
"""What an object may be, from the top, and which columns say where it belongs; the last of them is its name."""

# The dimensions of the metrics of each kind of object (`ContainerInsights` metrics of EKS), without the cluster's.
_DIMENSIONS: Mapping[str, Mapping[str, str]] = {
    "cluster": {},
    "namespace": {"Namespace": "namespace"},
    "service": {"Service": "service", "Namespace": "namespace"},
    "workload": {"PodName": "workload", "Namespace": "namespace"},
    "pod": {"FullPodName": "pod", "PodName": "workload", "Namespace": "namespace"},
}
_LOADS = ("cpu", "memory")
_WORST = ("ALARM", "INSUFFICIENT_DATA", "OK", "")


def objects(cluster: str, pods: pd.DataFrame, nodes: pd.DataFrame, alarms: pd.DataFrame) -> pd.DataFrame:
    """One row an object, those of a kind together, from the cluster down to the pods; see `COLUMNS`.

    `cpu` and `memory` are per cent of the nodes', `pods` counts its pods, `alarm` is the worst state of the alarms on
    its metrics, empty without one, and `alarms` are their names. A pod without a service has an empty one.

    Args:
        cluster: its name.
        pods: what `PODS` finds.
        nodes: what `NODES` finds.
        alarms: as `refapp.query.cloudwatch.alarms.describe` tells them.
    """
    names = {"Namespace": "namespace", "Service": "service", "PodName": "workload", "kubernetes.pod_name": "pod"}
    known = pods.rename(columns=names).reindex(columns=[*names.values(), *_LOADS, "samples"])
    known = _weighed(known.assign(**{name: known[name].astype("str").fillna("") for name in names.values()}))
    parts = [_objects(known, kind, columns) for kind, columns in KINDS.items() if columns]
    load = _average(_weighed(nodes.reindex(columns=[*_LOADS, "samples"])).sum().to_frame().T)
    top = load.assign(kind="cluster", name=cluster, pods=known["pod"].nunique())
    frame = pd.concat([top, *parts], ignore_index=True).reindex(columns=list(COLUMNS[:-2]))
    frame = frame.assign(**{name: frame[name].astype("str").fillna("") for name in names.values()})
    states = _states(alarms)
    own = [states.get(_dimensions(row, cluster), []) for row in frame.to_dict("records")]
    return frame.assign(
        pods=frame["pods"].astype("int64"),
        alarm=[_worst(state for _, state in found) for found in own],
        alarms=[", ".join(name for name, _ in found) for found in own],
    )


def _weighed(found: pd.DataFrame) -> pd.DataFrame:
    """With the sum of the samples of each load, and their number, as an event may lack one."""
    number = found["samples"].astype("float64")
    sums = {f"{load}_sum": found[load].astype("float64") * number for load in _LOADS}
    counts = {f"{load}_samples": number.where(found[load].notna()) for load in _LOADS}
    return found.drop(columns=["samples", *_LOADS]).assign(**sums, **counts)


def _average(sums: pd.DataFrame) -> pd.DataFrame:
    """Of no samples it is NaN."""
    return pd.DataFrame({load: sums[f"{load}_sum"] / sums[f"{load}_samples"] for load in _LOADS}, dtype="float64")


def _objects(known: pd.DataFrame, kind: str, columns: Sequence[str]) -> pd.DataFrame:
    """All objects of a kind; what has no name is none."""
    grouped = known[known[columns[-1]] != ""].groupby(list(columns))
    sums = grouped[[f"{load}_{part}" for load in _LOADS for part in ("sum", "samples")]].sum()
    found = _average(sums).assign(pods=grouped["pod"].nunique()).reset_index()
    return found.assign(kind=kind, name=found[columns[-1]])


def _states(alarms: pd.DataFrame) -> dict[frozenset[tuple[str, str]], list[tuple[str, str]]]:
    """The names and states of alarms, by the dimensions of their metrics."""
    found = defaultdict(list)
    for alarm in alarms.to_dict("records"):
        found[frozenset(alarm["dimensions"].items())].append((alarm["alarm"], alarm["state"]))
    return found


def _dimensions(row: Mapping[Hashable, Any], cluster: str) -> frozenset[tuple[str, str]]:
    own = {name: row[column] for name, column in _DIMENSIONS[row["kind"]].items()}
    return frozenset({**own, "ClusterName": cluster}.items())


def _worst(states: Iterable[str]) -> str:
    return min([*states, ""], key=_WORST.index)
