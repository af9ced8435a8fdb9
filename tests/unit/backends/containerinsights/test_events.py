import json
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from refapp.backends.containerinsights.events import Place, Writer
from refapp.backends.containerinsights.formulas import Resources
from refapp.backends.containerinsights.measurements import Measured, Measurements
from refapp.backends.containerinsights.readings import container_key, pod_key
from refapp.backends.containers.inventory import Container, Inventory, Pod

TIME = 1_567_097_351_092
PLACE = Place(
    cluster="demo", node="ip-1", instance_id="i-1", instance_type="t3.large", auto_scaling_group="managed-ng-1"
)
PERCENT, BYTES_A_SECOND = "Percent", "Bytes/Second"
# The pod event of "Container Insights performance log events", with the numbers of its example.
TEMPLATE = {
    "CloudWatchMetrics": [
        {
            "Metrics": [
                {"Unit": PERCENT, "Name": "pod_cpu_utilization"},
                {"Unit": PERCENT, "Name": "pod_memory_utilization"},
                {"Unit": BYTES_A_SECOND, "Name": "pod_network_rx_bytes"},
                {"Unit": BYTES_A_SECOND, "Name": "pod_network_tx_bytes"},
                {"Unit": PERCENT, "Name": "pod_cpu_utilization_over_pod_limit"},
                {"Unit": PERCENT, "Name": "pod_memory_utilization_over_pod_limit"},
            ],
            "Dimensions": [
                ["PodName", "Namespace", "ClusterName"],
                ["Service", "Namespace", "ClusterName"],
                ["Namespace", "ClusterName"],
                ["ClusterName"],
            ],
            "Namespace": "ContainerInsights",
        },
        {
            "Metrics": [
                {"Unit": PERCENT, "Name": "pod_cpu_reserved_capacity"},
                {"Unit": PERCENT, "Name": "pod_memory_reserved_capacity"},
            ],
            "Dimensions": [["PodName", "Namespace", "ClusterName"], ["ClusterName"]],
            "Namespace": "ContainerInsights",
        },
        {
            "Metrics": [{"Unit": "Count", "Name": "pod_number_of_container_restarts"}],
            "Dimensions": [["PodName", "Namespace", "ClusterName"]],
            "Namespace": "ContainerInsights",
        },
    ],
    "Type": "Pod",
    "Version": "0",
    "Timestamp": "1567097351092",
    "Sources": ["cadvisor", "pod", "calculated"],
    "ClusterName": "demo",
    "Namespace": "dev",
    "PodName": "service-f",
    "Service": "service-f",
    "NodeName": "ip-1",
    "InstanceId": "i-1",
    "InstanceType": "t3.large",
    "AutoScalingGroupName": "managed-ng-1",
    "kubernetes": {
        "host": "ip-1",
        "namespace_name": "dev",
        "pod_id": "uuid",
        "pod_name": "service-f-df44f855f-ts4q2",
        "pod_owners": [{"owner_kind": "Deployment", "owner_name": "service-f"}],
        "labels": {"app": "service-f", "version": "v1"},
        "service_name": "service-f",
    },
    "pod_cpu_limit": 200,
    "pod_cpu_request": 200,
    "pod_cpu_reserved_capacity": 5.0,
    "pod_cpu_usage_total": 5.8,
    "pod_cpu_utilization": pytest.approx(0.145),
    "pod_cpu_utilization_over_pod_limit": pytest.approx(2.9),
    "pod_memory_working_set": 18_268_160,
    "pod_memory_request": 838_860_800,
    "pod_memory_reserved_capacity": 5.0,
    "pod_memory_limit": 838_860_800,
    "pod_memory_utilization": pytest.approx(18_268_160 / 16_777_216_000 * 100),
    "pod_memory_utilization_over_pod_limit": pytest.approx(18_268_160 / 838_860_800 * 100),
    "pod_network_rx_bytes": 9880.7,
    "pod_network_tx_bytes": 278.1,
    "pod_network_total_bytes": pytest.approx(10158.8),
    "pod_number_of_containers": 1,
    "pod_number_of_running_containers": 1,
    "pod_number_of_container_restarts": 0,
    "pod_status": "Running",
}


