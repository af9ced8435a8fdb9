import json
from dataclasses import replace

import pytest

from refapp.query.mesh.cytoscape import digest, rate_text
from refapp.query.mesh.finish import Surroundings
from refapp.query.mesh.health import Replicas
from refapp.query.mesh.inventory import Inventory
from refapp.query.mesh.telemetry import ask
from refapp.query.mesh.traffic import Options, build


@pytest.fixture
def answer(small, question, now, topology):
    around = Surroundings(Inventory.of(topology), {"one": Replicas(2, 2, 1)})
    return build(ask(small, question())[now], now, question(), Options(), around).to_kiali()


def nodes(answer):
    return {
        (data["nodeType"], data.get("service") or data["app"]): data
        for data in (one["data"] for one in answer["elements"]["nodes"])
    }


def test_the_answer_has_the_fields_of_kiali(answer, now):
    assert set(answer) == {"timestamp", "duration", "graphType", "elements"}
    assert (answer["timestamp"], answer["duration"], answer["graphType"]) == (int(now.timestamp()), 300, "versionedApp")
    assert set(answer["elements"]) == {"nodes", "edges"}
    json.dumps(answer)


def test_a_node_of_an_application(answer):
    data = nodes(answer)["app", "one"]
    expected = {
        "id": digest("vapp_Kubernetes_dev_one"),
        "parent": digest("box_Kubernetes_dev_one"),
        "nodeType": "app",
        "cluster": "Kubernetes",
        "namespace": "dev",
        "workload": "one",
        "app": "one",
        "version": "v1",
        "destServices": [{"cluster": "Kubernetes", "namespace": "dev", "name": "one"}],
        "traffic": [
            {"protocol": "grpc", "rates": {"grpcIn": "2.00"}},
            {"protocol": "tcp", "rates": {"tcpOut": "100.00"}},
        ],
    }
    assert {name: data[name] for name in expected} == expected
    status = data["healthData"]["workloadStatus"]
    assert (status["desiredReplicas"], status["availableReplicas"], status["syncedProxies"]) == (2, 1, -1)
    assert data["healthData"]["requests"]["inbound"] == {"grpc": {"0": 2.0}}


def test_services_outside_the_mesh_and_roots_are_marked(answer):
    found = nodes(answer)
    entry = {"hosts": ["mongodb.dev.svc.cluster.local"], "location": "MESH_EXTERNAL"}
    assert found["service", "mongodb"]["isServiceEntry"] == entry
    assert "parent" not in found["service", "mongodb"]
    assert (found["app", "two"]["isRoot"], "isRoot" in found["app", "one"]) == (True, False)


def test_boxes_come_first_and_hold_more_than_one_node(answer):
    data = [one["data"] for one in answer["elements"]["nodes"]]
    boxes = [one for one in data if one["nodeType"] == "box"]
    assert data[: len(boxes)] == boxes
    assert sorted(one["app"] for one in boxes) == ["front", "one"]
    assert {one["isBox"] for one in boxes} == {"app"}
    for box in boxes:
        assert sum(one.get("parent") == box["id"] for one in data) == 2


def test_an_edge(answer):
    source, target = digest("svc_Kubernetes_dev_one"), digest("vapp_Kubernetes_dev_one")
    (data,) = (one["data"] for one in answer["elements"]["edges"] if one["data"]["target"] == target)
    assert data == {
        "id": digest(f"{source}.{target}.grpc"),
        "source": source,
        "target": target,
        "traffic": {
            "protocol": "grpc",
            "rates": {"grpc": "2.00", "grpcPercentReq": "100.0"},
            "responses": {"0": {"flags": {"-": "100.0"}, "hosts": {"one.dev.svc.cluster.local": "100.0"}}},
        },
        "isMTLS": "100",
        "responseTime": "24",
        "throughput": "300",
        "sourcePrincipal": "spiffe://cluster.local/ns/dev/sa/front",
        "destPrincipal": "spiffe://cluster.local/ns/dev/sa/one",
    }


def test_an_edge_of_tcp_has_no_percentages(answer):
    tcp = [one["data"] for one in answer["elements"]["edges"] if one["data"]["traffic"]["protocol"] == "tcp"]
    assert {frozenset(one["traffic"]["rates"]) for one in tcp} == {frozenset({"tcp"})}
    assert all("isMTLS" not in one for one in tcp)


def test_failures_are_a_percentage(telemetry, question, now, sample):
    samples = (sample("a", "b", 3.0), sample("a", "b", 1.0, grpc_response_status="14"))
    answer = build(telemetry(*samples), now, question(), Options(services=False)).to_kiali()
    rates = answer["elements"]["edges"][0]["data"]["traffic"]["rates"]
    assert rates == {"grpc": "4.00", "grpcErr": "1.00", "grpcPercentErr": "25.0", "grpcPercentReq": "100.0"}


def test_an_edge_without_traffic_says_only_its_protocol(telemetry, question, now, sample):
    graph = build(telemetry(sample("a", "b", 0.0)), now, question(), Options(idle_edges=True, services=False))
    assert graph.to_kiali()["elements"]["edges"][0]["data"]["traffic"] == {"protocol": "grpc"}


def test_a_graph_of_workloads_has_no_boxes(small, question, now):
    graph = build(ask(small, question())[now], now, question(), Options(kind="workload"))
    assert all(one["data"]["nodeType"] != "box" for one in graph.to_kiali()["elements"]["nodes"])


def test_marks_are_told(telemetry, question, now, sample):
    graph = build(telemetry(sample("a", "b")), now, question(), Options())
    marked = [replace(node, dead=True, idle=True, outside=True, inaccessible=True) for node in graph.nodes]
    data = replace(graph, nodes=tuple(marked)).to_kiali()["elements"]["nodes"][-1]["data"]
    assert all(data[name] is True for name in ("isDead", "isIdle", "isOutside", "isInaccessible"))


@pytest.mark.parametrize(
    ("rate", "text"),
    [(0, "0.00"), (1, "1.00"), (12.345, "12.35"), (0.5, "0.50"), (0.012, "0.01"), (0.0012, "0.001"), (1e-9, "0.00000")],
)
def test_rates_show_a_digit_that_is_not_0(rate, text):
    assert rate_text(rate) == text
