from refapp.mesh.envoy import labels


def test_both_ends_have_the_same_labels():
    assert labels.source_http("a").keys() == labels.destination_http("b", "grpc").keys()


def test_each_end_knows_itself():
    assert labels.source_http("a")["source_workload"] == "a"
    assert labels.destination_http("b", "grpc")["destination_workload"] == "b"


def test_a_store_has_the_labels_of_a_workload_but_the_principals():
    kept = labels.store("a", "mongodb") | labels.principals("a")
    assert kept.keys() == labels.source("a").keys()


def test_only_what_may_be_empty_has_a_rule():
    fixed, found = labels.tags({"reporter": "source", "source_app": "%METADATA(CLUSTER:istio:name)%"})
    assert fixed == {"name": "reporter", "value_format": "source"}
    assert found["rules"]["matcher_tree"]["exact_match_map"]["map"].keys() == {"", "-"}