def example():
    """What the template was written from: its pod on a node of 4 cores and 16,777,216,000 bytes."""
    memory = 838_860_800
    container = Container(
        name="service-f",
        pid=1,
        running=True,
        cpu_limit=0.2,
        cpu_request=0.2,
        memory_limit=memory,
        memory_request=memory,
    )
    pod = Pod(name="service-f-df44f855f-ts4q2", workload="service-f", uid="uuid", ready=True, containers=(container,))
    interface = {"network_rx_bytes": 9880.7, "network_tx_bytes": 278.1}
    return Measurements(
        Inventory(pods=(pod,)),
        {container_key("dev", pod.name, "uuid", "service-f"): 0},
        Resources(4000, 16_777_216_000),
        {
            pod_key("dev", pod.name, "uuid"): Measured({"cpu_usage_total": 5.8, "memory_working_set": 18_268_160}, {}),
            ("PodNet", "dev", pod.name, "uuid", "eth0"): Measured(interface, {"interface": "eth0"}),
        },
    )


def written(found, *, enhanced=True, period=60.0, place=PLACE):
    return list(Writer(place, enhanced=enhanced, period=period).events(found, TIME))


def of(events, kind):
    return [event for event in events if event["Type"] == kind]


def test_the_event_of_a_pod_is_that_of_the_user_guide():
    (event,) = of(written(example(), enhanced=False), "Pod")
    event = json.loads(json.dumps(event))
    assert event.keys() == TEMPLATE.keys()
    for member, expected in TEMPLATE.items():
        assert event[member] == expected, member


@pytest.mark.parametrize(
    ("kind", "sources"),
    [
        ("Cluster", ["apiserver"]),
        ("ClusterNamespace", ["apiserver"]),
        ("Node", ["cadvisor", "/proc", "pod", "calculated"]),
        ("PodNet", ["cadvisor", "calculated"]),
        ("Container", ["cadvisor", "pod", "calculated"]),
    ],
)
def test_the_common_part(kind, sources):
    (event,) = of(written(example()), kind)
    assert (event["Version"], event["Timestamp"], list(event["Sources"])) == ("0", str(TIME), sources)
    assert event["ClusterName"] == "demo"
    on_node = {"NodeName", "InstanceId", "InstanceType", "AutoScalingGroupName"}
    assert on_node & event.keys() == (set() if kind.startswith("Cluster") else on_node)
    assert event.get("kubernetes", {}).get("host") == (None if kind.startswith("Cluster") else "ip-1")


def test_a_machine_that_is_no_instance_of_ec2_has_no_such_dimension():
    events = written(example(), place=Place(cluster="demo", node="ip-1"))
    (event,) = of(events, "Node")
    assert not {"InstanceId", "InstanceType", "AutoScalingGroupName"} & event.keys()
    assert [directive["Dimensions"] for directive in event["CloudWatchMetrics"]] == [[["ClusterName"]]]


def test_single_pods_and_containers_are_dimensions_of_enhanced_events():
    events = written(example())
    (pod,), (container,) = of(events, "Pod"), of(events, "Container")
    assert ["FullPodName", "PodName", "Namespace", "ClusterName"] in pod["CloudWatchMetrics"][0]["Dimensions"]
    assert (pod["FullPodName"], container["ContainerName"]) == ("service-f-df44f855f-ts4q2", "service-f")
    assert len(container["CloudWatchMetrics"]) == 1
    for event in of(written(example(), enhanced=False), "Container"):
        assert not {"FullPodName", "ContainerName", "CloudWatchMetrics"} & event.keys()


def test_a_pod_without_a_service_yields_metrics_for_all_other_dimensions():
    found = example()
    (pod,) = found.inventory.pods
    without = Pod(name=pod.name, workload=pod.workload, uid=pod.uid, service="", containers=pod.containers)
    (event,) = of(written(found._replace(inventory=Inventory(pods=(without,))), enhanced=False), "Pod")
    assert event["CloudWatchMetrics"][0]["Dimensions"] == [
        ["PodName", "Namespace", "ClusterName"],
        ["Namespace", "ClusterName"],
        ["ClusterName"],
    ]


@pytest.mark.parametrize(("period", "resolutions"), [(60.0, {None}), (300.0, {None}), (5.0, {1})])
def test_events_that_come_often_make_metrics_of_high_resolution(period, resolutions):
    found = {
        metric.get("StorageResolution")
        for event in written(example(), period=period)
        for directive in event.get("CloudWatchMetrics", [])
        for metric in directive["Metrics"]
    }
    assert found == resolutions


