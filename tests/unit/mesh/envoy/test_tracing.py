from dataclasses import replace

from refapp.mesh.envoy import tracing


def test_spans_go_to_the_collector(mesh):
    settings = tracing.settings(replace(mesh, sampling=25.0))["tracing"]
    (cluster,) = tracing.clusters(mesh)
    assert settings["random_sampling"] == {"value": 25.0}
    assert settings["provider"]["typed_config"]["collector_service"]["http_uri"]["cluster"] == cluster["name"]


def test_without_a_collector_there_are_no_spans(mesh):
    mesh = replace(mesh, collector=None)
    assert tracing.settings(mesh) == {}
    assert tracing.clusters(mesh) == []
