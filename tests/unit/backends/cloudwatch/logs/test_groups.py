import pytest

from refapp.backends.cloudwatch.errors import InvalidParameter, ResourceAlreadyExists, ResourceNotFound
from refapp.backends.cloudwatch.logs.groups import RETENTIONS, Protected
from refapp.backends.cloudwatch.logs.regions import DAY

ARN = "arn:aws:logs:us-east-1:123456789012:log-group:"


def test_a_group_is_described(ask, clock):
    ask("CreateLogGroup", logGroupName="/a/b", tags={"k": "v"}, logGroupClass="STANDARD")
    ask.stream("s", "/a/b")
    ask.put("é", "ab", group="/a/b", start=clock.now)
    ask("PutRetentionPolicy", logGroupName="/a/b", retentionInDays=7)
    (group,) = ask("DescribeLogGroups")["logGroups"]
    assert group == {
        "logGroupName": "/a/b",
        "creationTime": clock.now,
        "retentionInDays": 7,
        "metricFilterCount": 0,
        "arn": f"{ARN}/a/b:*",
        "logGroupArn": f"{ARN}/a/b",
        "logGroupClass": "STANDARD",
        "storedBytes": 2 + 2 + 2 * 26,
        "deletionProtectionEnabled": False,
    }
    ask("DeleteRetentionPolicy", logGroupName="/a/b")
    assert "retentionInDays" not in ask("DescribeLogGroups")["logGroups"][0]


@pytest.mark.parametrize(
    ("members", "names"),
    [
        ({}, ["A", "a/x", "a/y", "b/x"]),
        ({"logGroupNamePrefix": "a/"}, ["a/x", "a/y"]),
        ({"logGroupNamePattern": "/x"}, ["a/x", "b/x"]),
        ({"logGroupNamePattern": ""}, ["A", "a/x", "a/y", "b/x"]),
        (
            {"logGroupIdentifiers": ["b/x", f"{ARN}A", "nothing", f"{ARN.replace('us-east-1', 'us-east-2')}a/x"]},
            ["A", "b/x"],
        ),
        ({"logGroupClass": "INFREQUENT_ACCESS"}, []),
    ],
)
def test_groups_are_found(ask, members, names):
    for name in ("a/y", "b/x", "A", "a/x"):
        ask("CreateLogGroup", logGroupName=name)
    assert [group["logGroupName"] for group in ask("DescribeLogGroups", **members)["logGroups"]] == names


def test_groups_come_in_pages(ask):
    for number in range(5):
        ask("CreateLogGroup", logGroupName=f"g{number}")
    first = ask("DescribeLogGroups", limit=3)
    second = ask("DescribeLogGroups", limit=3, nextToken=first["nextToken"])
    names = [group["logGroupName"] for group in first["logGroups"] + second["logGroups"]]
    assert names == ["g0", "g1", "g2", "g3", "g4"]
    assert "nextToken" not in second


@pytest.mark.parametrize(
    ("pattern", "names"),
    [(None, ["a/x", "a/y", "b/x"]), ("^a/y", ["a/y"]), ("^b/x|a/x", ["a/x", "b/x"]), ("^/x.", []), ("a.x", [])],
)
def test_groups_are_listed(ask, pattern, names):
    for name in ("a/y", "b/x", "a/x"):
        ask("CreateLogGroup", logGroupName=name)
    listed = ask("ListLogGroups", logGroupNamePattern=pattern)["logGroups"]
    assert listed == [
        {"logGroupName": name, "logGroupArn": f"{ARN}{name}", "logGroupClass": "STANDARD"} for name in names
    ]


def test_a_group_is_deleted_with_all_of_it(ask):
    ask.stream("s")
    ask.put("old")
    ask("DeleteLogGroup", logGroupName="g")
    for operation in ("DeleteLogGroup", "FilterLogEvents", "DescribeLogStreams"):
        with pytest.raises(ResourceNotFound, match="log group does not exist"):
            ask(operation, logGroupName="g")
    ask.stream("s")
    assert ask.messages() == []


