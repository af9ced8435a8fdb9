"""Where a workload would be on a cluster: in which namespace, and whether behind a Service."""

from refapp.deploy.local.cloud import AGENT, AWS, SHIPPER
from refapp.deploy.local.stores import TRACING
from refapp.deploy.local.watchers import ALERTMANAGER, INBOX, KUBELET, PROMETHEUS
from refapp.mesh.identity import INGRESS
from refapp.monitoring.cluster import INGRESS_NAMESPACE
from refapp.topology import NAMESPACE

_ELSEWHERE = {
    # Istio's add-ons stand beside its gateway.
    **dict.fromkeys((INGRESS, TRACING, PROMETHEUS, ALERTMANAGER, INBOX), INGRESS_NAMESPACE),
    **dict.fromkeys((AWS, SHIPPER, AGENT), "amazon-cloudwatch"),
    KUBELET: "kube-system",
}
# A node's agents send and are scraped, but are called by nobody; a kubelet is no pod, and AWS is not in the cluster.
_WITHOUT_SERVICE = frozenset({KUBELET, SHIPPER, AGENT, AWS})


def has_service(workload: str) -> bool:
    """Whether a Service of the workload's name would lead to its pods."""
    return workload not in _WITHOUT_SERVICE


def namespace(workload: str) -> str:
    """The namespace that a workload would be in on a cluster: that of the platform, unless it stands beside it."""
    return _ELSEWHERE.get(workload, NAMESPACE)
