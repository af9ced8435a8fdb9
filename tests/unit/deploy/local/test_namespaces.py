import pytest

from refapp.deploy.local.namespaces import has_service, namespace


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


@pytest.mark.parametrize(
    ("workload", "expected"),
    [("service-a", True), ("prometheus", True), ("mongodb", True)]
    + [(name, False) for name in ("kubelet", "fluent-bit", "cloudwatch-agent", "aws")],
)
def test_a_service_leads_to_whoever_is_called(workload, expected):
    assert has_service(workload) is expected
