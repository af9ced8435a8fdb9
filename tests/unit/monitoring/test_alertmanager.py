import json
from pathlib import Path

import pytest
import yaml

from refapp.monitoring import alertmanager
from refapp.monitoring.timing import LOCAL, Timing

URL = "http://127.0.0.1:9095/services/T/B/X"
GRAPH = "http://127.0.0.1:9090/graph?g0.expr=up&g0.tab=1"
LABELS = {"alertname": "PodCpuHigh", "namespace": "dev", "severity": "warning"}


def one(pod, status="firing", **more):
    return {
        "status": status,
        "labels": LABELS | {"pod": pod, "workload": pod[:9]} | more,
        "annotations": {
            "summary": f"{pod} uses much CPU",
            "description": f"{pod} uses 312 millicores",
            "value": "312 m",
            "runbook": "See whether the autoscaler works.",
        },
        "startsAt": "2026-11-23T06:00:00.5+01:00",
        "endsAt": "2026-11-23T05:01:00Z" if status == "resolved" else "0001-01-01T00:00:00Z",
        "generatorURL": GRAPH,
        "fingerprint": pod,
    }


def common(items):
    first, *others = items
    return dict(item for item in first.items() if all(item in other.items() for other in others))


@pytest.fixture
def render(tmp_path, program):
    """What a part of the message is for such alerts."""

    def render(part, *alerts):
        firing = any(alert["status"] == "firing" for alert in alerts)
        data = {
            "receiver": alertmanager.RECEIVER,
            "status": "firing" if firing else "resolved",
            "alerts": alerts,
            "groupLabels": {"alertname": "PodCpuHigh", "namespace": "dev"},
            "commonLabels": common([alert["labels"] for alert in alerts]),
            "commonAnnotations": common([alert["annotations"] for alert in alerts]),
            "externalURL": "http://127.0.0.1:9093",
        }
        (tmp_path / "data.json").write_text(json.dumps(data))
        (tmp_path / "slack.tmpl").write_text(alertmanager.template())
        options = {
            "glob": tmp_path / "slack.tmpl",
            "data": tmp_path / "data.json",
            "text": f'{{{{ template "refapp.{part}" . }}}}',
        }
        return program(
            "amtool", "template", "render", *(f"--template.{name}={value}" for name, value in options.items())
        )

    return render


@pytest.mark.parametrize("timing", [Timing(), LOCAL])
@pytest.mark.parametrize("slack", [URL, Path("webhook")])
def test_amtool_accepts_it(timing, slack, tmp_path, program):
    (tmp_path / "templates").mkdir()
    (tmp_path / "templates" / "slack.tmpl").write_text(alertmanager.template())
    (tmp_path / "alertmanager.yml").write_text(alertmanager.configuration(timing, slack))
    assert "1 templates" in program("amtool", "check-config", tmp_path / "alertmanager.yml")


def slack_config(slack):
    return yaml.safe_load(alertmanager.configuration(LOCAL, slack))["receivers"][0]["slack_configs"][0]


def test_a_secret_stays_in_its_file(tmp_path):
    (tmp_path / "webhook").write_text("https://hooks.slack.com/services/T/B/s3cr3t")
    text = alertmanager.configuration(LOCAL, tmp_path / "webhook")
    assert "s3cr3t" not in text
    config = slack_config(tmp_path / "webhook")
    assert config["api_url_file"] == str(tmp_path / "webhook")
    assert "api_url" not in config


def test_a_local_address_is_no_secret():
    config = slack_config(URL)
    assert (config["api_url"], config["send_resolved"]) == (URL, True)


def test_times_are_scaled():
    route = yaml.safe_load(alertmanager.configuration(LOCAL, URL))["route"]
    assert (route["group_wait"], route["group_interval"], route["repeat_interval"]) == ("4s", "4s", "16m")
    route = yaml.safe_load(alertmanager.configuration(Timing(), URL))["route"]
    assert (route["group_wait"], route["group_interval"], route["repeat_interval"]) == ("30s", "1m", "4h")


@pytest.mark.parametrize("firing", [True, False])
def test_routes(firing, tmp_path, program):
    (tmp_path / "alertmanager.yml").write_text(
        alertmanager.configuration(LOCAL, URL).replace("templates/*.tmpl", "none*")
    )
    labels = ("alertname=A", f"severity={'critical' if firing else 'info'}")
    said = program("amtool", "config", "routes", "test", f"--config.file={tmp_path / 'alertmanager.yml'}", *labels)
    assert said.strip() == alertmanager.RECEIVER


def test_one_alert_fires(render):
    alert = one("service-d-6-6t")
    assert render("title", alert) == "[FIRING:1] PodCpuHigh · service-d"
    assert render("fallback", alert) == "[FIRING:1] PodCpuHigh · service-d · service-d-6-6t uses much CPU"
    assert render("link", alert) == GRAPH
    assert render("text", alert) == (
        "*service-d-6-6t uses much CPU*\n"
        "service-d-6-6t uses 312 millicores\n"
        "• *Value*: 312 m\n"
        "• *Where*: dev / service-d / service-d-6-6t\n"
        "• *Since*: 2026-11-23 05:00:00 UTC\n"
        f"• <{GRAPH}|Graph>\n"
        "*What to do*: See whether the autoscaler works."
    )


def test_one_of_several_has_ended(render):
    alerts = [one("service-d-6-6t"), one("service-e-1-22", "resolved")]
    assert render("title", *alerts) == "[FIRING:1] PodCpuHigh"
    assert render("text", *alerts) == (
        "*service-d-6-6t uses much CPU*\n"
        "service-d-6-6t uses 312 millicores\n"
        "• *Value*: 312 m\n"
        "• *Where*: dev / service-d / service-d-6-6t\n"
        "• *Since*: 2026-11-23 05:00:00 UTC\n"
        f"• <{GRAPH}|Graph>\n\n"
        "*Resolved meanwhile*\n"
        "*service-e-1-22 uses much CPU*\n"
        "• *Value*: 312 m, when it last fired\n"
        "• *Where*: dev / service-e / service-e-1-22\n"
        "• *Since*: 2026-11-23 05:00:00 UTC, until 05:01:00 UTC\n"
        f"• <{GRAPH}|Graph>\n"
        "*What to do*: See whether the autoscaler works."
    )


def test_all_is_well_again(render):
    alert = one("service-d-6-6t", "resolved")
    assert render("title", alert) == "[RESOLVED] PodCpuHigh · service-d"
    assert "uses 312" not in render("text", alert)


@pytest.mark.parametrize(
    ("severity", "colour"), [("critical", "danger"), ("warning", "warning"), ("info", "#439fe0"), ("odd", "warning")]
)
def test_colours(severity, colour, render):
    assert render("color", one("service-d-6-6t", severity=severity)) == colour
    assert render("color", one("service-d-6-6t", "resolved", severity=severity)) == "good"
