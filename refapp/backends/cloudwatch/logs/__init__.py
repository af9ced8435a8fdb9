"""CloudWatch Logs' API except Logs Insights: groups, streams, events, filter patterns, metric filters and Live Tail."""
