"""The dashboards of the platform, as data that Grafana reads."""
