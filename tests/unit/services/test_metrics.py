import socket
import subprocess
import sys

import httpx
import pytest
from grpc import StatusCode
from prometheus_client.parser import text_string_to_metric_families

from refapp.deploy.local.ports import Ports
from refapp.services import metrics
from refapp.services.lifecycle import StartError

PROGRAM = """
import signal, sys
from refapp.services import metrics
metrics.counter("eggs", "Eggs.").inc(12)
metrics.histogram("boiling_seconds", "How long.", "kind").labels(kind="soft").observe(0.2)
metrics.serve(("127.0.0.1", int(sys.argv[1])))
signal.pause()
"""


@pytest.mark.parametrize(
    ("code", "name"),
    [
        (StatusCode.OK, "OK"),
        (StatusCode.CANCELLED, "Canceled"),
        (StatusCode.UNAVAILABLE, "Unavailable"),
        (StatusCode.DEADLINE_EXCEEDED, "DeadlineExceeded"),
    ],
)
def test_codes_are_written_as_go_does(code, name):
    assert metrics.code_name(code) == name


def test_a_process_tells_what_it_counts_and_uses(eventually):
    port = Ports().take()
    with subprocess.Popen([sys.executable, "-c", PROGRAM, str(port)]) as process:

        def told():
            try:
                return httpx.get(f"http://127.0.0.1:{port}/metrics", trust_env=False).text
            except httpx.TransportError:
                return None

        try:
            families = list(text_string_to_metric_families(eventually(told)))
        finally:
            process.kill()
    samples = {sample.name: sample.value for family in families for sample in family.samples}
    assert (samples["eggs_total"], samples["boiling_seconds_count"]) == (12, 1)
    assert samples["process_resident_memory_bytes"] > 1024**2
    assert not [name for name in samples if name.endswith("_created")]


def test_without_an_address_nothing_is_done():
    metrics.serve(None)


def test_an_address_that_is_taken():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(StartError, match=f"metrics cannot be served at 127.0.0.1:{port}: Address already in use"):
            metrics.serve(("127.0.0.1", port))
