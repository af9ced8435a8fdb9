"""What stands for AWS, and what sends it logs and measurements: the parts of Fluent Bit and of the CloudWatch agent."""

import hashlib
import os
from pathlib import Path

from refapp.deploy.local.options import Options
from refapp.deploy.local.ports import LOOPBACK, Ports
from refapp.deploy.local.programs import module, program
from refapp.deploy.local.rundir import RunDirectory
from refapp.deploy.local.specs import PodSpec, Tier
from refapp.mesh import Address
from refapp.monitoring.cluster import REGION
from refapp.monitoring.timing import MINUTE

AWS, SHIPPER, AGENT = "aws", "fluent-bit", "cloudwatch-agent"
"""The workloads."""

SHIPPER_URL = "shipper"
"""Under which name the address of the shipper is told."""

UNIT = "supervisor.service"
"""As which unit of the node the supervisor logs, as a kubelet does."""

# The three that Fluent Bit reads in Container Insights, and what Debian calls them.
_HOST_FILES = (("dmesg", "kern.log"), ("messages", "syslog"), ("secure", "auth.log"))
_SHORTEST_PERIOD = 1.0
# Nobody checks these here; those of the reader are not to be sent anywhere.
_CREDENTIALS = {
    "AWS_ACCESS_KEY_ID": "local",
    "AWS_SECRET_ACCESS_KEY": "local",
    "AWS_CONFIG_FILE": os.devnull,
    "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
    "AWS_EC2_METADATA_DISABLED": "true",
}


class Cloud:
    """Plans the pods that stand for AWS and send to it."""

    def __init__(self, options: Options, run: RunDirectory, free: Ports) -> None:
        self._options = options
        self._run = run
        self._aws, self._shipper, self._agent = (Address(LOOPBACK, free.take()) for _ in range(3))

    @property
    def url(self) -> str:
        """The address of AWS, for all of its services."""
        return self._options.aws.rstrip("/") or self._aws.url

    def urls(self) -> dict[str, str]:
        """The addresses of AWS, and of what ships logs to it."""
        return {AWS: self.url, SHIPPER_URL: self._shipper.url}

    def pods(self, inventory: Path | None, kubelet: str | None) -> list[PodSpec]:
        """The pods; no agent where nothing measures the containers, and no AWS of our own where another is named."""
        pods = [self._shipper_pod(inventory)]
        if inventory and kubelet:
            pods.append(self._agent_pod(inventory, kubelet))
        return [self._aws_pod(), *pods] if self._options.own_aws else pods

    def _aws_pod(self) -> PodSpec:
        command = module("backends.cloudwatch.endpoint.server")
        # Each of its many threads would keep what it has freed for itself: a quarter of the memory.
        few_heaps = {"MALLOC_ARENA_MAX": "2"}
        return program(AWS, command, self._aws, tier=Tier.CLOUD, STORE=str(self._run.data / "aws"), **few_heaps)

    def _shipper_pod(self, inventory: Path | None) -> PodSpec:
        return program(
            SHIPPER,
            module("backends.shipper.server"),
            self._shipper,
            tier=Tier.NODE,
            LOGS=str(self._run.logs),
            STATE=str(self._run.data / "shipper"),
            INVENTORY=str(inventory or ""),
            UNITS=f"{UNIT}={self._run.supervisor_log}",
            HOST_FILES=",".join(map(str, host_files())),
            **self._connection(),
        )

    def _agent_pod(self, inventory: Path, kubelet: str) -> PodSpec:
        period = max(MINUTE.total_seconds() * self._options.time_scale, _SHORTEST_PERIOD)
        return program(
            AGENT,
            module("backends.containerinsights.server"),
            self._agent,
            tier=Tier.NODE,
            KUBELET=kubelet,
            INVENTORY=str(inventory),
            INSTANCE_ID=self._instance_id(),
            PERIOD=f"{period:g}",
            **self._connection(),
        )

    def _instance_id(self) -> str:
        """What stands for the id of the EC2 instance that a node of EKS is: made up, and the same in a run directory.

        It is a dimension of the node's metrics. Its form is that of "Instance IDs", Amazon EC2 user guide.
        """
        return f"i-{hashlib.sha256(str(self._run.path).encode()).hexdigest()[:17]}"

    def _connection(self) -> dict[str, str]:
        return _CREDENTIALS | {"ENDPOINT": self.url, "REGION": REGION}


def host_files(directory: Path = Path("/var/log")) -> list[Path]:
    """The files of the host's own log that there are and that may be read."""
    candidates = [[directory / name for name in names] for names in _HOST_FILES]
    readable = ([path for path in paths if os.access(path, os.R_OK) and path.is_file()] for paths in candidates)
    return [paths[0] for paths in readable if paths]
