"""What the cluster of the platform is called; the names are the article's."""

from types import MappingProxyType

NAME = "istio-observe-demo"
"""The cluster."""

REGION = "us-east-1"
"""The AWS region that it is in."""

NODE = "ip-127-0-0-1"
"""The one node of the local target, named as EKS names nodes: after its address."""

INGRESS_NAMESPACE = "istio-system"
"""The namespace of the gateway at the edge."""

NODE_LABELS = MappingProxyType(
    {
        "stack": "reference-app",
        "alpha_eksctl_io_cluster_name": NAME,
        "alpha_eksctl_io_nodegroup_name": "managed-ng-1",
        "kubernetes_io_hostname": NODE,
    }
)
"""The labels of a node, as Prometheus' discovery in Kubernetes puts them on whatever it scrapes there."""
