"""What AWS knows of a platform: CloudWatch Logs, Logs Insights, Container Insights and alarms, by boto3."""

from refapp.query.cloudwatch.alarms import Alarm
from refapp.query.cloudwatch.cloud import Cloud
from refapp.query.cloudwatch.containers import ContainerInsights, Performance
from refapp.query.cloudwatch.errors import CloudError, CloudWarning, NoCloudError, QueryError, UnfinishedQueryError
from refapp.query.cloudwatch.logs import CloudWatchLogs
from refapp.query.cloudwatch.progress import progress_bar
from refapp.query.cloudwatch.queries import QueryState
from refapp.query.cloudwatch.tail import LogEvent

__all__ = [
    "Alarm",
    "Cloud",
    "CloudError",
    "CloudWarning",
    "CloudWatchLogs",
    "ContainerInsights",
    "LogEvent",
    "NoCloudError",
    "Performance",
    "QueryError",
    "QueryState",
    "UnfinishedQueryError",
    "progress_bar",
]