# The fields of each type in the specification, and those that the CloudWatch agent adds; what is left out is not here.
CPU = ("limit", "request", "usage_system", "usage_total", "usage_user", "utilization")
MEMORY = (
    *("limit", "request", "usage", "working_set", "rss", "cache", "mapped_file", "utilization", "failures_total"),
    *("pgfault", "pgmajfault", "hierarchical_pgfault", "hierarchical_pgmajfault"),
)
NETWORK = (
    *(f"{way}_{what}" for way in ("rx", "tx") for what in ("bytes", "packets", "dropped", "errors")),
    "total_bytes",
)
DISK = [f"{kind}_{way}" for kind in ("service_bytes", "serviced") for way in ("read", "write", "total")]
RUNNING = ("number_of_running_pods", "number_of_running_containers")


def fields(prefix, **names):
    return {f"{prefix}_{part}_{name}" for part, parts in names.items() for name in parts}


USED = {"cpu": CPU, "memory": MEMORY}
STATES = ("ready", "scheduled", "running", "pending", "failed", "unknown", "succeeded")
OVER_POD, OVER_CONTAINER = ("utilization_over_pod_limit",), ("utilization_over_container_limit",)
DOCUMENTED = {
    "Cluster": {"cluster_node_count", "cluster_failed_node_count", "cluster_number_of_running_pods"},
    "ClusterNamespace": {"namespace_number_of_running_pods"},
    "ClusterService": {"service_number_of_running_pods"},
    "ClusterDeployment": {f"replicas_{state}" for state in ("desired", "ready")}
    | {f"status_replicas_{state}" for state in ("available", "unavailable")},
    "Node": fields("node", **USED, network=NETWORK)
    | fields("node", cpu=("reserved_capacity",), memory=("reserved_capacity", "swap"))
    | {f"node_{name}" for name in (*RUNNING, "status_condition_ready")},
    "NodeFS": fields("node", filesystem=("available", "capacity", "inodes", "inodes_free", "usage", "utilization"))
    | {"device", "fstype"},
    "NodeNet": fields("node_interface", network=NETWORK) | {"interface"},
    "NodeDiskIO": fields("node_diskio", io=DISK) | {"device"},
    "Pod": fields("pod", **USED, network=NETWORK)
    | fields("pod", cpu=("reserved_capacity", *OVER_POD), memory=("reserved_capacity", *OVER_POD))
    | {f"pod_number_of_{what}" for what in ("containers", "running_containers", "container_restarts")}
    | fields("pod", status=STATES)
    | fields("pod_container", status=("running", "waiting", "terminated", "waiting_reason_crash_loop_back_off"))
    | {"pod_status", "pod_container_status_terminated_reason_oom_killed"},
    "PodNet": fields("pod_interface", network=NETWORK) | {"interface"},
    "Container": fields("container", **USED)
    | fields("container", cpu=OVER_CONTAINER, memory=OVER_CONTAINER)
    | {"number_of_container_restarts", "container_last_termination_reason"}
    | {"container_status", "container_status_reason"},
}
COMMON = {"CloudWatchMetrics", "Type", "Version", "Timestamp", "Sources", "ClusterName", "kubernetes"} | {
    *("AutoScalingGroupName", "InstanceId", "InstanceType", "NodeName", "Namespace", "PodName", "FullPodName"),
    *("ContainerName", "Service"),
}
NAMES = st.sampled_from(["service-a", "service-b", "rev-proxy"])
AMOUNTS = st.none() | st.integers(0, 2**40)
CORES = st.none() | st.floats(0, 64)
NUMBERS = st.floats(0, 1e15)
CONTAINERS = st.builds(
    Container,
    name=st.sampled_from(["istio-proxy", "service-a"]),
    pid=st.none() | st.just(10),
    running=st.booleans(),
    restarts=st.integers(0, 5),
    reason=st.sampled_from(["", "Error", "OOMKilled"]),
    cpu_limit=CORES,
    cpu_request=CORES,
    memory_limit=AMOUNTS,
    memory_request=AMOUNTS,
)
PODS = st.builds(
    Pod,
    name=st.sampled_from(["p-1", "p-2", "p-3"]),
    workload=NAMES,
    namespace=st.sampled_from(["dev", "istio-system"]),
    uid=st.just("u"),
    ready=st.booleans(),
    reason=st.sampled_from(["", "Evicted"]),
    service=st.none() | st.sampled_from(["", "front"]),
    containers=st.lists(CONTAINERS, max_size=2, unique_by=lambda container: container.name).map(tuple),
)


