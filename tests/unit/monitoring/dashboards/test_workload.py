from refapp.monitoring.dashboards.workload import workload
from refapp.topology import REFERENCE


def test_it_has_the_three_sections_of_istios():
    assert [row.title for row in workload(REFERENCE).rows] == [
        "General: $workload",
        "Inbound workloads",
        "Outbound services",
    ]


def test_at_first_it_shows_the_gateway():
    (chosen,) = (one.chosen for one in workload(REFERENCE).variables if one.name == "workload")
    assert chosen == "rev-proxy"


def test_a_variable_comes_after_those_it_refers_to():
    seen = set()
    for one in workload(REFERENCE).variables:
        assert {name for name in ("namespace", "workload", "source") if f"${name}" in one.query} <= seen
        seen.add(one.name)


def test_what_goes_out_is_counted_where_it_comes_from():
    _, _, outbound = workload(REFERENCE).rows
    assert all('reporter="source"' in query.expr for panel in outbound.panels for query in panel.queries.values())
