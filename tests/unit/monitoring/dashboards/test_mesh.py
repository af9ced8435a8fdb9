from refapp.monitoring.dashboards.mesh import mesh
from refapp.monitoring.dashboards.promql import latency


def panels():
    return {panel.title: panel for row in mesh().rows for panel in row.panels}


def test_it_has_the_panels_that_users_of_istios_expect():
    expected = {"Request volume", "Success rate", "4xx responses", "5xx responses", "HTTP and gRPC workloads"}
    assert expected <= set(panels())
    assert {f"p{q} latency by workload" for q in (50, 90, 99)} <= set(panels())


def test_the_median_is_asked_as_in_the_article():
    found = panels()
    assert found["p50 latency by workload"].queries["A"].expr == latency(0.5)
    assert found["HTTP and gRPC workloads"].queries["p50"].expr == latency(0.5)


def test_no_errors_are_zero_and_not_nothing():
    assert panels()["5xx responses"].queries["A"].expr.endswith("or vector(0)")
