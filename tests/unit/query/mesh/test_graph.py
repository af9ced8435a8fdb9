import pytest

from refapp.query.mesh.graph import NodeError, ResponseTimes, merged
from refapp.query.mesh.traffic import Options, build


@pytest.fixture
def graph(telemetry, question, now, sample):
    """a calls b and c, b calls d."""
    samples = (sample("a", "b"), sample("a", "c"), sample("b", "d", 2.0, grpc_response_status="14"))
    return build(telemetry(*samples), now, question(), Options())


def test_nodes_are_found_by_any_of_their_names(graph):
    for name in ("b", "b v1", "vapp_Kubernetes_dev_b"):
        assert graph.node(name).id == "vapp_Kubernetes_dev_b"
    assert graph.node("b", "service").id == "svc_Kubernetes_dev_b"
    with pytest.raises(NodeError, match="no node 'x'; there are a, b, c, d"):
        graph.node("x")


def test_the_part_around_a_node(graph):
    def names(part):
        return {node.id.split("_")[-1] for node in part.nodes}

    assert names(graph.around("b")) == {"a", "b", "d"}
    assert names(graph.around("c")) == {"a", "c"}
    assert names(graph.around("c", hops=2)) == {"a", "c"}
    assert names(graph.around("a", hops=2)) == {"a", "b", "c", "d"}
    assert names(graph.around("d", hops=2)) == {"a", "b", "d"}
    assert len(graph.around("d").edges) == 2


def test_the_edges_of_a_node(graph):
    assert [edge.id for edge in graph.edges_of(graph.node("d"))] == [
        "svc_Kubernetes_dev_d → vapp_Kubernetes_dev_d grpc"
    ]


def test_the_frame_has_a_row_an_edge(graph):
    frame = graph.frame
    row = frame[frame["target"] == "d v1"].iloc[0]
    assert len(frame) == 6
    assert (row["source"], row["protocol"], row["rate"], row["error_share"]) == ("d (service)", "grpc", 2.0, 1.0)
    assert (row["mtls"], row["health"]) == (1.0, "Failure")


def test_an_empty_graph_has_an_empty_frame(telemetry, question, now):
    graph = build(telemetry(), now, question(), Options())
    assert graph.frame.empty
    assert graph.counts == (0, 0, 0, 0, 0)


def test_times_are_put_together():
    assert merged([ResponseTimes(p50=1.0), ResponseTimes(p95=2.0)]) == ResponseTimes(p50=1.0, p95=2.0)
