"""What every place that a platform can be put to offers."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from refapp.deploy.autoscaling import Autoscaler
from refapp.deploy.pods import Status
from refapp.deploy.stress import Stress
from refapp.mesh import Mesh
from refapp.mesh.envoy.routes import Fault

Progress = Callable[[Status], None]
"""Called with the status, again and again, while something is awaited."""


@dataclass(frozen=True, kw_only=True)
class ContainerLine:
    """One line that a container wrote to `stdout` or `stderr`; `time` is RFC 3339 and says when it was received."""

    pod: str
    workload: str
    container: str
    time: str
    stream: str
    text: str


class Target(Protocol):
    """A running platform, wherever it is."""

    def status(self, *, use: bool = True) -> Status:
        """The platform as it is now; asking counts as a use of it, unless it is told not to."""

    def urls(self) -> dict[str, str]:
        """Where to reach the platform; far quicker than its whole status."""

    def started(self) -> datetime | None:
        """When the platform was started, as far as that is known; quick to be told, too."""

    def stop(self, progress: Progress | None = None) -> None:
        """Take the platform away; harmless when there is none."""

    def kill(self, pod: str, signal: str = "SIGKILL") -> None:
        """Send a signal to the main process of a pod."""

    def stress(self, pod: str, stress: Stress | None) -> None:
        """Use memory and CPU in the main container of a pod beside what it uses itself, or have that end."""

    def set_log_level(self, workload: str, level: str) -> None:
        """Have the processes of a workload log at another level, without a restart."""

    def scale(self, workload: str, replicas: int) -> None:
        """Give a workload so many pods; no request is lost by it."""

    def autoscale(self, workload: str, autoscaler: Autoscaler | None) -> None:
        """Have a workload scaled by the use of its pods, or scaled so no more."""

    def mesh(self) -> Mesh:
        """Where the configuration of the mesh is."""

    def inject(self, caller: str, callee: str, fault: Fault | None) -> None:
        """Have a fault befall the calls from one workload to another, or end the one that does."""

    def logged_pods(self) -> dict[str, str]:
        """The pods that have logged, and the workload of each."""

    def log_lines(self, *, of: str | None = None, follow: bool = False) -> Iterator[ContainerLine | None]:
        """The lines of all containers, or of those of one workload or pod; each container's in order.

        With `follow` it goes on for ever, yielding None when there is nothing new at the moment.
        """
