from refapp.monitoring.dashboards.service import service
from refapp.topology import REFERENCE


def test_clients_and_servers_are_told_apart():
    general, clients, servers = service(REFERENCE).rows
    assert {panel.title.split()[0] for panel in general.panels} == {"Client", "Server"}
    assert all('reporter="source"' in query.expr for panel in clients.panels for query in panel.queries.values())
    assert all('reporter="destination"' in query.expr for panel in servers.panels for query in panel.queries.values())


def test_at_first_it_shows_the_service_behind_the_ingress_gateway():
    assert service(REFERENCE).variables[0].chosen == "rev-proxy.dev.svc.cluster.local"
