"""CloudWatch's metrics API: what was measured, statistics and metric math over it, and alarms that watch it."""
