import shutil
import subprocess

import pytest
from prometheus_client.parser import text_string_to_metric_families

from refapp.backends.containerinsights.telemetry import Telemetry


def values(telemetry):
    families = text_string_to_metric_families(telemetry.text().decode())
    return {sample.name: sample.value for family in families for sample in family.samples}


def test_what_is_counted_is_told():
    telemetry = Telemetry()
    for number, counter in enumerate(
        (
            telemetry.periods,
            telemetry.errors,
            telemetry.kubelet_errors,
            telemetry.sent,
            telemetry.rejected,
            telemetry.refused,
            telemetry.dropped,
            telemetry.failures,
        ),
        1,
    ):
        counter.inc(number)
    waiting = [7]
    telemetry.watch("buffer_bytes", "Bytes.", lambda: waiting[0])
    found = values(telemetry)
    names = ("periods", "errors", "kubelet_errors", "events_sent", "events_rejected", "events_refused")
    names += ("events_dropped", "send_failures")
    assert [found[f"containerinsights_{name}_total"] for name in names] == list(range(1, 9))
    assert found["containerinsights_buffer_bytes"] == 7
    waiting[0] = 8
    assert values(telemetry)["containerinsights_buffer_bytes"] == 8


def test_agents_are_told_apart():
    one, other = Telemetry(), Telemetry()
    one.periods.inc()
    assert values(other)["containerinsights_periods_total"] == 0


@pytest.mark.skipif(shutil.which("promtool") is None, reason="promtool is not installed")
def test_promtool_finds_no_fault():
    found = subprocess.run(["promtool", "check", "metrics"], input=Telemetry().text(), capture_output=True, check=False)
    assert (found.returncode, found.stdout, found.stderr) == (0, b"", b"")
