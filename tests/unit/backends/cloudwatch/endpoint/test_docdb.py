import pytest

from refapp.backends.cloudwatch.endpoint.docdb import ENGINE, PARAMETER_GROUP, PORT, VERSION


@pytest.fixture(scope="module")
def docdb(endpoint):
    return endpoint.client("docdb")


def test_a_cluster_with_an_instance(docdb):
    cluster = docdb.create_db_cluster(
        DBClusterIdentifier="greetings", Engine=ENGINE, MasterUsername="user", MasterUserPassword="password"
    )["DBCluster"]
    assert (cluster["Engine"], cluster["EngineVersion"], cluster["Port"]) == (ENGINE, VERSION, PORT)
    assert cluster["DBClusterParameterGroup"] == PARAMETER_GROUP
    instance = docdb.create_db_instance(
        DBInstanceIdentifier="greetings-1",
        DBClusterIdentifier="greetings",
        Engine=ENGINE,
        DBInstanceClass="db.t4g.medium",
    )["DBInstance"]
    assert (instance["Engine"], instance["EngineVersion"]) == (ENGINE, VERSION)
    (described,) = docdb.describe_db_clusters(DBClusterIdentifier="greetings")["DBClusters"]
    assert [member["DBInstanceIdentifier"] for member in described["DBClusterMembers"]] == ["greetings-1"]
    assert described["Endpoint"].startswith("greetings.cluster-")
    assert [item["Endpoint"]["Port"] for item in docdb.describe_db_instances()["DBInstances"]] == [PORT]
    docdb.delete_db_instance(DBInstanceIdentifier="greetings-1")
    docdb.delete_db_cluster(DBClusterIdentifier="greetings", SkipFinalSnapshot=True)
    left = docdb.describe_db_clusters()["DBClusters"]
    assert "greetings" not in [cluster["DBClusterIdentifier"] for cluster in left]


def test_what_is_asked_for_is_kept(docdb):
    cluster = docdb.create_db_cluster(
        DBClusterIdentifier="own",
        Engine=ENGINE,
        EngineVersion="4.0.0",
        Port=27018,
        DBClusterParameterGroupName="own-group",
        MasterUsername="user",
        MasterUserPassword="password",
    )["DBCluster"]
    assert (cluster["EngineVersion"], cluster["Port"]) == ("4.0.0", 27018)
    assert cluster["DBClusterParameterGroup"] == "own-group"
    docdb.delete_db_cluster(DBClusterIdentifier="own", SkipFinalSnapshot=True)


def test_other_engines_are_as_they_were(endpoint):
    rds = endpoint.client("rds")
    cluster = rds.create_db_cluster(
        DBClusterIdentifier="other", Engine="aurora-postgresql", MasterUsername="user", MasterUserPassword="password"
    )["DBCluster"]
    assert cluster["Port"] == 5432
    assert cluster["DBClusterParameterGroup"] == "default.aurora8.0"
    with pytest.raises(rds.exceptions.ClientError, match="Engine 'nothing' is not supported"):
        rds.create_db_cluster(
            DBClusterIdentifier="x", Engine="nothing", MasterUsername="u", MasterUserPassword="password"
        )
