"""The caller's side of the supervisor's control socket."""

import http.client
import json
import socket
from collections.abc import Mapping
from contextlib import closing
from typing import Any
from urllib.parse import urlencode

from refapp.deploy.errors import DeployError, NotRunningError
from refapp.deploy.local.rundir import RunDirectory
from refapp.deploy.pods import Status

_TIMEOUT = 120.0  # a new pod may take a while


class ControlClient:
    """Speaks to the supervisor of a run directory.

    Every method raises NotRunningError when there is none.
    """

    def __init__(self, run: RunDirectory) -> None:
        self._run = run

    def status(self, *, use: bool = True) -> Status:
        """The platform as it is now; `use` counts as a use of it."""
        return Status.from_dict(self._send("GET", "/status", use=int(use)))

    def urls(self) -> dict[str, str]:
        """Where to reach the platform."""
        return dict(self._send("GET", "/urls"))

    def stop(self) -> None:
        """Begin to stop the platform."""
        self._send("POST", "/stop")

    def kill(self, pod: str, signal: str) -> None:
        """Send a signal, such as `SIGKILL`, to the main process of a pod."""
        self._send("POST", f"/pods/{pod}/kill", signal=signal)

    def stress(self, pod: str, stress: Mapping[str, Any] | None) -> None:
        """Use memory and CPU in a pod, or have that end."""
        self._send("POST", f"/pods/{pod}/stress", {"stress": stress})

    def scale(self, workload: str, replicas: int) -> None:
        """Give a workload so many pods, and wait until it has them."""
        self._send("POST", "/scale", {"workload": workload, "replicas": replicas})

    def autoscale(self, workload: str, autoscaler: Mapping[str, Any] | None) -> None:
        """Have a workload scaled by the use of its pods, or scaled so no more."""
        self._send("POST", "/autoscale", {"workload": workload, "autoscaler": autoscaler})

    def inject(self, caller: str, callee: str, fault: Mapping[str, Any] | None) -> None:
        """Have a fault befall the calls from one workload to another, or end it."""
        self._send("POST", "/fault", {"caller": caller, "callee": callee, "fault": fault})

    def _send(self, method: str, path: str, body: Mapping[str, Any] | None = None, **params: str | int) -> Any:
        try:
            with closing(_UnixConnection(str(self._run.socket), timeout=_TIMEOUT)) as connection:
                content = None if body is None else json.dumps(body)
                connection.request(method, f"{path}?{urlencode(params)}", content)
                response = connection.getresponse()
                text = response.read()
        except (OSError, http.client.HTTPException) as error:
            raise NotRunningError(f"no platform is running in {self._run.path}; start one with: refapp up") from error
        try:
            answer = json.loads(text)
        except ValueError:
            raise DeployError(
                f"the platform in {self._run.path} does not understand {path}: another version of refapp started it; "
                "run `refapp down` first"
            ) from None
        if response.status >= http.client.BAD_REQUEST:
            raise DeployError(answer["error"])
        return answer


class _UnixConnection(http.client.HTTPConnection):
    def __init__(self, path: str, *, timeout: float) -> None:
        super().__init__("supervisor", timeout=timeout)
        self._path = path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self._path)
