"""In which namespace of a cluster a workload would be."""

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


def namespace(workload: str) -> str:
    """The namespace that a workload would be in on a cluster: that of the platform, unless it stands beside it."""
    return _ELSEWHERE.get(workload, NAMESPACE)
