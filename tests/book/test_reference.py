import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGES = list((ROOT / "book" / "reference").rglob("*.md"))


def modules():
    """The public modules: what is generated, private or a package's own file is none of them; nor is the CLI's."""
    for path in (ROOT / "refapp").rglob("*.py"):
        parts = path.relative_to(ROOT).with_suffix("").parts
        if parts[1] != "pb" and not parts[-1].startswith("_") and parts[1] != "cli":
            yield ".".join(parts)


def documented(directive):
    text = "\n".join(page.read_text() for page in PAGES)
    return re.findall(rf"{directive} (refapp\.[\w.]+)", text)


def test_every_module_has_its_place_in_the_reference():
    assert sorted(documented("automodule::")) == sorted(modules())


def test_command_line_has_its_page():
    assert documented(r"\{command-line\}") == ["refapp.cli"]


def variables_in(text):
    short = "PORT|GREETING|FANOUT|STORE|INVENTORY|PERIOD|WINDOW|LOGS|STATE|UNITS|CLUSTER|NODE|NAMESPACE|LABELS|ENDPOINT"
    short += "|REGION|FLUSH|POLL|TIMEOUT|SETTLE|GRACE|BACKLOG|CONNECTIONS|KUBELET|ENHANCED|BUFFER"
    short += "|DIST|WORKLOADS|JAEGER|PROMETHEUS|PRODUCTION"
    return set(re.findall(rf"[\"`]([A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+|{short})[\"`]", text))


def test_every_variable_of_the_environment_is_described():
    package = ROOT / "refapp"
    readers = [
        "services/settings.py",
        "services/ui/settings.py",
        "deploy/local/rundir.py",
        "deploy/local/binaries.py",
        "deploy/local/supervisor.py",
        "exercise/browser.py",
        "cli/main.py",
        "cli/console.py",
        "cli/dashboards.py",
        "mesh/envoy/binary.py",
        "backends/tracing/server.py",
        "backends/containers/server.py",
        "backends/inbox/server.py",
        "backends/cloudwatch/endpoint/server.py",
        "backends/shipper/settings.py",
        "backends/containerinsights/settings.py",
    ]
    read = set().union(*(variables_in((package / path).read_text()) for path in readers))
    page = variables_in((ROOT / "book" / "reference" / "settings.md").read_text())
    assert page - {"SERVICE_X_URL"} == read
    assert "SERVICE_X_URL" in page