def numbers(*names):
    return st.dictionaries(st.sampled_from(names), NUMBERS)


USAGE = numbers(
    *(f"cpu_{name}" for name in CPU[2:5]),
    *(f"memory_{name}" for name in MEMORY if name not in {"limit", "request", "utilization"}),
)
INTERFACE = numbers(*(f"network_{name}" for name in NETWORK[:-1]))


@st.composite
def measurements(draw):
    """Any inventory, of which anything may be measured or not."""
    pods = tuple(draw(st.lists(PODS, max_size=3, unique_by=lambda pod: (pod.namespace, pod.name))))
    keys = {("Node",): USAGE, ("NodeNet", "eth0"): INTERFACE, ("NodeNet", "eth1"): INTERFACE}
    keys["NodeDiskIO", "/dev/a"] = numbers(*(f"diskio_io_{name}" for name in DISK))
    names = ("filesystem_usage", "filesystem_capacity", "filesystem_inodes")
    keys["NodeFS", "/dev/a"] = st.dictionaries(st.sampled_from(names), st.integers(0, 2**50))
    for pod in pods:
        keys[pod_key(pod.namespace, pod.name, "u")] = USAGE
        keys["PodNet", pod.namespace, pod.name, "u", "eth0"] = INTERFACE
        for container in pod.containers:
            keys[container_key(pod.namespace, pod.name, "u", container.name)] = USAGE
    label = {"NodeNet": "interface", "PodNet": "interface", "NodeDiskIO": "device", "NodeFS": "device"}
    things = {
        key: Measured(draw(values), {label[key[0]]: key[-1]} if key[0] in label else {})
        for key, values in keys.items()
        if draw(st.booleans())
    }
    replicas = draw(st.dictionaries(NAMES, st.integers(0, 3), max_size=3))
    restarts = {key: draw(st.integers(0, 3)) for key in keys if key[0] == "Container" and draw(st.booleans())}
    node = draw(st.none() | st.builds(Resources, st.integers(1, 64_000), st.integers(1, 2**40)))
    return Measurements(Inventory(pods=pods, replicas=replicas), restarts, node, things if node else {})


PLACES = st.builds(Place, cluster=st.just("demo"), node=st.just("ip-1"), instance_id=st.sampled_from(["", "i-1"]))


@given(measurements(), st.booleans(), PLACES)
def test_any_event_holds_what_its_directives_name(found, enhanced, place):
    for event in written(found, enhanced=enhanced, place=place):
        for directive in event.get("CloudWatchMetrics", ()):
            metrics = [metric["Name"] for metric in directive["Metrics"]]
            assert 0 < len(metrics) == len(set(metrics)) <= 100
            assert all(type(event[name]) in {int, float} and math.isfinite(event[name]) for name in metrics)
            assert directive["Dimensions"]
            for names in directive["Dimensions"]:
                assert 0 < len(names) <= 30
                assert all(type(event[name]) is str and event[name] for name in names)


@given(measurements(), st.booleans(), PLACES)
def test_any_event_has_documented_fields_alone(found, enhanced, place):
    for event in written(found, enhanced=enhanced, place=place):
        kind = event["Type"]
        assert event.keys() - COMMON <= DOCUMENTED[kind], kind
        assert not [name for name, value in event.items() if value is None or value == ""]
        json.dumps(event, allow_nan=False)


@given(measurements(), st.booleans())
def test_all_numbers_are_within_reason(found, enhanced):
    for event in written(found, enhanced=enhanced):
        for name, value in event.items():
            if isinstance(value, int | float):
                assert 0 <= value < math.inf, name


@given(measurements())
def test_every_pod_and_container_of_the_inventory_is_told_of(found):
    events = written(found)
    pods = found.inventory.pods if found.node else ()
    assert [event["kubernetes"]["pod_name"] for event in of(events, "Pod")] == [pod.name for pod in pods]
    expected = [(pod.name, container.name) for pod in pods for container in pod.containers]
    told = [
        (event["kubernetes"]["pod_name"], event["kubernetes"]["container_name"]) for event in of(events, "Container")
    ]
    assert told == expected
