import pytest

from refapp.deploy.local.namespaces import namespace


@pytest.mark.parametrize(
    ("workload", "expected"),
    [
        ("service-a", "dev"),
        ("rabbitmq", "dev"),
        ("istio-ingressgateway", "istio-system"),
        ("prometheus", "istio-system"),
        ("kubelet", "kube-system"),
        ("fluent-bit", "amazon-cloudwatch"),
    ],
)
def test_namespaces(workload, expected):
    assert namespace(workload) == expected
