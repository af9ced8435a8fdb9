"""RabbitMQ as a pod of two processes: the broker and Erlang's port mapper."""

from dataclasses import dataclass
from pathlib import Path

from refapp.deploy.local.binaries import epmd, rabbitmq_server
from refapp.deploy.local.ports import LOOPBACK
from refapp.deploy.local.specs import ContainerSpec

_CONFIGURATION = """\
listeners.tcp.default = {host}:{ports.amqp}
log.console = true
log.console.level = info
prometheus.tcp.ip = {host}
prometheus.tcp.port = {ports.metrics}
collect_statistics_interval = 1000
disk_free_limit.absolute = 50MB
"""


@dataclass(frozen=True, kw_only=True)
class BrokerPorts:
    """The four ports of a broker: AMQP, Erlang's distribution and its port mapper, Prometheus' metrics."""

    amqp: int
    dist: int
    epmd: int
    metrics: int


def url(amqp: int) -> str:
    """The AMQP address at a port, with the account that RabbitMQ accepts from the same machine only."""
    return f"amqp://guest:guest@{LOOPBACK}:{amqp}/"


def metrics_url(ports: BrokerPorts) -> str:
    """The address of the Prometheus plugin."""
    return f"http://{LOOPBACK}:{ports.metrics}"


def containers(ports: BrokerPorts, directory: Path) -> tuple[ContainerSpec, ...]:
    """The two containers; the configuration is written into `directory`, which also holds the queue."""
    directory.mkdir(parents=True)
    (directory / "rabbitmq.conf").write_text(_CONFIGURATION.format(host=LOOPBACK, ports=ports))
    (directory / "enabled_plugins").write_text("[rabbitmq_prometheus].\n")
    env = {
        "PATH": "/usr/sbin:/usr/bin:/sbin:/bin:/opt/homebrew/bin:/usr/local/bin",
        "LANG": "C.UTF-8",
        # Erlang's cookie goes into the home directory, and RabbitMQ's ought not to be the user's.
        "HOME": str(directory),
        "ERL_EPMD_PORT": str(ports.epmd),
        "ERL_EPMD_ADDRESS": LOOPBACK,
    }
    return (
        # A port mapper of our own, in the foreground: the one that Erlang starts by itself becomes a daemon.
        ContainerSpec(name="epmd", command=(epmd(), "-port", str(ports.epmd)), env=env, ports={"epmd": ports.epmd}),
        ContainerSpec(
            name="rabbitmq",
            command=(rabbitmq_server(),),
            env=env | _broker_environment(ports, directory),
            ports={"amqp": ports.amqp, "prometheus": ports.metrics},
        ),
    )


def _broker_environment(ports: BrokerPorts, directory: Path) -> dict[str, str]:
    return {
        "RABBITMQ_NODENAME": "refapp@localhost",
        "RABBITMQ_NODE_PORT": str(ports.amqp),
        "RABBITMQ_DIST_PORT": str(ports.dist),
        "RABBITMQ_MNESIA_BASE": str(directory / "mnesia"),
        "RABBITMQ_LOG_BASE": str(directory / "log"),
        "RABBITMQ_LOGS": "-",
        "RABBITMQ_CONFIG_FILE": str(directory / "rabbitmq.conf"),
        "RABBITMQ_ENABLED_PLUGINS_FILE": str(directory / "enabled_plugins"),
        # The distribution is for command line tools of this machine only; busy waiting would cost idle CPU; the
        # management agent takes 5 s to end when the queues have long been closed.
        "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": (
            "-kernel inet_dist_use_interface {127,0,0,1} -shutdown_time 1000 +sbwt none +sbwtdcpu none +sbwtdio none"
        ),
        # Makes the script replace itself by the broker, which then gets our signals; it does nothing else.
        "RUNNING_UNDER_SYSTEMD": "true",
    }
