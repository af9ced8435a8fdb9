"""The files of what watches a platform, and the commands that start it."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from refapp.mesh import Address
from refapp.mesh.files import replace
from refapp.monitoring import alertmanager, scraping
from refapp.monitoring.alertmanager import CHANNEL
from refapp.monitoring.rules import OBJECTIVES, Group, Objective, Thresholds, as_yaml, groups
from refapp.monitoring.timing import DAY, LOCAL, MINUTE, SECOND, Timing, duration
from refapp.topology import REFERENCE, Topology

_RULES = "reference"


@dataclass(frozen=True, kw_only=True)
class Monitoring:
    """What watches a platform.

    Attributes:
        directory: where its files are: configuration, targets, rules, and what the servers store.
        prometheus: where Prometheus listens.
        alertmanager: where Alertmanager listens.
        slack: the URL of the webhook that gets the messages; a secret one as the path of a file that holds it.
        topology: the workloads that are watched.
        timing: how often, and by what every other time is multiplied.
        thresholds: the limits of the alerts.
        objectives: the service level objectives.
        retention: how long series are kept.
        channel: the Slack channel.
    """

    directory: Path
    prometheus: Address
    alertmanager: Address
    slack: str | Path
    topology: Topology = REFERENCE
    timing: Timing = field(default_factory=lambda: LOCAL)
    thresholds: Thresholds = field(default_factory=Thresholds)
    objectives: tuple[Objective, ...] = OBJECTIVES
    retention: timedelta = DAY
    channel: str = CHANNEL

    @property
    def prometheus_file(self) -> Path:
        """Prometheus' configuration."""
        return self.directory / "prometheus.yml"

    @property
    def alertmanager_file(self) -> Path:
        """Alertmanager's configuration."""
        return self.directory / "alertmanager.yml"

    def rules_file(self, name: str = _RULES) -> Path:
        """A file of rules."""
        return self.directory / scraping.RULES.replace("*", name)


def write(monitoring: Monitoring) -> None:
    """Write what the servers start with: both configurations, rules, template, and their own two targets.

    The targets of a job whose file is not there yet are none.
    """
    files = {
        monitoring.directory / alertmanager.TEMPLATES.replace("*", "slack"): alertmanager.template(),
        monitoring.alertmanager_file: alertmanager.configuration(
            monitoring.timing, monitoring.slack, channel=monitoring.channel
        ),
        monitoring.prometheus_file: scraping.configuration(monitoring.timing, monitoring.alertmanager),
    }
    for path, content in files.items():
        replace(path, content.encode())
    rules = groups(monitoring.topology, monitoring.timing, monitoring.thresholds, monitoring.objectives)
    write_rules(monitoring, _RULES, rules)
    for job in scraping.JOBS:
        if not scraping.targets_file(monitoring.directory, job).exists():
            scraping.write_targets(monitoring.directory, job, ())
    own = {scraping.PROMETHEUS: monitoring.prometheus, scraping.ALERTMANAGER: monitoring.alertmanager}
    for job, address in own.items():
        scraping.write_targets(monitoring.directory, job, [scraping.Target(address)])


def write_rules(monitoring: Monitoring, name: str, rules: Iterable[Group]) -> Path:
    """Put a file of rules into place, beside others, and return where.

    A Prometheus that runs reads it when it gets a SIGHUP or a POST to `/-/reload`.
    """
    path = monitoring.rules_file(name)
    replace(path, as_yaml(rules).encode())
    return path


def prometheus_command(monitoring: Monitoring, program: str = "prometheus") -> tuple[str, ...]:
    """The command that starts Prometheus; it is ready when `/-/ready` answers with 200."""
    return (
        program,
        f"--config.file={monitoring.prometheus_file}",
        f"--storage.tsdb.path={monitoring.directory / 'tsdb'}",
        f"--storage.tsdb.retention.time={duration(monitoring.retention)}",
        f"--web.listen-address={monitoring.prometheus}",
        f"--web.external-url={monitoring.prometheus.url}/",
        "--web.enable-lifecycle",
        # The least time between two changes of the targets; 5 s without.
        f"--scrape.discovery-reload-interval={duration(min(monitoring.timing.interval, 5 * SECOND))}",
        # Alerts that fire while Alertmanager is not known yet, which takes seconds after a start or a reload, are lost
        # until they are sent again.
        f"--rules.alert.resend-delay={monitoring.timing.lasting(MINUTE)}",
        "--log.level=warn",
    )


def alertmanager_command(monitoring: Monitoring, program: str = "prometheus-alertmanager") -> tuple[str, ...]:
    """The command that starts Alertmanager; it is ready when `/-/ready` answers with 200."""
    return (
        program,
        f"--config.file={monitoring.alertmanager_file}",
        f"--storage.path={monitoring.directory / 'alertmanager'}",
        f"--web.listen-address={monitoring.alertmanager}",
        f"--web.external-url={monitoring.alertmanager.url}/",
        "--cluster.listen-address=",  # one alone has no others to agree with, and needs no second port
        "--log.level=warn",
    )
