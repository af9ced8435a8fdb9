"""The command line: deploy, exercise and query the platform."""

from refapp.cli.main import app, main

__all__ = ["app", "main"]
