import pytest

from refapp.backends.cloudwatch.errors import InvalidParameter, MalformedQuery, ResourceNotFound

ARN = "arn:aws:logs:us-east-1:123456789012:log-group:"


@pytest.fixture
def query(ask, eventually):
    """Runs a query of the last hour; returns the answer when it is complete."""
    ask.stream()

    def query(text, **members):
        groups = members if "SOURCE" in text or members else {"logGroupName": "g"}
        seconds = ask.now // 1000
        number = ask("StartQuery", queryString=text, startTime=seconds - 3600, endTime=seconds + 60, **groups)[
            "queryId"
        ]
        eventually(lambda: ask("GetQueryResults", queryId=number)["status"], so="Complete".__eq__)
        return number, ask("GetQueryResults", queryId=number)

    return query


def column(answer, name):
    return [field["value"] for row in answer["results"] for field in row if field["field"] == name]


def test_a_query_has_results(ask, query):
    ask.put('{"level":"error","n":1}', '{"level":"info","n":2}', '{"level":"error","n":4}', step=1)
    _, answer = query('filter level = "error" | stats sum(n) as total, count(*) as events')
    assert answer["results"] == [[{"field": "total", "value": "5"}, {"field": "events", "value": "2"}]]
    assert (answer["status"], answer["queryLanguage"]) == ("Complete", "CWLI")
    assert (answer["statistics"]["recordsScanned"], answer["statistics"]["recordsMatched"]) == (3, 2)


@pytest.mark.parametrize(
    ("members", "found"),
    [
        ({"logGroupName": "g"}, ["in g"]),
        ({"logGroupNames": ["g", "h"]}, ["in g", "in h"]),
        ({"logGroupIdentifiers": [f"{ARN}h", "g"]}, ["in g", "in h"]),
    ],
)
def test_groups_are_named_in_three_ways(ask, query, members, found):
    ask.stream("s", "h")
    ask.put("in g")
    ask.put("in h", group="h")
    _, answer = query("fields @message", **members)
    assert sorted(column(answer, "@message")) == found


def test_or_in_the_query(ask, query):
    ask.stream("s", "h")
    ask.put("in h", group="h")
    _, answer = query('SOURCE logGroups(namePrefix: ["h"]) | fields @message')
    assert column(answer, "@message") == ["in h"]


def test_results_come_in_pages(ask, query):
    ask.put(*map(str, range(5)), step=1)
    number, _ = query("fields @message | sort @timestamp asc")
    first = ask("GetQueryResults", queryId=number, maxItems=3)
    second = ask("GetQueryResults", queryId=number, maxItems=3, nextToken=first["nextToken"])
    assert column(first, "@message") + column(second, "@message") == list("01234")
    assert "nextToken" not in second


def test_a_row_leads_to_its_event(ask, query):
    ask.put('{"a": {"b": 1}}')
    _, answer = query("fields @message")
    (pointer,) = column(answer, "@ptr")
    record = ask("GetLogRecord", logRecordPointer=pointer)["logRecord"]
    assert (record["@message"], record["a.b"], record["@logStream"]) == ('{"a": {"b": 1}}', "1", "s")
    with pytest.raises(InvalidParameter):
        ask("GetLogRecord", logRecordPointer="no")


def test_queries_are_listed(ask, query, clock):
    ask.stream("s", "h")
    first, _ = query("fields @message")
    second, _ = query("limit 1", logGroupName="h")
    listed = ask("DescribeQueries")["queries"]
    assert [item["queryId"] for item in listed] == [second, first]
    created = listed[1].pop("createTime")
    assert abs(created - clock.now) < 3_600_000
    assert listed[1] == {
        "queryLanguage": "CWLI",
        "queryId": first,
        "queryString": "fields @message",
        "status": "Complete",
        "logGroupName": "g",
    }
    assert [item["queryId"] for item in ask("DescribeQueries", logGroupName="g")["queries"]] == [first]
    assert ask("DescribeQueries", status="Running")["queries"] == []
    assert ask("DescribeQueries", queryLanguage="SQL")["queries"] == []
    page = ask("DescribeQueries", maxResults=1)
    following = ask("DescribeQueries", maxResults=1, nextToken=page["nextToken"])
    assert [item["queryId"] for item in page["queries"] + following["queries"]] == [second, first]
    with pytest.raises(ResourceNotFound):
        ask("DescribeQueries", logGroupName="no")


def test_a_query_that_has_ended_is_not_stopped(ask, query):
    number, _ = query("limit 1")
    with pytest.raises(InvalidParameter, match="has ended"):
        ask("StopQuery", queryId=number)
    with pytest.raises(ResourceNotFound):
        ask("StopQuery", queryId="no")
    with pytest.raises(ResourceNotFound):
        ask("GetQueryResults", queryId="no")


