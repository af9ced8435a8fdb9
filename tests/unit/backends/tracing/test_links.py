import pytest

from refapp.backends.tracing.links import Link, Node, link


def node(span, parent="", kind="", service="", remote="", *, error=False, trace=1):
    return Node(trace, span, parent, kind, service, remote, error)


@pytest.mark.parametrize(
    ("nodes", "links"),
    [
        pytest.param([node("1", "", "CLIENT", "a", "b")], [("a", "b", 1, 0)], id="client alone"),
        pytest.param([node("1", "", "SERVER", "b", "a")], [("a", "b", 1, 0)], id="server alone"),
        pytest.param([node("1", "", "SERVER", "a")], [], id="caller unknown"),
        pytest.param([node("1", "", "", "a", "b")], [], id="inside a service"),
        pytest.param(
            [node("1", "", "CLIENT", "a", "x"), node("2", "1", "SERVER", "b")], [("a", "b", 1, 0)], id="both sides"
        ),
        pytest.param(
            [node("2", "1", "SERVER", "b"), node("1", "", "CLIENT", "a", error=True)], [("a", "b", 1, 1)], id="error"
        ),
        pytest.param(
            [node("1", "", "CLIENT", "a"), node("1", "", "SERVER", "b")], [("a", "b", 1, 0)], id="one shared id"
        ),
        pytest.param(
            [node("1", "", "SERVER", "a"), node("2", "1", "", "a"), node("3", "2", "CLIENT", "a", "db")],
            [("a", "db", 1, 0)],
            id="a span inside between",
        ),
        pytest.param(
            [node("1", "", "SERVER", "a"), node("2", "1", "", "a"), node("3", "2", "SERVER", "b")],
            [("a", "b", 1, 0)],
            id="server below a span inside",
        ),
        pytest.param(
            [node("1", "", "PRODUCER", "d", "rabbitmq"), node("2", "1", "CONSUMER", "f", "rabbitmq")],
            [("d", "rabbitmq", 1, 0), ("rabbitmq", "f", 1, 0)],
            id="messages",
        ),
        pytest.param([node("1", "2", "SERVER", "a"), node("2", "1", "", "a")], [], id="a circle"),
        pytest.param(
            [node("1", "", "CLIENT", "a", "b"), node("1", "", "CLIENT", "a", "b", trace=2)],
            [("a", "b", 2, 0)],
            id="two traces",
        ),
    ],
)
def test_links(nodes, links):
    assert link(nodes) == [Link(*expected) for expected in links]
