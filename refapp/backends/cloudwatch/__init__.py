"""CloudWatch Logs, Logs Insights, metrics and alarms behind one endpoint that boto3 talks to."""
