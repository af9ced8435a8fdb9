"""The names of the log groups of a cluster, which may be shortened to their last word."""

from collections.abc import Sequence

from refapp.monitoring.loggroups import KINDS, log_group

_ARN = "arn:"  # one that DescribeLogGroups tells may end with `:*`, which other operations do not take


def group_name(name: str, cluster: str) -> str:
    """The name of a log group: `application` is `/aws/containerinsights/CLUSTER/application`, another is as it is."""
    return log_group(name, cluster) if name in KINDS else name


def group_names(names: str | Sequence[str], cluster: str) -> list[str]:
    """The names of one log group, or of several."""
    return [group_name(name, cluster) for name in ([names] if isinstance(names, str) else names)]


def group_parameter(name: str) -> dict[str, str]:
    """A group as a parameter of operations that take a name or an ARN."""
    return {"logGroupIdentifier": name.removesuffix(":*")} if name.startswith(_ARN) else {"logGroupName": name}


def query_parameter(names: Sequence[str]) -> dict[str, list[str]]:
    """The groups as a parameter of StartQuery, which takes names or ARNs; none when the query itself says them."""
    if any(name.startswith(_ARN) for name in names):
        return {"logGroupIdentifiers": [name.removesuffix(":*") for name in names]}
    return {"logGroupNames": list(names)} if names else {}
