from dataclasses import replace

from refapp.mesh.envoy import labels


def test_both_ends_have_the_same_labels(mesh):
    assert labels.source_http("a").keys() == labels.destination_http(mesh, "b", "grpc").keys()


def test_each_end_knows_itself(mesh):
    assert labels.source_http("a")["source_workload"] == "a"
    assert labels.destination_http(mesh, "b", "grpc")["destination_workload"] == "b"


def test_the_policy_of_a_connection_is_told(mesh):
    policies = [
        labels.destination_http(each, "b", "grpc")["connection_security_policy"]
        for each in (mesh, replace(mesh, mutual_tls=False))
    ]
    assert policies == ["mutual_tls", "none"]


def test_a_store_has_the_labels_of_a_workload_but_the_principals():
    kept = labels.store("a", "mongodb") | labels.principals("a")
    assert kept.keys() == labels.source("a").keys()


def test_only_what_may_be_empty_has_a_rule():
    fixed, found = labels.tags({"reporter": "source", "source_app": "%METADATA(CLUSTER:istio:name)%"})
    assert fixed == {"name": "reporter", "value_format": "source"}
    assert found["rules"]["matcher_tree"]["exact_match_map"]["map"].keys() == {"", "-"}
