"""Fields that have a column of their own in the table of events; all others of an event are together in one.

A query that asks for such a field reads its column alone, and a column in which the same values come again and again
takes little room. They are what nearly every line has that Fluent Bit sends of a container, and what nearly every query
about lines asks for: whose line it is, and what it says.

DuckDB could make columns of all fields by itself, when it moves events into its file. That needs memory for every field
of every kind of line at once, however rare, and with the lines of a whole platform no bound of it holds.
"""

from types import MappingProxyType

COLUMNS = MappingProxyType(
    {
        "log": "field_log",
        "kubernetes.pod_name": "field_pod",
        "kubernetes.container_name": "field_container",
        "log_processed.level": "field_level",
        "log_processed.msg": "field_msg",
        "log_processed.duration_ms": "field_duration",
    }
)
"""The columns of fields, by the names that CloudWatch gives to the fields. Like all fields they are text."""
