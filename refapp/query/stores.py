"""What the services have written: the documents of the databases and the counters of the queue."""

from collections.abc import Callable

import httpx
import pandas as pd
import pymongo
from prometheus_client.parser import text_string_to_metric_families
from pymongo.collection import Collection

from refapp.topology import Topology, TopologyError, Workload

_TIMEOUT = 10.0

# RabbitMQ's Prometheus plugin, /metrics/detailed (rabbitmq.com, "Monitoring with Prometheus and Grafana").
_QUEUE_FAMILIES = ("queue_coarse_metrics", "queue_consumer_count", "queue_metrics")
_COUNTERS = {
    "rabbitmq_detailed_queue_messages_ready": "ready",
    "rabbitmq_detailed_queue_messages_unacked": "unacknowledged",
    "rabbitmq_detailed_queue_consumers": "consumers",
}


class Documents:
    """The collections to which the workloads of a topology write.

    `url` gives MongoDB's address when it is needed, so that a platform can be restarted meanwhile.
    """

    def __init__(self, topology: Topology, url: Callable[[], str]) -> None:
        self._topology = topology
        self._url = url

    def counts(self) -> pd.DataFrame:
        """The number of documents of each workload that writes any: workload, database, collection, documents."""
        writers = [workload for workload in self._topology if workload.database]
        with self._client() as client:
            rows = [
                (writer.name, writer.database, writer.collection, _collection(client, writer).count_documents({}))
                for writer in writers
            ]
        return pd.DataFrame(rows, columns=["workload", "database", "collection", "documents"])

    def frame(self, workload: str, *, limit: int = 100) -> pd.DataFrame:
        """The newest documents that a workload wrote, the newest first; one column a field.

        Raises:
            TopologyError: there is no such workload, or it has no database.
        """
        writer = self._topology[workload]
        if not writer.database:
            raise TopologyError(f"{workload} has no database")
        with self._client() as client:
            documents = list(_collection(client, writer).find().sort("$natural", pymongo.DESCENDING).limit(limit))
        return pd.DataFrame(documents)

    def _client(self) -> "pymongo.MongoClient[dict[str, object]]":
        return pymongo.MongoClient(self._url(), serverSelectionTimeoutMS=int(_TIMEOUT * 1000))


class Queues:
    """The queues of the broker, as its Prometheus plugin counts them.

    `url` gives the plugin's address when it is needed.
    """

    def __init__(self, url: Callable[[], str]) -> None:
        self._url = url

    def frame(self) -> pd.DataFrame:
        """One row a queue: the messages that wait, that await their acknowledgement, and the consumers.

        Raises:
            httpx.HTTPError: the broker does not answer.
        """
        params = httpx.QueryParams([("family", family) for family in _QUEUE_FAMILIES])
        response = httpx.get(f"{self._url()}/metrics/detailed", params=params, timeout=_TIMEOUT).raise_for_status()
        rows: dict[str, dict[str, int]] = {}
        for family in text_string_to_metric_families(response.text):
            for sample in family.samples:
                if counter := _COUNTERS.get(sample.name):
                    rows.setdefault(sample.labels["queue"], {})[counter] = int(sample.value)
        frame = pd.DataFrame.from_dict(rows, orient="index", columns=list(_COUNTERS.values()))
        return frame.rename_axis("queue").sort_index().reset_index()


def _collection(client: "pymongo.MongoClient[dict[str, object]]", workload: Workload) -> Collection[dict[str, object]]:
    return client[workload.database or ""][workload.collection]
