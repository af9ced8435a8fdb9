"""Ships the files that containers log into to CloudWatch Logs, as Fluent Bit does on each node of a cluster."""
