from refapp.backends.containerinsights.cluster import drafts
from refapp.backends.containers.inventory import Container


def told(found, kind, *, enhanced=True):
    return [members for of, members in drafts(found, enhanced=enhanced) if of == kind]


def counts(found, kind, field, *names):
    return {tuple(members[name] for name in names): members[field] for members in told(found, kind)}


def test_the_cluster_has_one_node(watch, pod):
    waiting = pod("f-2", running=False)
    found = watch.found(pod("f-1"), waiting)
    expected = {"cluster_node_count": 1, "cluster_failed_node_count": 0}
    assert told(found, "Cluster", enhanced=False) == [expected]
    assert told(found, "Cluster") == [expected | {"cluster_number_of_running_pods": 1}]


def test_a_node_that_tells_nothing_has_failed(silent, pod):
    found = silent.found(pod())
    (members,) = told(found, "Cluster")
    assert (members["cluster_failed_node_count"], members["cluster_number_of_running_pods"]) == (1, 1)
    assert counts(found, "ClusterNamespace", "namespace_number_of_running_pods", "Namespace") == {("dev",): 1}


def test_pods_of_a_namespace(watch, pod):
    found = watch.found(
        pod("f-1"), pod("f-2"), pod("f-3", running=False), pod("i-1", namespace="istio-system", running=False)
    )
    expected = {("dev",): 2, ("istio-system",): 0}
    assert counts(found, "ClusterNamespace", "namespace_number_of_running_pods", "Namespace") == expected
    assert told(found, "ClusterNamespace")[0]["kubernetes"] == {"namespace_name": "dev"}


def test_pods_of_a_service_are_ready(watch, pod):
    found = watch.found(
        pod("f-1"),
        pod("f-2"),
        pod("f-3", ready=False),
        pod("g-1", workload="service-g", ready=False),
        pod("h-1", workload="agent", service=""),
        pod("i-1", namespace="istio-system", service="front"),
    )
    expected = {("dev", "service-f"): 2, ("dev", "service-g"): 0, ("istio-system", "front"): 1}
    assert counts(found, "ClusterService", "service_number_of_running_pods", "Namespace", "Service") == expected
    assert told(found, "ClusterService")[0]["kubernetes"] == {"namespace_name": "dev", "service_name": "service-f"}


def test_replicas(watch, pod):
    found = watch.found(
        pod("f-1"), pod("f-2", ready=False), replicas={"service-f": 3, "service-g": 1}, namespace="elsewhere"
    )
    names = ("replicas_desired", "replicas_ready", "status_replicas_available", "status_replicas_unavailable")
    rows = [
        (draft["Namespace"], draft["PodName"], *map(draft.get, names)) for draft in told(found, "ClusterDeployment")
    ]
    assert rows == [("dev", "service-f", 3, 1, 1, 2), ("elsewhere", "service-g", 1, 0, 0, 1)]
    assert told(found, "ClusterDeployment", enhanced=False) == []


def test_a_pod_that_was_running_counts_while_its_container_waits(watch, pod):
    """As in Kubernetes, a pod whose container crashed stays in the phase Running."""
    crashed = Container(name="service-f", reason="Error", restarts=1)
    found = watch.found(pod(containers=(crashed,), ready=False))
    assert counts(found, "ClusterNamespace", "namespace_number_of_running_pods", "Namespace") == {("dev",): 1}
    assert counts(found, "ClusterService", "service_number_of_running_pods", "Service") == {("service-f",): 0}


def test_an_empty_cluster(watch):
    found = watch.found()
    assert [kind for kind, _ in drafts(found, enhanced=True)] == ["Cluster"]