@pytest.mark.parametrize(
    ("members", "error", "complaint"),
    [
        ({"startTime": None}, InvalidParameter, "'startTime' failed"),
        ({"endTime": 1}, InvalidParameter, "time of a query"),
        ({"queryString": None}, InvalidParameter, "'queryString' failed"),
        ({"queryString": "x" * 10_001}, InvalidParameter, "less than or equal to 10000"),
        ({"queryString": "nonsense 1"}, MalformedQuery, "nonsense"),
        ({"queryLanguage": "SQL"}, InvalidParameter, "queryLanguage is SQL: this endpoint knows CWLI only"),
        ({"logGroupNames": ["g"]}, InvalidParameter, "Only one of"),
        ({"logGroupName": None}, InvalidParameter, "Name log groups"),
        ({"logGroupName": "no"}, ResourceNotFound, "no"),
        ({"limit": 0}, InvalidParameter, "limit"),
        ({"dataSources": []}, InvalidParameter, "dataSources: not supported"),
    ],
)
def test_what_is_refused(ask, members, error, complaint):
    ask.stream()
    good = {"logGroupName": "g", "startTime": 10, "endTime": 20, "queryString": "limit 1"}
    with pytest.raises(error, match=complaint):
        ask("StartQuery", **(good | members))


TOKEN = "t" * 36


def test_definitions_are_made_changed_and_deleted(ask, clock):
    ask.stream()
    made = ask("PutQueryDefinition", name="errors", queryString="limit 1", logGroupNames=["g"], queryLanguage="CWLI")
    (item,) = ask("DescribeQueryDefinitions")["queryDefinitions"]
    assert item == {
        "queryLanguage": "CWLI",
        "queryDefinitionId": made["queryDefinitionId"],
        "name": "errors",
        "queryString": "limit 1",
        "lastModified": clock.now,
        "logGroupNames": ["g"],
    }
    clock.now += 5
    assert ask("PutQueryDefinition", name="more", queryString="limit 2", **made) == made
    (item,) = ask("DescribeQueryDefinitions")["queryDefinitions"]
    assert (item["name"], item["lastModified"], "logGroupNames" in item) == ("more", clock.now, False)
    assert ask("DeleteQueryDefinition", **made) == {"success": True}
    assert ask("DescribeQueryDefinitions")["queryDefinitions"] == []
    for operation, members in (
        ("DeleteQueryDefinition", {}),
        ("PutQueryDefinition", {"name": "a", "queryString": "b"}),
    ):
        with pytest.raises(ResourceNotFound, match="query definition does not exist"):
            ask(operation, **made, **members)


def test_a_request_that_comes_twice_makes_one_definition(ask):
    first, second = (ask("PutQueryDefinition", name="a", queryString="b", clientToken=TOKEN) for _ in range(2))
    other = ask("PutQueryDefinition", name="a", queryString="b", clientToken=TOKEN + "x")
    assert first == second != other
    assert len(ask("DescribeQueryDefinitions")["queryDefinitions"]) == 2


def test_definitions_are_found_by_the_beginning_of_their_names(ask):
    for name in ("b", "a2", "a1"):
        ask("PutQueryDefinition", name=name, queryString="limit 1")
    first = ask("DescribeQueryDefinitions", maxResults=2)
    second = ask("DescribeQueryDefinitions", maxResults=2, nextToken=first["nextToken"])
    found = first["queryDefinitions"] + second["queryDefinitions"]
    assert [item["name"] for item in found] == ["a1", "a2", "b"]
    found = ask("DescribeQueryDefinitions", queryDefinitionNamePrefix="a")["queryDefinitions"]
    assert [item["name"] for item in found] == ["a1", "a2"]
    assert ask("DescribeQueryDefinitions", queryLanguage="PPL")["queryDefinitions"] == []


@pytest.mark.parametrize(
    ("members", "complaint"),
    [
        ({"name": ""}, "'name' failed"),
        ({"queryString": ""}, "'queryString' failed"),
        ({"clientToken": "short"}, "'clientToken' failed"),
        ({"queryLanguage": "SQL"}, "knows CWLI only"),
        ({"logGroupNames": ["a b"]}, "'logGroupNames' failed"),
        ({"parameters": []}, "parameters: not supported"),
    ],
)
def test_which_definitions_are_refused(ask, members, complaint):
    with pytest.raises(InvalidParameter, match=complaint):
        ask("PutQueryDefinition", **({"name": "a", "queryString": "b"} | members))
