from refapp.monitoring.dashboards.performance import performance


def expressions():
    return [query.expr for row in performance().rows for panel in row.panels for query in panel.queries.values()]


def test_it_asks_for_processors_memory_and_bytes_of_the_proxies():
    text = " ".join(expressions())
    for metric in (
        "container_cpu_usage_seconds_total",
        "container_memory_working_set_bytes",
        "istio_request_bytes_sum",
        "up{",
    ):
        assert metric in text


def test_nothing_is_divided_by_no_traffic():
    (panel,) = (one for row in performance().rows for one in row.panels if "1,000 requests" in one.title)
    assert all("> 0)" in query.expr for query in panel.queries.values())