def test_a_protected_group_stays(ask):
    ask("CreateLogGroup", logGroupName="g", deletionProtectionEnabled=True)
    with pytest.raises(Protected, match="g has deletion protection") as refusal:
        ask("DeleteLogGroup", logGroupName="g")
    assert refusal.value.code == "ValidationException"
    ask("PutLogGroupDeletionProtection", logGroupIdentifier=f"{ARN}g", deletionProtectionEnabled=False)
    ask("DeleteLogGroup", logGroupName="g")
    assert ask("DescribeLogGroups")["logGroups"] == []


def test_retention_takes_old_events_away(ask, clock):
    ask.stream()
    ask.put("2 days old", start=clock.now - 2 * DAY)
    ask.put("new", start=clock.now)
    ask("PutRetentionPolicy", logGroupName="g", retentionInDays=1)
    assert ask.messages() == ["new"]
    assert ask.region.store.streams("g")[0].events == 1
    clock.now += DAY + 1
    assert ask.messages() == []  # although it is still on disk
    assert ask.region.store.streams("g")[0].events == 1
    assert ask.region.expire() == 1
    ask("DeleteRetentionPolicy", logGroupName="g")
    assert ask.messages() == []


def test_all_documented_retentions_are_accepted(ask):
    ask("CreateLogGroup", logGroupName="g")
    for days in RETENTIONS:
        ask("PutRetentionPolicy", logGroupName="g", retentionInDays=days)
        assert ask("DescribeLogGroups")["logGroups"][0]["retentionInDays"] == days


@pytest.mark.parametrize(
    ("operation", "members", "complaint"),
    [
        ("CreateLogGroup", {}, "Value 'null' at 'logGroupName'"),
        ("CreateLogGroup", {"logGroupName": "a b"}, "regular expression pattern"),
        ("CreateLogGroup", {"logGroupName": "x" * 513}, "less than or equal to 512"),
        ("CreateLogGroup", {"logGroupName": "aws/x"}, "reserved for AWS"),
        ("CreateLogGroup", {"logGroupName": "x", "kmsKeyId": "arn"}, "kmsKeyId: not supported"),
        ("CreateLogGroup", {"logGroupName": "x", "logGroupClass": "DELIVERY"}, "only STANDARD"),
        ("CreateLogGroup", {"logGroupName": "x", "logGroupClass": "X"}, "enum value set"),
        ("PutRetentionPolicy", {"logGroupName": "g", "retentionInDays": 2}, "Member must be one of 1, 3, 5"),
        ("PutRetentionPolicy", {"logGroupName": "g"}, "Value 'None' at 'retentionInDays'"),
        ("DescribeLogGroups", {"logGroupNamePrefix": "a", "logGroupNamePattern": "b"}, "Only one of"),
        ("DescribeLogGroups", {"includeLinkedAccounts": True}, "includeLinkedAccounts: not supported"),
        ("DescribeLogGroups", {"limit": 51}, "less than or equal to 50"),
        ("ListLogGroups", {"logGroupNamePattern": "(a"}, "regular expression pattern"),
    ],
)
def test_what_is_refused(ask, operation, members, complaint):
    ask("CreateLogGroup", logGroupName="g")
    with pytest.raises(InvalidParameter, match=complaint):
        ask(operation, **members)


def test_a_group_is_made_once(ask):
    ask("CreateLogGroup", logGroupName="g")
    with pytest.raises(ResourceAlreadyExists, match="already exists"):
        ask("CreateLogGroup", logGroupName="g")


def test_a_group_is_named_in_one_way(ask):
    ask.stream()
    ask.put("x")
    assert ask("FilterLogEvents", logGroupIdentifier=f"{ARN}g")["events"]
    assert ask("FilterLogEvents", logGroupIdentifier="g")["events"]
    for members in ({}, {"logGroupName": "g", "logGroupIdentifier": "g"}):
        with pytest.raises(InvalidParameter, match="Exactly one of"):
            ask("FilterLogEvents", **members)
    with pytest.raises(ResourceNotFound, match="not in the region us-east-1"):
        ask("FilterLogEvents", logGroupIdentifier="arn:aws:logs:us-east-2:123456789012:log-group:g")
