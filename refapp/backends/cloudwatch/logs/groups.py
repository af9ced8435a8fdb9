"""Log groups: made, listed, kept for some days, protected, deleted."""

import re
from typing import Any, Final

from refapp.backends.cloudwatch.errors import InvalidParameter, ResourceNotFound, ServiceError
from refapp.backends.cloudwatch.logs import parameters
from refapp.backends.cloudwatch.logs.catalogue import Group
from refapp.backends.cloudwatch.logs.names import group_arn, named_group
from refapp.backends.cloudwatch.logs.pages import page
from refapp.backends.cloudwatch.logs.parameters import GROUP_NAME, IDENTIFIER, LONGEST_IDENTIFIER, PAGE, Request
from refapp.backends.cloudwatch.logs.regions import DAY, Region, now

RETENTIONS: Final = (
    *(1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731),
    *(1096, 1827, 2192, 2557, 2922, 3288, 3653),
)
"""The days for which events may be kept. Source: PutRetentionPolicy in the API reference."""

STANDARD: Final = "STANDARD"
"""The only class of log groups that there is here."""

_CLASSES = (STANDARD, "INFREQUENT_ACCESS", "DELIVERY", "ESSENTIALS")
_NAME_PATTERN = r"\^?[\.\-_\/#A-Za-z0-9]{3,24}(?:\|\^?[\.\-_\/#A-Za-z0-9]{3,24}){0,4}"


class Protected(ServiceError):  # noqa: N818 - named by what is so
    """A log group is protected from being deleted."""

    code = "ValidationException"


def create(region: Region, request: Request) -> dict[str, Any]:
    """CreateLogGroup."""
    name = parameters.group_name(request)
    if name.startswith("aws/"):
        raise InvalidParameter("Log groups starting with aws/ are reserved for AWS.")
    if parameters.choice(request, "logGroupClass", _CLASSES) not in (None, STANDARD):
        raise InvalidParameter(f"logGroupClass is {request['logGroupClass']}: this endpoint has only {STANDARD}")
    region.catalogue.create_group(
        Group(
            name=name,
            created=now(),
            protected=parameters.flag(request, "deletionProtectionEnabled", default=False),
            tags=parameters.tags(request) or {},
        )
    )
    return {}


def delete(region: Region, request: Request) -> dict[str, Any]:
    """DeleteLogGroup: its events go first, so that a group that is gone has left nothing behind."""
    name = parameters.group_name(request)
    with region.guard.alone():
        if region.catalogue.group(name).protected:
            raise Protected(f"The log group {name} has deletion protection; disable it to delete the group.")
        region.store.delete(name)
        region.catalogue.delete_group(name)
    return {}


def describe(region: Region, request: Request) -> dict[str, Any]:
    """DescribeLogGroups."""
    prefix = parameters.optional_text(request, "logGroupNamePrefix", pattern=GROUP_NAME)
    part = parameters.optional_text(request, "logGroupNamePattern", shortest=0, pattern=GROUP_NAME.replace("+", "*"))
    identifiers = parameters.texts(request, "logGroupIdentifiers", most=PAGE, pattern=IDENTIFIER)
    chosen = _of_class(region, request)
    if (prefix is not None) + (part is not None) + (identifiers is not None) > 1:
        raise InvalidParameter(
            "Only one of logGroupNamePrefix, logGroupNamePattern and logGroupIdentifiers can be used."
        )
    if identifiers is not None:
        names = {named_group(identifier, region.name) for identifier in identifiers}
        chosen = [group for group in chosen if group.name in names]
    else:
        chosen = [group for group in chosen if group.name.startswith(prefix or "") and (part or "") in group.name]
    found, token = page(chosen, lambda group: (group.name,), request)
    return {"logGroups": [_described(region, group) for group in found], **token}


def list_groups(region: Region, request: Request) -> dict[str, Any]:
    """ListLogGroups."""
    pattern = parameters.optional_text(request, "logGroupNamePattern", longest=129, pattern=_NAME_PATTERN)
    chosen = _of_class(region, request)
    if pattern is not None:
        search = re.compile(re.escape(pattern).replace(r"\^", "^").replace(r"\|", "|")).search
        chosen = [group for group in chosen if search(group.name)]
    found, token = page(chosen, lambda group: (group.name,), request, most=1000)
    items = [
        {"logGroupName": group.name, "logGroupArn": group_arn(region.name, group.name), "logGroupClass": STANDARD}
        for group in found
    ]
    return {"logGroups": items, **token}


def put_retention(region: Region, request: Request) -> dict[str, Any]:
    """PutRetentionPolicy: what is too old by it is gone at once."""
    name, days = parameters.group_name(request), parameters.whole(request, "retentionInDays")
    if days not in RETENTIONS:
        raise parameters.invalid("retentionInDays", days, f"Member must be one of {', '.join(map(str, RETENTIONS))}")
    region.catalogue.change_group(name, retention=days)
    region.store.expire(name, now() - days * DAY)
    return {}


def delete_retention(region: Region, request: Request) -> dict[str, Any]:
    """DeleteRetentionPolicy."""
    region.catalogue.change_group(parameters.group_name(request), retention=None)
    return {}


def put_protection(region: Region, request: Request) -> dict[str, Any]:
    """PutLogGroupDeletionProtection."""
    identifier = parameters.text(request, "logGroupIdentifier", longest=LONGEST_IDENTIFIER, pattern=IDENTIFIER)
    protected = parameters.flag(request, "deletionProtectionEnabled", default=False)
    region.catalogue.change_group(identified(region, identifier).name, protected=protected)
    return {}


def identified(region: Region, identifier: str) -> Group:
    """The group that a name or an ARN means.

    Raises:
        ResourceNotFound: there is none.
    """
    name = named_group(identifier, region.name)
    if name is None:
        raise ResourceNotFound(f"The log group of {identifier} is not in the region {region.name}.")
    return region.catalogue.group(name)


def requested(region: Region, request: Request) -> Group:
    """The group that a request means by `logGroupName` or `logGroupIdentifier`.

    Raises:
        InvalidParameter: it has none of them, or both.
        ResourceNotFound: there is no such group.
    """
    name = parameters.optional_text(request, "logGroupName", pattern=GROUP_NAME)
    identifier = parameters.optional_text(request, "logGroupIdentifier", longest=LONGEST_IDENTIFIER, pattern=IDENTIFIER)
    if (name is None) == (identifier is None):
        raise InvalidParameter("Exactly one of logGroupName and logGroupIdentifier must be given.")
    return identified(region, name or identifier or "")


def _of_class(region: Region, request: Request) -> list[Group]:
    wanted = parameters.choice(request, "logGroupClass", _CLASSES)
    return region.catalogue.groups() if wanted in (None, STANDARD) else []


def _described(region: Region, group: Group) -> dict[str, Any]:
    arn = group_arn(region.name, group.name)
    described: dict[str, Any] = {
        "logGroupName": group.name,
        "creationTime": group.created,
        "metricFilterCount": len(region.catalogue.filters(group.name)),
        "arn": f"{arn}:*",
        "logGroupArn": arn,
        "logGroupClass": STANDARD,
        "storedBytes": sum(stream.bytes for stream in region.store.streams(group.name)),
        "deletionProtectionEnabled": group.protected,
    }
    return described | ({} if group.retention is None else {"retentionInDays": group.retention})
