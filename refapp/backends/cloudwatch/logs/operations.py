"""The operations of the Logs API that are answered here: what does them, and which members their requests may have."""

from collections.abc import Callable, Mapping
from typing import Any, Final, NamedTuple

from refapp.backends.cloudwatch.errors import ServiceUnavailable
from refapp.backends.cloudwatch.events.database import StoreError
from refapp.backends.cloudwatch.logs import discovery, filters, groups, ingestion, queries, reading, streams, tags
from refapp.backends.cloudwatch.logs.parameters import Request, check_members
from refapp.backends.cloudwatch.logs.regions import Region


class Operation(NamedTuple):
    """What does an operation, and the members that its request may have."""

    answer: Callable[[Region, Request], Mapping[str, Any]]
    members: frozenset[str]


def _operation(answer: Callable[[Region, Request], Mapping[str, Any]], members: str) -> Operation:
    return Operation(answer, frozenset(members.split()))


# Members that AWS ignores too: sequenceToken since 2023, interleaved since 2019; there is nothing here to unmask.
OPERATIONS: Final[Mapping[str, Operation]] = {
    "CreateLogGroup": _operation(groups.create, "logGroupName tags logGroupClass deletionProtectionEnabled"),
    "DeleteLogGroup": _operation(groups.delete, "logGroupName"),
    "DescribeLogGroups": _operation(
        groups.describe, "logGroupNamePrefix logGroupNamePattern logGroupIdentifiers logGroupClass nextToken limit"
    ),
    "ListLogGroups": _operation(groups.list_groups, "logGroupNamePattern logGroupClass nextToken limit"),
    "PutRetentionPolicy": _operation(groups.put_retention, "logGroupName retentionInDays"),
    "DeleteRetentionPolicy": _operation(groups.delete_retention, "logGroupName"),
    "PutLogGroupDeletionProtection": _operation(groups.put_protection, "logGroupIdentifier deletionProtectionEnabled"),
    "TagResource": _operation(tags.tag_resource, "resourceArn tags"),
    "UntagResource": _operation(tags.untag_resource, "resourceArn tagKeys"),
    "ListTagsForResource": _operation(tags.list_for_resource, "resourceArn"),
    "TagLogGroup": _operation(tags.tag_group, "logGroupName tags"),
    "UntagLogGroup": _operation(tags.untag_group, "logGroupName tags"),
    "ListTagsLogGroup": _operation(tags.list_for_group, "logGroupName"),
    "CreateLogStream": _operation(streams.create, "logGroupName logStreamName"),
    "DeleteLogStream": _operation(streams.delete, "logGroupName logStreamName"),
    "DescribeLogStreams": _operation(
        streams.describe, "logGroupName logGroupIdentifier logStreamNamePrefix orderBy descending nextToken limit"
    ),
    "PutLogEvents": _operation(ingestion.put, "logGroupName logStreamName logEvents sequenceToken entity"),
    "GetLogEvents": _operation(
        reading.get,
        "logGroupName logGroupIdentifier logStreamName startTime endTime nextToken limit startFromHead unmask",
    ),
    "FilterLogEvents": _operation(
        reading.search,
        "logGroupName logGroupIdentifier logStreamNames logStreamNamePrefix startTime endTime filterPattern"
        " nextToken limit startFromHead interleaved unmask",
    ),
    "GetLogGroupFields": _operation(discovery.group_fields, "logGroupName logGroupIdentifier time"),
    "PutMetricFilter": _operation(
        filters.put, "logGroupName filterName filterPattern metricTransformations applyOnTransformedLogs"
    ),
    "DescribeMetricFilters": _operation(
        filters.describe, "logGroupName filterNamePrefix metricName metricNamespace nextToken limit"
    ),
    "DeleteMetricFilter": _operation(filters.delete, "logGroupName filterName"),
    "TestMetricFilter": _operation(filters.test, "filterPattern logEventMessages"),
    "StartQuery": _operation(
        queries.start,
        "logGroupName logGroupNames logGroupIdentifiers startTime endTime queryString limit queryLanguage",
    ),
    "GetQueryResults": _operation(queries.results, "queryId nextToken maxItems"),
    "StopQuery": _operation(queries.stop, "queryId"),
    "DescribeQueries": _operation(queries.describe, "logGroupName status maxResults nextToken queryLanguage"),
    "GetLogRecord": _operation(queries.record, "logRecordPointer unmask"),
    "PutQueryDefinition": _operation(
        queries.put_definition, "queryLanguage name queryDefinitionId logGroupNames queryString clientToken"
    ),
    "DescribeQueryDefinitions": _operation(
        queries.describe_definitions, "queryLanguage queryDefinitionNamePrefix maxResults nextToken"
    ),
    "DeleteQueryDefinition": _operation(queries.delete_definition, "queryDefinitionId"),
}


def run(region: Region, name: str, request: Request) -> Mapping[str, Any]:
    """The answer to a request of one of the `OPERATIONS`.

    Raises:
        ServiceError: the request is refused, or cannot be answered now.
    """
    operation = OPERATIONS[name]
    check_members(request, operation.members)
    try:
        return operation.answer(region, request)
    except StoreError as error:
        raise ServiceUnavailable(f"The store of log events cannot do it now: {error}") from None
