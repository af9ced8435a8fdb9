from refapp.query.cloudwatch.names import group_name, group_names, group_parameter, query_parameter

ARN = "arn:aws:logs:us-east-1:123456789012:log-group:x"


def test_the_groups_of_the_cluster_have_short_names():
    assert group_name("dataplane", "demo") == "/aws/containerinsights/demo/dataplane"
    assert group_names("host", "demo") == ["/aws/containerinsights/demo/host"]


def test_other_names_are_whole():
    assert group_names(["/aws/eks/demo/cluster", "applications", ARN], "demo") == [
        "/aws/eks/demo/cluster",
        "applications",
        ARN,
    ]


def test_a_group_is_told_by_its_name_or_its_arn():
    assert group_parameter("x") == {"logGroupName": "x"}
    assert group_parameter(f"{ARN}:*") == {"logGroupIdentifier": ARN}


def test_the_groups_of_a_query_are_told_in_one_way():
    assert query_parameter([]) == {}
    assert query_parameter(["x", "y"]) == {"logGroupNames": ["x", "y"]}
    assert query_parameter(["x", f"{ARN}:*"]) == {"logGroupIdentifiers": ["x", ARN]}
