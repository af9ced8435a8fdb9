from dataclasses import replace
from datetime import timedelta

import pandas as pd
import pytest

from refapp.draw.graph.cards import health, overview
from refapp.query.mesh.health import Status
from refapp.query.mesh.overview import TRAFFIC, NamespaceSummary, Overview


@pytest.fixture
def found(reference):
    rows = [(reference.time - timedelta(seconds=60 - 10 * n), 3.0, 21.0, 0.5 * n, 5840.0) for n in range(7)]
    dev = NamespaceSummary(
        name="dev",
        applications={Status.HEALTHY: 8, Status.DEGRADED: 1, Status.FAILURE: 1},
        services=12,
        traffic=pd.DataFrame(rows, columns=list(TRAFFIC)),
        mtls=0.9,
    )
    empty = NamespaceSummary(name="empty", applications={}, services=0, traffic=pd.DataFrame([], columns=list(TRAFFIC)))
    return Overview(reference.time, (dev, empty))


def test_a_card_for_each_namespace(found, parts, written):
    figure = overview(found)
    assert {"card dev", "card empty", "requests dev", "errors dev"} <= set(parts(figure))
    texts = written(figure)
    assert texts["applications dev"] == "10 applications, 12 services"
    assert texts["traffic dev"] == "inbound: 24 requests/s, 12.5% failed"
    assert texts["traffic empty"] == "inbound: 0.00 requests/s, 0% failed"


def test_the_health_of_applications_is_counted(found):
    texts = [text.get_text() for text in overview(found).axes[0].texts]
    assert {"8 healthy", "1 degraded", "1 failure", "mutual TLS on 90% of the requests"} <= set(texts)


def test_cards_are_on_the_page(found, off_page):
    assert off_page(overview(found)) == []


def test_the_worst_comes_first(ill, written):
    texts = written(health(ill))
    order = [gid for gid in texts if gid.startswith("name ")]
    assert order[:2] == ["name app service-h v1", "name svc service-h"]
    assert texts["status app service-h v1"] == "failure"
    assert texts["reason app service-h v1"] == "inbound grpc: 34 % with code 14"
    assert texts["status app idle v1"] == "idle"


def test_what_is_well_shows_its_traffic(reference, written):
    nodes = (replace(reference.nodes[0], traffic={"grpcIn": 3.0, "httpIn": 1.0, "tcpOut": 5000.0}),)
    texts = written(health(replace(reference, nodes=nodes, edges=())))
    assert texts[f"reason {nodes[0].id}"] == "4.00 requests/s in, 5k B/s out"


def test_the_list_is_on_the_page(ill, awkward, off_page):
    assert off_page(health(ill)) == off_page(health(awkward)) == []


def test_nothing_cannot_be_drawn(found, build):
    with pytest.raises(ValueError, match="no namespaces"):
        overview(Overview(found.time))
    with pytest.raises(ValueError, match="no nodes"):
        health(build([], []))
