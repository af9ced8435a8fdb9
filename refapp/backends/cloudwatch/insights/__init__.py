"""Logs Insights: its query language, compiled to SQL for DuckDB, and queries as the API knows them."""
