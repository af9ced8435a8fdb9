"""Programs that answer over HTTP and stand beside the platform, each a pod of its own."""

import sys

from refapp.deploy.local.environment import inherited
from refapp.deploy.local.specs import ContainerSpec, PodSpec, Probe, Tier, pod_name
from refapp.mesh import Address


def module(name: str) -> tuple[str, ...]:
    """The command that runs a module of `refapp`."""
    return (sys.executable, "-m", f"refapp.{name}")


def program(
    workload: str,
    command: tuple[str, ...],
    address: Address,
    *,
    path: str = "/health",
    tier: Tier = Tier.STORE,
    **env: str,
) -> PodSpec:
    """A pod of one container that is named as its workload, told its address as PORT, and asked for `path`."""
    container = ContainerSpec(
        name=workload,
        command=command,
        env=inherited() | {"PORT": str(address)} | env,
        ports={"http": address.port},
        probe=Probe.HTTP,
        path=path,
    )
    return PodSpec(name=pod_name(workload, repr(container)), workload=workload, tier=tier, containers=(container,))
