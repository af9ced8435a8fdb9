"""What a workload is called inside the mesh: its host name and its SPIFFE identity.

The forms are Istio's: https://istio.io/latest/docs/concepts/security/#istio-identity.
"""

from refapp.topology import NAMESPACE

TRUST_DOMAIN = "cluster.local"
"""The trust domain of every identity in the mesh."""

INGRESS = "istio-ingressgateway"
"""The workload at the edge; it is no part of the topology, as every platform has one."""

SIDECAR = "istio-proxy"
"""The name that Istio gives to the container of a sidecar."""


def host(service: str) -> str:
    """The host name of a service, as cluster DNS spells it."""
    return f"{service}.{NAMESPACE}.svc.{TRUST_DOMAIN}"


def spiffe_id(workload: str) -> str:
    """The SPIFFE identity of a workload: a URI in its certificate."""
    return f"spiffe://{TRUST_DOMAIN}/ns/{NAMESPACE}/sa/{workload}"
