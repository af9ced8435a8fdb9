"""Ask a running platform: its logs, its databases and its queue."""
