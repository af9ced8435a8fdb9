from refapp.monitoring.loggroups import APPLICATION, KINDS, log_group


def test_names():
    assert log_group(APPLICATION) == "/aws/containerinsights/istio-observe-demo/application"
    assert [log_group(kind, "other") for kind in KINDS] == [
        "/aws/containerinsights/other/application",
        "/aws/containerinsights/other/dataplane",
        "/aws/containerinsights/other/host",
        "/aws/containerinsights/other/performance",
    ]
