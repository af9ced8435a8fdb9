"""Commands that do harm on purpose, to see what becomes of it."""

from typing import Annotated

import typer

from refapp.cli.console import Home
from refapp.deploy.local.target import LocalTarget
from refapp.deploy.stress import Stress, StressError
from refapp.mesh.envoy.routes import Fault, FaultError
from refapp.topology import MIB

Heal = Annotated[bool, typer.Option("--heal", help="End it instead.")]


def kill(
    pod: Annotated[str, typer.Argument(help="The pod, as `refapp status` names it.")],
    signal: Annotated[str, typer.Option(help="The signal its main process gets.")] = "SIGKILL",
    home: Home = None,
) -> None:
    """Kill a pod's process, to see what becomes of it."""
    LocalTarget(home).kill(pod, signal)


def stress(
    pod: Annotated[str, typer.Argument(help="The pod, as `refapp status` names it.")],
    memory_mb: Annotated[float, typer.Option(help="MiB of memory that are used in it.")] = 0.0,
    cpus: Annotated[float, typer.Option(help="Cores that are used in it; 0.5 is half a one.")] = 0.0,
    heal: Heal = False,
    home: Home = None,
) -> None:
    """Use memory and CPU in a pod beside what it uses itself, or end that."""
    try:
        asked = None if heal else Stress(memory=round(memory_mb * MIB), cpus=cpus)
    except StressError as error:
        raise typer.BadParameter(str(error)) from error
    LocalTarget(home).stress(pod, asked)


def fault(
    caller: Annotated[str, typer.Argument(help="The workload that calls; istio-ingressgateway at the edge.")],
    callee: Annotated[str, typer.Argument(help="The workload that is called.")],
    delay: Annotated[float, typer.Option(help="Seconds that a call waits.")] = 0.0,
    http_status: Annotated[int | None, typer.Option(help="HTTP status that a call gets for an answer.")] = None,
    grpc_status: Annotated[int | None, typer.Option(help="gRPC status that a call gets for an answer.")] = None,
    percentage: Annotated[float, typer.Option(help="Share of the calls that it befalls.")] = 100.0,
    heal: Heal = False,
    home: Home = None,
) -> None:
    """Inject a fault into the calls from one workload to another, or end it."""
    try:
        injected = (
            None
            if heal
            else Fault(delay=delay, http_status=http_status, grpc_status=grpc_status, percentage=percentage)
        )
    except FaultError as error:
        raise typer.BadParameter(str(error)) from error
    LocalTarget(home).inject(caller, callee, injected)
