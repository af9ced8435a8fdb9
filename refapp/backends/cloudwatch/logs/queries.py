"""Queries of Logs Insights, and their definitions, as the API has them."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final
from uuid import uuid4

from refapp.backends.cloudwatch.errors import InvalidParameter, ResourceNotFound
from refapp.backends.cloudwatch.logs import parameters
from refapp.backends.cloudwatch.logs.catalogue import QueryDefinition
from refapp.backends.cloudwatch.logs.groups import identified
from refapp.backends.cloudwatch.logs.pages import page
from refapp.backends.cloudwatch.logs.parameters import GROUP_NAME, IDENTIFIER, Request
from refapp.backends.cloudwatch.logs.regions import Region, now

LANGUAGE: Final = "CWLI"
"""The only query language that there is here: that of Logs Insights."""

MOST_GROUPS: Final = 50
MOST_ROWS: Final = 10_000
MOST_LISTED: Final = 1000
LONGEST_QUERY: Final = 10_000

_LANGUAGES = (LANGUAGE, "SQL", "PPL")
_LONGEST_ID, _LONGEST_NAME, _LONGEST_TOKEN = 256, 255, 1024


def start(region: Region, request: Request) -> dict[str, Any]:
    """StartQuery."""
    _check_language(request)
    begin, end = (_time(request, name) for name in ("startTime", "endTime"))
    text = parameters.text(request, "queryString", shortest=0, longest=LONGEST_QUERY)
    limit = parameters.whole(request, "limit")
    return {"queryId": region.queries.start(text, begin, end, groups=_groups(region, request), limit=limit)}


def results(region: Region, request: Request) -> dict[str, Any]:
    """GetQueryResults."""
    number = parameters.text(request, "queryId", longest=_LONGEST_ID)
    token = parameters.optional_text(request, "nextToken", longest=_LONGEST_TOKEN)
    most = parameters.whole(request, "maxItems", most=MOST_ROWS) or MOST_ROWS
    found = region.queries.results(number, limit=most, token=token)
    answer = {
        "queryLanguage": LANGUAGE,
        "results": found.rows,
        "statistics": found.statistics,
        "status": found.status.value,
    }
    return answer if found.token is None else answer | {"nextToken": found.token}


def stop(region: Region, request: Request) -> dict[str, Any]:
    """StopQuery."""
    return {"success": region.queries.stop(parameters.text(request, "queryId", longest=_LONGEST_ID))}


def describe(region: Region, request: Request) -> dict[str, Any]:
    """DescribeQueries."""
    group = parameters.optional_text(request, "logGroupName", pattern=GROUP_NAME)
    if group is not None:
        region.catalogue.group(group)
    if not _asks_for_language(request):
        return {"queries": []}
    found, token = region.queries.describe(
        group=group,
        status=parameters.optional_text(request, "status"),
        limit=parameters.whole(request, "maxResults", least=1, most=MOST_LISTED) or MOST_LISTED,
        token=parameters.optional_text(request, "nextToken", longest=_LONGEST_TOKEN),
    )
    items = [
        {
            "queryLanguage": LANGUAGE,
            "queryId": query.id,
            "queryString": query.text,
            "status": query.status.value,
            "createTime": query.created,
            "logGroupName": query.groups[0],
        }
        for query in found
    ]
    return {"queries": items} if token is None else {"queries": items, "nextToken": token}


def record(region: Region, request: Request) -> dict[str, Any]:
    """GetLogRecord."""
    return {"logRecord": region.queries.record(parameters.text(request, "logRecordPointer", longest=_LONGEST_TOKEN))}


def put_definition(region: Region, request: Request) -> dict[str, Any]:
    """PutQueryDefinition: the same token makes the same definition."""
    _check_language(request)
    token = parameters.optional_text(request, "clientToken", shortest=36, longest=128, pattern=r"\S+")
    identity = parameters.optional_text(request, "queryDefinitionId", longest=_LONGEST_ID)
    item = QueryDefinition(
        id=identity or str(uuid4()),
        name=parameters.text(request, "name", longest=_LONGEST_NAME),
        text=parameters.text(request, "queryString", longest=LONGEST_QUERY),
        groups=parameters.texts(request, "logGroupNames", most=MOST_GROUPS, pattern=GROUP_NAME) or [],
        modified=now(),
        token=token,
    )
    with region.guard.alone():  # so that nobody else makes one by the same token meanwhile
        known = region.catalogue.definitions()
        if identity is not None and identity not in [other.id for other in known]:
            raise ResourceNotFound("The specified query definition does not exist.")
        if identity is None and token is not None:
            item = replace(item, id=next((other.id for other in known if other.token == token), item.id))
        region.catalogue.put_definition(item)
    return {"queryDefinitionId": item.id}


def describe_definitions(region: Region, request: Request) -> dict[str, Any]:
    """DescribeQueryDefinitions."""
    prefix = parameters.optional_text(request, "queryDefinitionNamePrefix", longest=_LONGEST_NAME) or ""
    known = region.catalogue.definitions() if _asks_for_language(request) else []
    chosen = [item for item in known if item.name.startswith(prefix)]
    found, token = page(
        chosen, lambda item: (item.name, item.id), request, most=MOST_LISTED, default=MOST_LISTED, limit="maxResults"
    )
    return {"queryDefinitions": [_described(item) for item in found], **token}


def delete_definition(region: Region, request: Request) -> dict[str, Any]:
    """DeleteQueryDefinition."""
    region.catalogue.delete_definition(parameters.text(request, "queryDefinitionId", longest=_LONGEST_ID))
    return {"success": True}


def _time(request: Request, name: str) -> int:
    time = parameters.whole(request, name)
    if time is None:
        raise parameters.invalid(name, "null", "Member must not be null")
    return time


def _groups(region: Region, request: Request) -> list[str]:
    name = parameters.optional_text(request, "logGroupName", pattern=GROUP_NAME)
    names = parameters.texts(request, "logGroupNames", most=MOST_GROUPS, pattern=GROUP_NAME)
    identifiers = parameters.texts(request, "logGroupIdentifiers", most=MOST_GROUPS, pattern=IDENTIFIER)
    if (name is not None) + (names is not None) + (identifiers is not None) > 1:
        raise InvalidParameter("Only one of logGroupName, logGroupNames and logGroupIdentifiers can be used.")
    if identifiers is not None:
        return [identified(region, identifier).name for identifier in identifiers]
    return [name] if name is not None else names or []


def _asks_for_language(request: Request) -> bool:
    return parameters.choice(request, "queryLanguage", _LANGUAGES) in (None, LANGUAGE)


def _check_language(request: Request) -> None:
    if not _asks_for_language(request):
        raise InvalidParameter(f"queryLanguage is {request['queryLanguage']}: this endpoint knows {LANGUAGE} only")


def _described(item: QueryDefinition) -> Mapping[str, Any]:
    described = {
        "queryLanguage": LANGUAGE,
        "queryDefinitionId": item.id,
        "name": item.name,
        "queryString": item.text,
        "lastModified": item.modified,
    }
    return described | ({"logGroupNames": list(item.groups)} if item.groups else {})
