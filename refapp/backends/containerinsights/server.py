"""The agent as a process: `python -m refapp.backends.containerinsights.server`.

It does what the CloudWatch agent's DaemonSet does on a node. Its environment:

- KUBELET (`http://127.0.0.1:10250`): who measures, see `refapp.backends.containers.server`; INVENTORY
  (`inventory.json`): the file that tells of the pods.
- CLUSTER (`istio-observe-demo`) and NODE (`ip-127-0-0-1`): names, which are also those of the log group
  `/aws/containerinsights/CLUSTER/performance` and of its stream.
- INSTANCE_ID, INSTANCE_TYPE and AUTO_SCALING_GROUP (none): what the node is on EC2.
- PERIOD (60): seconds from one event to the next. Below a minute, metrics are of high resolution.
- ENHANCED (on): metrics of single pods and containers too; `off` for those of the classic Container Insights.
- ENDPOINT and REGION (where boto3 looks for them): without an endpoint, AWS itself. Credentials are boto3's affair.
- TIMEOUT (10): seconds that the endpoint has for an answer; GRACE (5): seconds for the last events when the process is
  told to end.
- BUFFER (16777216): bytes of packed events that may wait for the endpoint; then the oldest are dropped. Those of
  20 pods of two containers take about 15,000 a period: this is enough for an hour and a half at a period of 5 s, and
  for 18 hours at one of 60 s.
- PORT (`127.0.0.1:8888`): metrics at `/metrics`, and `/health`.
"""

import asyncio
import logging
import os
import sys

from refapp.backends.containerinsights.agent import Agent, every
from refapp.backends.containerinsights.buffer import Buffer
from refapp.backends.containerinsights.events import Writer
from refapp.backends.containerinsights.kubelet import Kubelet
from refapp.backends.containerinsights.page import serving
from refapp.backends.containerinsights.sender import Sender
from refapp.backends.containerinsights.settings import AgentSettings
from refapp.backends.containerinsights.telemetry import Telemetry
from refapp.backends.containers.inventory import InventoryFile
from refapp.backends.shipper.endpoint import open_endpoint
from refapp.services.settings import SettingsError
from refapp.services.signals import stop_signal

_log = logging.getLogger(__name__)

_LONGEST_ANSWER = 2.0  # seconds that the kubelet has at most


async def serve(settings: AgentSettings) -> None:
    """Write events until SIGTERM or SIGINT.

    Raises:
        SettingsError: there is no region, or the endpoint's address is none.
        OSError: the address cannot be had.
    """
    stop = stop_signal()
    telemetry, buffer = Telemetry(), Buffer(settings.buffer)
    endpoint = open_endpoint(settings.endpoint, settings.region, connections=1, timeout=settings.timeout)
    sender = Sender(endpoint, settings.group, settings.place.node, buffer, telemetry)
    kubelet = Kubelet(*settings.kubelet, timeout=min(_LONGEST_ANSWER, settings.period))
    writer = Writer(settings.place, enhanced=settings.enhanced, period=settings.period)
    agent = Agent(kubelet, InventoryFile(settings.inventory), writer, buffer, telemetry)
    telemetry.watch("buffer_bytes", "Bytes of packed events that wait to be sent.", lambda: buffer.size)
    telemetry.watch("buffer_batches", "Batches of events that wait to be sent.", lambda: len(buffer))
    with serving(settings.address, telemetry.text, lambda: {"waiting": len(buffer), "failure": sender.failure}):
        sender.start()
        try:
            await every(settings.period, agent.write, stop)
        finally:
            if left := await asyncio.to_thread(sender.end, settings.grace):
                _log.error("%d batches of events are lost: they could not be sent in time", left)


def main() -> int:
    """Run the agent that the environment describes.

    Returns:
        The exit code: 0 after a stop by signal, 1 when it cannot start, 2 when a setting is broken.
    """
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s")
    logging.getLogger("botocore").setLevel(logging.WARNING)  # else it tells where it has found credentials
    # What `refapp.backends.process` does; that has aiohttp with it, which takes half as much memory as all this.
    try:
        asyncio.run(serve(AgentSettings.from_environ(os.environ)))
    except (SettingsError, OSError) as error:
        sys.stderr.write(f"{error}\n")
        return 2 if isinstance(error, SettingsError) else 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
