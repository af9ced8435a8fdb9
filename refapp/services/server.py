"""The gRPC server of a service, with health and reflection."""

import grpc.aio
from grpc_health.v1 import health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha import reflection

from refapp.pb.greeting.v3 import greeting_pb2, greeting_pb2_grpc
from refapp.services.health import Health
from refapp.services.lifecycle import StartError

SERVICE = greeting_pb2.DESCRIPTOR.services_by_name["GreetingService"].full_name
"""The full name of the service, as health checks and reflection know it."""

_OPTIONS = (
    ("grpc.so_reuseport", 0),  # an address that is taken is an error, not a share
    ("grpc.http2.min_ping_interval_without_data_ms", 10_000),  # allows the keepalive of our channels
    ("grpc.keepalive_permit_without_calls", 1),
)


class Server:
    """Listens from the start, not serving until it is told that the service is ready."""

    def __init__(self, servicer: greeting_pb2_grpc.GreetingServiceServicer, address: tuple[str, int]) -> None:
        self._server = grpc.aio.server(options=_OPTIONS)
        self._health = Health(("", SERVICE))
        self._address = _join(*address)
        greeting_pb2_grpc.add_GreetingServiceServicer_to_server(servicer, self._server)
        health_pb2_grpc.add_HealthServicer_to_server(self._health, self._server)
        names = (SERVICE, health_pb2.DESCRIPTOR.services_by_name["Health"].full_name, reflection.SERVICE_NAME)
        reflection.enable_server_reflection(names, self._server)

    async def start(self) -> str:
        """Listen.

        Returns:
            The address, with the port that was chosen where none was asked for.

        Raises:
            StartError: the address is taken, or not one of this machine.
        """
        try:
            port = self._server.add_insecure_port(self._address)
        except RuntimeError:
            raise StartError(
                f"cannot listen at {self._address}: the port is taken, or the address is not this machine's"
            ) from None
        await self._server.start()
        return f"{self._address.rpartition(':')[0]}:{port}"

    def serve(self) -> None:
        """Tell health checks that the service is ready."""
        self._health.serve()

    async def drain(self, grace: float) -> None:
        """Take no more requests, and wait until those that run are answered, `grace` seconds at most."""
        self._health.end()
        await self._server.stop(grace)


def _join(host: str, port: int) -> str:
    """The address in gRPC's form; all interfaces, of both IP versions, where there is no host."""
    return f"[{host or '::'}]:{port}" if ":" in host or not host else f"{host}:{port}"
