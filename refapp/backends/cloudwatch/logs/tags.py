"""Tags of log groups, by the operations of today, which take an ARN, and by those of old, which take a name."""

from typing import Any

from refapp.backends.cloudwatch.errors import InvalidParameter, ServiceError
from refapp.backends.cloudwatch.logs import parameters
from refapp.backends.cloudwatch.logs.groups import identified
from refapp.backends.cloudwatch.logs.parameters import PAGE, Request
from refapp.backends.cloudwatch.logs.regions import Region

_ARN = r"[\w+=/:,.@#-]*"
_LONGEST_ARN = 1011


class TooManyTags(ServiceError):  # noqa: N818 - named as AWS names it
    """A log group would have more tags than it may have."""

    code = "TooManyTagsException"


def of_group(request: Request) -> bool:
    """Whether a request is about the tags of a log group; the tags of other resources are not kept here."""
    return ":log-group:" in str(request.get("resourceArn"))


def list_for_resource(region: Region, request: Request) -> dict[str, Any]:
    """ListTagsForResource."""
    return {"tags": dict(region.catalogue.group(_resource(region, request)).tags)}


def tag_resource(region: Region, request: Request) -> dict[str, Any]:
    """TagResource."""
    return _tag(region, _resource(region, request), request)


def untag_resource(region: Region, request: Request) -> dict[str, Any]:
    """UntagResource."""
    return _untag(region, _resource(region, request), parameters.texts(request, "tagKeys", most=PAGE))


def list_for_group(region: Region, request: Request) -> dict[str, Any]:
    """ListTagsLogGroup."""
    return {"tags": dict(region.catalogue.group(parameters.group_name(request)).tags)}


def tag_group(region: Region, request: Request) -> dict[str, Any]:
    """TagLogGroup."""
    return _tag(region, parameters.group_name(request), request)


def untag_group(region: Region, request: Request) -> dict[str, Any]:
    """UntagLogGroup."""
    return _untag(region, parameters.group_name(request), parameters.texts(request, "tags", most=PAGE))


def _resource(region: Region, request: Request) -> str:
    return identified(region, parameters.text(request, "resourceArn", longest=_LONGEST_ARN, pattern=_ARN)).name


def _tag(region: Region, name: str, request: Request) -> dict[str, Any]:
    added = parameters.tags(request)
    if added is None:
        raise InvalidParameter("tags must be given.")
    tags = {**region.catalogue.group(name).tags, **added}
    if len(tags) > PAGE:
        raise TooManyTags(f"A log group can have {PAGE} tags; {name} would have {len(tags)}.")
    region.catalogue.change_group(name, tags=tags)
    return {}


def _untag(region: Region, name: str, keys: list[str] | None) -> dict[str, Any]:
    tags = region.catalogue.group(name).tags
    region.catalogue.change_group(name, tags={key: value for key, value in tags.items() if key not in (keys or ())})
    return {}
