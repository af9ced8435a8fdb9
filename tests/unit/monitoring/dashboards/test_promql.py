from refapp.monitoring.dashboards import promql


def test_every_window_is_grafanas():
    assert promql.requests('a="b"', "c") == 'sum by (c) (rate(istio_requests_total{a="b"}[$__rate_interval]))'
    assert promql.total("x") == "sum(rate(x{}[$__rate_interval]))"


def test_success_is_what_is_no_5xx():
    assert promql.success('a="b"', "c") == (
        'sum by (c) (rate(istio_requests_total{a="b",response_code!~"5.."}[$__rate_interval]))'
        ' / sum by (c) (rate(istio_requests_total{a="b"}[$__rate_interval]))'
    )


def test_failures_are_those_of_grpc_too_and_none_is_zero():
    found = promql.failures('a="b"', "c")
    assert "grpc_response_status=~" in found
    assert "* 0" in found


def test_the_latency_of_the_mesh_dashboard_takes_milliseconds_or_seconds():
    assert promql.latency(0.5) == (
        "label_join((histogram_quantile(0.5, sum by (le, destination_workload, destination_workload_namespace) "
        '(rate(istio_request_duration_milliseconds_bucket{reporter="source"}[$__rate_interval]))) / 1000) or '
        "histogram_quantile(0.5, sum by (le, destination_workload, destination_workload_namespace) "
        '(rate(istio_request_duration_seconds_bucket{reporter="source"}[$__rate_interval]))), '
        '"destination_workload_var", ".", "destination_workload", "destination_workload_namespace")'
    )
