"""Which log groups a query reads.

Groups are named by the request, or by `SOURCE` in the query, after the page on `SOURCE` in the CloudWatch Logs User
Guide. What the guide leaves open, and what is chosen here: conditions of `logGroups` on account, class and beginning of
the name all have to hold; all groups here are of the class `STANDARD`.
"""

from collections.abc import Collection, Sequence

from refapp.backends.cloudwatch.errors import InvalidParameter, MalformedQuery, ResourceNotFound
from refapp.backends.cloudwatch.insights.tree import Source

_MOST_NAMES = 50  # by the model of StartQuery
_STANDARD, _INFREQUENT_ACCESS = "STANDARD", "INFREQUENT_ACCESS"


def chosen(named: Sequence[str], source: Source | None, groups: Collection[str], account: str) -> tuple[str, ...]:
    """The names of the groups that a query reads, of all that there are.

    Raises:
        InvalidParameter: neither the request names groups nor the query, or both do, or the request too many.
        MalformedQuery: the query asks for a class that is not known.
        ResourceNotFound: a group does not exist, or none is as the query asks for.
    """
    if (source is None) != bool(named):
        raise InvalidParameter("Name log groups either in the request or by SOURCE in the query, and at least one.")
    if len(named) > _MOST_NAMES:
        raise InvalidParameter(f"A query reads at most {_MOST_NAMES} log groups that are named.")
    if source is None or source.names is not None:
        names = tuple(dict.fromkeys(named if source is None else source.names or ()))
        for name in names:
            if name not in groups:
                raise ResourceNotFound(f"Log group '{name}' does not exist.")
        return names
    found = tuple(sorted(name for name in groups if _is_asked_for(name, source, account)))
    if not found:
        raise ResourceNotFound("No log group is as SOURCE asks for.")
    return found


def _is_asked_for(name: str, source: Source, account: str) -> bool:
    for asked in source.classes or ():
        if asked not in (_STANDARD, _INFREQUENT_ACCESS):
            raise MalformedQuery(f"`{asked}` is no class of log groups", *source.span)
    return (
        (source.classes is None or _STANDARD in source.classes)
        and (source.accounts is None or account in source.accounts)
        and (source.prefixes is None or name.startswith(source.prefixes))
    )
