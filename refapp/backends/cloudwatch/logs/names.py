"""Names and ARNs of log groups and streams, in the one account that there is."""

from typing import Final

ACCOUNT: Final = "123456789012"
"""The account that all belongs to: moto's default one."""


def group_arn(region: str, group: str) -> str:
    """The ARN of a log group, without the `:*` at its end that IAM policies want."""
    return f"arn:aws:logs:{region}:{ACCOUNT}:log-group:{group}"


def stream_arn(region: str, group: str, stream: str) -> str:
    """The ARN of a log stream."""
    return f"{group_arn(region, group)}:log-stream:{stream}"


def named_group(identifier: str, region: str) -> str | None:
    """The name of the log group that a name or an ARN means; None when an ARN means none of this region."""
    if not identifier.startswith("arn:"):
        return identifier
    prefix = group_arn(region, "")
    return identifier.removeprefix(prefix).removesuffix(":*") if identifier.startswith(prefix) else None
