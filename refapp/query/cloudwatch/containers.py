"""Container Insights: what CloudWatch knows of the cluster's nodes, pods and containers, and its alarms on that.

The metrics and their dimensions are listed in "Amazon EKS and Kubernetes Container Insights metrics", the fields of
performance events in "Container Insights performance log reference", both in the CloudWatch user guide.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import pandas as pd

from refapp.monitoring.loggroups import APPLICATION, PERFORMANCE
from refapp.query.cloudwatch import alarms, metrics, objects
from refapp.query.cloudwatch.alarms import Alarm
from refapp.query.cloudwatch.cloud import Cloud
from refapp.query.cloudwatch.logs import CloudWatchLogs
from refapp.query.cloudwatch.metrics import PERIOD, Wanted
from refapp.query.cloudwatch.spans import duration, span
from refapp.topology import NAMESPACE

CONTAINER_INSIGHTS = "ContainerInsights"
"""The namespace of the metrics."""

_CLUSTER = "ClusterName"
_UNITS = ((86_400, "d"), (3600, "h"), (60, "m"), (1, "s"))
_CONTAINER = """\
fields @timestamp, kubernetes.pod_name as pod,
    container_cpu_usage_total as cpu, container_cpu_limit as cpu_limit, container_cpu_utilization as cpu_percent,
    container_memory_working_set as memory, container_memory_limit as memory_limit,
    container_memory_utilization as memory_percent, number_of_container_restarts as restarts
| filter Type = "Container" and kubernetes.namespace_name = {namespace}
    and kubernetes.container_name = {container}
| display @timestamp, pod, cpu, cpu_limit, cpu_percent, memory, memory_limit, memory_percent, restarts
| sort @timestamp asc"""
# Each pod once in a period, then all of them: the agent of each node has times of its own.
_RUNNING = """\
filter Type = "Pod" and Namespace = {namespace}
| stats avg(pod_number_of_running_containers) as running by kubernetes.pod_name, bin({period}) as time
| stats count(*) as pods, sum(running) as containers by time
| sort time asc"""
_LOG_LINES = """\
fields @timestamp, @message
| filter kubernetes.namespace_name = {namespace}
    and kubernetes.container_name = {container}{pod}
