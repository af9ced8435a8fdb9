"""The workload of the user interface: the built app, and what it asks beside the API.

`python -m refapp.services.ui.server` serves the Angular app of `dist`, takes its logs, and asks Jaeger and Prometheus
for it, so that the browser knows one origin alone.
"""
