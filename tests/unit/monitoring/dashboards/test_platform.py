from dataclasses import replace

from refapp.monitoring.dashboards.platform import platform
from refapp.topology import REFERENCE, Topology


def panels(topology=REFERENCE):
    return {panel.title: panel for row in platform(topology).rows for panel in row.panels}


def test_the_golden_signals_come_first():
    first = platform(REFERENCE).rows[0].panels[:4]
    assert [panel.title for panel in first] == ["Traffic", "Success", "Latency, p99", "Saturation"]


def test_who_consumes_has_its_egress_shown():
    found = panels()["TCP egress of Service F"]
    assert all('source_workload="service-f"' in query.expr for query in found.queries.values())


def test_it_is_derived_from_the_topology():
    changed = [
        replace(one, name="service-x", title="Service X") if one.name == "service-f" else one for one in REFERENCE
    ]
    found = panels(Topology(tuple(changed)))
    assert "TCP egress of Service X" in found
    assert "service-x" in found["Bytes to the databases"].queries["A"].expr
    assert "service-f" not in found["Bytes to the databases"].queries["A"].expr


def test_the_queue_and_the_databases_are_shown():
    assert {"Queue depth", "Consumers", "Bytes to the databases", "Bytes from the databases"} <= set(panels())
