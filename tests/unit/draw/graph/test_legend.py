from refapp.draw.graph.legend import legend
from refapp.draw.sheet import sheet


def texts(graphs, labels, *, security=True):
    _, axes = sheet(1)
    legend(axes, 0.2, graphs, labels, wide=6.6, security=security)
    return [text.get_text() for text in axes.texts]


def test_only_what_there_is_is_told(reference):
    found = texts([reference], ["rate"])
    assert found == [
        "application",
        "service",
        "outside the mesh",
        "mutual TLS",
        "healthy",
        "TCP",
        "at the lines: requests/s; B/s over TCP",
    ]


def test_all_that_there_is_at_any_time_is_told(reference, ill):
    found = texts([reference, ill], ["response time"], security=False)
    assert {"failure", "no traffic", "healthy"} <= set(found)
    assert "mutual TLS" not in found


def test_failures_are_explained(ill):
    assert texts([ill], ["rate"])[-1] == "at the lines: requests/s; bold: failed; B/s over TCP"


def test_without_labels_nothing_is_explained(reference):
    assert texts([reference], [])[-1] == ""
