import pytest
from matplotlib.text import Text

from refapp.draw.graph.figure import focus, graph
from refapp.draw.style import WIDTH
from refapp.query.mesh.graph import NodeError

LABELS = ["rate", "share", "response time", "throughput", ("rate", "response time", "throughput")]


def test_every_node_and_edge_is_drawn(reference, ill, awkward, parts):
    for one in (reference, ill, awkward):
        found = parts(graph(one))
        assert {node.id for node in one.nodes} <= set(found)
        assert {edge.id for edge in one.edges} <= set(found)


def test_the_counts_are_those_of_kiali(reference, written):
    assert written(graph(reference))["facts"] == "11 apps  ·  11 services  ·  24 edges"


def test_labels_say_what_is_asked_for(reference, written):
    call, answer = "app service-a v1 → svc service-b grpc", "svc service-b → app service-b v1 grpc"
    rates = written(graph(reference))
    assert rates[f"label {call}"] == "3.00"
    assert f"label {answer}" not in rates  # it would say the same again
    times = written(graph(reference, "response time"))
    assert times[f"label {answer}"] == "24ms"
    assert f"label {call}" not in times
    assert written(graph(reference, "share"))[f"label {call}"] == "50%"
    assert written(graph(reference, "throughput"))[f"label {answer}"] == "1.56k B/s"


def test_a_version_that_fares_otherwise_than_its_service_says_so(awkward, written):
    found = written(graph(awkward))
    assert found["label svc b → app b v2 grpc"] == "3.00"


def test_padlocks_tell_mutual_tls(reference, ill, parts):
    call = "lock app service-a v1 → svc service-b grpc"
    assert call in parts(graph(reference))
    assert call not in parts(graph(reference, security=False))
    assert not any(str(gid).startswith("lock") and "mongodb" in gid for gid in parts(graph(ill)))


def test_namespaces_are_framed_where_there_are_several(reference, ill, parts):
    assert {"namespace dev", "namespace istio-system"} <= set(parts(graph(ill)))
    assert "namespace dev" not in parts(graph(reference))


@pytest.mark.parametrize("labels", LABELS)
def test_no_label_touches_another_text_and_all_are_on_the_page(reference, ill, awkward, labels, off_page):
    for one in (reference, ill, awkward):
        figure = graph(one, labels)
        assert off_page(figure) == []
        texts = [text for text in figure.findobj(Text) if len(text.get_text()) > 1]  # without signs on their discs
        boxes = [(text.get_text(), text.get_window_extent()) for text in texts]
        for number, (name, box) in enumerate(boxes):
            for other, another in boxes[:number]:
                wide = min(box.x1, another.x1) - max(box.x0, another.x0)
                high = min(box.y1, another.y1) - max(box.y0, another.y0)
                assert wide <= 1 or high <= 3, (name, other)


def test_letters_are_large_enough_for_a_phone(ill):
    figure = graph(ill)
    assert figure.get_figwidth() == WIDTH
    assert min(text.get_fontsize() for text in figure.findobj(Text)) >= 7.5


def test_the_focus_is_on_a_node_and_its_neighbours(ill, parts, written):
    figure = focus(ill, "service-h")
    assert {"centre", "app service-h v1", "app service-e v1", "svc mongodb"} <= set(parts(figure))
    assert "app service-g v1" not in parts(figure)
    assert written(figure)["health"] == "service-h v1: failure; inbound grpc: 34 % with code 14"
    with pytest.raises(NodeError, match="'x'"):
        focus(ill, "x")


def test_wrong_arguments_are_refused(reference, build):
    with pytest.raises(ValueError, match="not 'size'"):
        graph(reference, ("rate", "size"))
    with pytest.raises(ValueError, match="nothing to draw"):
        graph(build([], []))


def test_nodes_without_edges_are_drawn(build, parts):
    assert "app a v1" in parts(graph(build(["a"], [])))
