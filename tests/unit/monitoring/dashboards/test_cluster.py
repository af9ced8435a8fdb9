from refapp.monitoring.dashboards.cluster import cluster


def panels():
    return {panel.title: panel for row in cluster().rows for panel in row.panels}


def test_it_has_processors_memory_network_limits_restarts_and_replicas():
    expected = {
        "CPU by pod",
        "Memory by pod",
        "Bytes sent by pod",
        "Packets received by pod",
        "Use and limits",
        "Restarts by pod",
    }
    assert expected <= set(panels())
    assert {"Replicas by deployment", "Autoscalers"} <= set(panels())


def test_millicores_are_thousandths():
    panel = panels()["CPU by pod"]
    assert panel.queries["A"].expr.endswith("* 1000")
    assert panel.fields["unit"] == "suffix:m"


def test_sums_over_a_pod_are_not_counted_twice():
    assert 'container!~"|POD"' in panels()["Memory by pod"].queries["A"].expr
