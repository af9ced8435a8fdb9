"""Who is told of alerts, and how: Alertmanager's configuration, and the text that it writes to Slack.

The formats are those of https://prometheus.io/docs/alerting/latest/configuration/ and, of the text,
https://prometheus.io/docs/alerting/latest/notifications/.
"""

from importlib.resources import files
from pathlib import Path
from typing import Any

from refapp.monitoring.documents import dump
from refapp.monitoring.timing import HOUR, MINUTE, SECOND, Timing

TEMPLATES = "templates/*.tmpl"
"""The files of templates, beside the configuration."""

RECEIVER = "slack"
"""Who is told of every alert."""

CHANNEL = "#alerts"
"""The Slack channel; a webhook of today has one of its own, and leaves this aside."""


def configuration(timing: Timing, slack: str | Path, *, channel: str = CHANNEL) -> str:
    """Alertmanager's configuration, as YAML.

    Alerts of one name and namespace make one message: the first after a moment in which others of them may come, then
    one whenever something has changed, and a reminder every four hours, before scaling.

    Args:
        timing: the times are scaled as those of rules are.
        slack: the URL of an incoming webhook; one that is a secret as the path of a file that holds it.
        channel: where messages go.
    """
    webhook = {"api_url_file": str(slack.absolute())} if isinstance(slack, Path) else {"api_url": slack}
    content = {
        "global": {"resolve_timeout": timing.lasting(5 * MINUTE)},
        "templates": [TEMPLATES],
        "route": {
            "receiver": RECEIVER,
            "group_by": ["alertname", "namespace"],
            "group_wait": timing.lasting(10 * SECOND),
            "group_interval": timing.lasting(MINUTE),
            "repeat_interval": timing.lasting(4 * HOUR),
        },
        "inhibit_rules": [_inhibition()],
        "receivers": [{"name": RECEIVER, "slack_configs": [webhook | _message(channel)]}],
    }
    return dump(content)


def template() -> str:
    """The template of the messages: `refapp.title`, `refapp.text` and what they are made of."""
    return files("refapp.monitoring").joinpath("slack.tmpl").read_text(encoding="utf-8")


def _inhibition() -> dict[str, Any]:
    """A budget that burns fast burns slowly too."""
    return {
        "source_matchers": ['alertname=~".*BudgetBurnsFast"'],
        "target_matchers": ['alertname=~".*BudgetBurnsSlowly"'],
        "equal": ["slo"],
    }


def _message(channel: str) -> dict[str, Any]:
    parts = {name: f'{{{{ template "refapp.{name}" . }}}}' for name in ("title", "text", "fallback", "color")}
    return {
        "channel": channel,
        "send_resolved": True,
        **parts,
        "title_link": '{{ template "refapp.link" . }}',
        "footer": "{{ with .CommonLabels.severity }}{{ . }} · {{ end }}{{ .ExternalURL }}",
    }