| sort @timestamp desc
| limit {limit}"""


@dataclass(frozen=True, kw_only=True)
class Performance:
    """What the performance dashboard of a namespace shows: frames indexed by time.

    `cpu` and `memory` are per cent of the nodes', `received` and `sent` bytes a second, one column a workload;
    `running` has the columns `pods` and `containers`, which count those that run.
    """

    namespace: str
    start: datetime
    end: datetime
    cpu: pd.DataFrame
    memory: pd.DataFrame
    received: pd.DataFrame
    sent: pd.DataFrame
    running: pd.DataFrame


class ContainerInsights:
    """The metrics, performance events and alarms of a cluster in CloudWatch.

    The time is told as for `CloudWatchLogs`, and the same errors are raised.
    """

    def __init__(self, cloud: Cloud) -> None:
        self._cloud = cloud
        self._logs = CloudWatchLogs(cloud)

    def metrics(self, name: str | None = None, **dimensions: str) -> pd.DataFrame:
        """The metrics of the cluster: metric, and a column for each dimension; NaN where it has it not."""
        return metrics.list_metrics(self._cloud, CONTAINER_INSIGHTS, name, self._own(dimensions))

    def metric(
        self,
        name: str,
        *,
        by: str | Sequence[str] = (),
        statistic: str = "Average",
        period: timedelta | str = PERIOD,
        last: timedelta | str | None = None,
        start: datetime | None = None,
        end: datetime | None = None,
        **dimensions: str,
    ) -> pd.DataFrame:
        """The values of a metric over time: one row a period, with its `time`, and one column a series.

        Where a series has no value there is NaN. `attrs` has the `metric`, the `statistic` and the `step` in seconds.

        Args:
            name: of the metric, such as `pod_cpu_utilization`.
            by: dimensions of which every value has its series, such as `PodName`; columns are named by them.
            statistic: CloudWatch's: `Average`, `Sum`, `Minimum`, `Maximum`, `SampleCount`, `p99` and so on.
            period: of a value.
            last: how long before the end, in place of a start.
            start: the first time.
            end: the last time; now without.
            dimensions: the other dimensions of the metric and their values, all but the cluster's: `Namespace="dev"`.
        """
        told = (by,) if isinstance(by, str) else tuple(by)
        wanted = Wanted(metric=name, statistic=statistic, dimensions=self._own(dimensions), by=told)
        time = span(last, start, end)
        return metrics.read(self._cloud, CONTAINER_INSIGHTS, {name: wanted}, time, duration(period))[name]

    def performance(
        self,
        namespace: str = NAMESPACE,
        *,
        period: timedelta | str = PERIOD,
        last: timedelta | str | None = None,
        start: datetime | None = None,
        end: datetime | None = None,
    ) -> Performance:
        """What the performance dashboard of a namespace shows, of each workload in it."""
        time = span(last, start, end)
        names = {
            "cpu": "pod_cpu_utilization",
            "memory": "pod_memory_utilization",
            "received": "pod_network_rx_bytes",
            "sent": "pod_network_tx_bytes",
        }
        where = self._own({"Namespace": namespace})
        wanted = {key: Wanted(metric=name, dimensions=where, by=("PodName",)) for key, name in names.items()}
        frames = metrics.read(self._cloud, CONTAINER_INSIGHTS, wanted, time, duration(period))
        # The number of running containers of a namespace is no metric.
        query = _RUNNING.format(namespace=_quoted(namespace), period=_period(duration(period)))
        found = self._logs.query(query, PERFORMANCE, start=time.start, end=time.end)
        frames["running"] = _running(found)
        return Performance(namespace=namespace, start=time.start, end=time.end, **frames)

    def objects(self, last: timedelta | str = timedelta(minutes=5)) -> pd.DataFrame:
        """The objects of the container map, from the cluster down to the pods, with load and alarms.

        See `refapp.query.cloudwatch.objects.objects` for its columns.
        """
        pods = self._logs.query(objects.PODS, PERFORMANCE, last=last)
        nodes = self._logs.query(objects.NODES, PERFORMANCE, last=last)
        return objects.objects(self._cloud.cluster, pods, nodes, self.alarms())

    def container(
        self,
        name: str,
        namespace: str = NAMESPACE,
        *,
        last: timedelta | str | None = None,
        start: datetime | None = None,
        end: datetime | None = None,
    ) -> pd.DataFrame:
        """The performance events of the containers of a name, the oldest first.

        Columns: `@timestamp`, pod, cpu and cpu_limit in millicores, cpu_percent of the node, memory (working set) and
        memory_limit in bytes, memory_percent of the node, restarts. A column that no event has is not there.
        """
        query = _CONTAINER.format(namespace=_quoted(namespace), container=_quoted(name))
        found = self._logs.query(query, PERFORMANCE, last=last, start=start, end=end)
        return found.drop(columns="@ptr", errors="ignore")

    def logs_query(self, container: str, namespace: str = NAMESPACE, *, pod: str | None = None, limit: int = 20) -> str:
        """The query of Logs Insights for the log lines of a container, of all its pods or of one.

        It is one for the group `application`, where CloudWatch's console leads from a container's metrics.
        """
        where = f"\n    and kubernetes.pod_name = {_quoted(pod)}" if pod else ""
        quoted = {"namespace": _quoted(namespace), "container": _quoted(container)}
        return _LOG_LINES.format(**quoted, pod=where, limit=limit)

    def logs(self, container: str, namespace: str = NAMESPACE, *, pod: str | None = None, **time: Any) -> pd.DataFrame:
        """The newest log lines of a container: what `logs_query` finds; `time` as for `CloudWatchLogs.query`."""
        return self._logs.query(self.logs_query(container, namespace, pod=pod), APPLICATION, **time)

    def alarms(self, prefix: str | None = None) -> pd.DataFrame:
        """The alarms in the order of their names, or of those whose name begins so.

        Columns: alarm, state (`OK`, `ALARM`, `INSUFFICIENT_DATA`), since, watches (a metric, an expression or a rule),
        comparison, threshold, dimensions, reason.
        """
        return alarms.describe(self._cloud, prefix)

    def alarm(
        self,
        name: str,
        *,
        last: timedelta | str | None = None,
        start: datetime | None = None,
        end: datetime | None = None,
    ) -> Alarm:
        """An alarm, with what became of it and of the values that it watches.

        Raises:
            CloudError: there is none of that name.
        """
        return alarms.read(self._cloud, name, span(last, start, end))

    def put_alarm(
        self, name: str, metric: str, threshold: float, *, dimensions: Mapping[str, str] | None = None, **settings: Any
    ) -> None:
        """Make an alarm on a metric of the cluster, or change the one of that name.

        Args:
            name: what it is called.
            metric: its name.
            threshold: what its values are compared with.
            dimensions: of the metric, all but the cluster's.
            settings: those of `refapp.query.cloudwatch.alarms.put`: comparison, statistic, period, periods, breaching,
                missing, description, notify.
        """
        own = self._own(dimensions or {})
        alarms.put(self._cloud, name, CONTAINER_INSIGHTS, metric, threshold, dimensions=own, **settings)

    def put_network_alarm(
        self, threshold: float, namespace: str = NAMESPACE, *, name: str = "network-transmission", **settings: Any
    ) -> str:
        """Make the article's alarm: the pods of a namespace send more than so many bytes a second, on average.

        Returns its name; `settings` are those of `put_alarm`.
        """
        where = {"Namespace": namespace}
        self.put_alarm(name, "pod_network_tx_bytes", threshold, dimensions=where, **settings)
        return name

    def delete_alarm(self, name: str) -> None:
        """Delete an alarm; nothing happens when there is none of that name."""
        alarms.delete(self._cloud, name)

    def wait_for_alarm(self, name: str, state: str = "ALARM", within: float = 120.0) -> Alarm:
        """Wait until an alarm is in a state, and return it.

        Raises:
            TimeoutError: it is not, after so many seconds.
            CloudError: there is none of that name.
        """
        alarms.wait(self._cloud, name, state, within)
        return self.alarm(name)

    def _own(self, dimensions: Mapping[str, str]) -> dict[str, str]:
        return {**dimensions, _CLUSTER: self._cloud.cluster}


def _running(found: pd.DataFrame) -> pd.DataFrame:
    """The counts, indexed by time."""
    frame = found.reindex(columns=["time", "pods", "containers"])
    index = pd.DatetimeIndex(pd.to_datetime(frame["time"], utc=True), name="time")
    return frame[["pods", "containers"]].astype("float64").set_axis(index, axis="index")


def _period(length: timedelta) -> str:
    """A period of the query language, whose units go up to 60 seconds, 60 minutes and 24 hours."""
    seconds = round(length.total_seconds())
    size, unit = next((size, unit) for size, unit in _UNITS if seconds % size == 0)
    return f"{seconds // size}{unit}"


def _quoted(text: str) -> str:
    """A text of the query language."""
    return '"{}"'.format(text.replace("\\", "\\\\").replace('"', '\\"'))
