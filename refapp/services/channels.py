"""gRPC channels to the services downstream."""

import grpc.aio

_OPTIONS = (
    # A target of several addresses is used evenly. There is no retry policy: a failure names its hop at once.
    ("grpc.service_config", '{"loadBalancingConfig": [{"round_robin": {}}]}'),
    # A service that comes back is found within a second.
    ("grpc.initial_reconnect_backoff_ms", 100),
    ("grpc.min_reconnect_backoff_ms", 1000),
    ("grpc.max_reconnect_backoff_ms", 1000),
    ("grpc.dns_min_time_between_resolutions_ms", 1000),
    # A peer that vanished without a word is noticed also while no request runs.
    ("grpc.keepalive_time_ms", 30_000),
    ("grpc.keepalive_timeout_ms", 5_000),
    ("grpc.keepalive_permit_without_calls", 1),
    # The platform is never behind the proxy that the environment names for the way out.
    ("grpc.enable_http_proxy", 0),
)


def open_channel(target: str) -> grpc.aio.Channel:
    """A channel to a gRPC target that stays open and reconnects by itself; to be kept, one for each target."""
    return grpc.aio.insecure_channel(target, options=_OPTIONS)
