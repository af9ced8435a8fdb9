"""The log groups of a cluster in CloudWatch, as Container Insights names them.

Source: "Set up Fluent Bit" and "Container Insights performance log reference", CloudWatch user guide.
"""

from refapp.monitoring.cluster import NAME

APPLICATION, DATAPLANE, HOST, PERFORMANCE = "application", "dataplane", "host", "performance"
"""The last words of their names."""

KINDS = (APPLICATION, DATAPLANE, HOST, PERFORMANCE)
"""All of these."""


def log_group(kind: str, cluster: str = NAME) -> str:
    """The whole name of the log group of a kind."""
    return f"/aws/containerinsights/{cluster}/{kind}"
