"""From which value on a measured number is too much."""

from dataclasses import dataclass
from datetime import timedelta

from refapp.mesh.certificates import LIFETIME


@dataclass(frozen=True, kw_only=True)
class Thresholds:
    """The limits of the alerts.

    Attributes:
        cpu: of one pod's application, in millicores; the article's.
        errors: the share of the calls to a workload that fail.
        latency: below which 99 of 100 calls to a workload are answered, in milliseconds.
        saturation: the share of its memory or CPU limit that a container uses.
        backlog: messages that wait in a queue.
        restarts: of a container, within ten minutes before scaling.
        certificate: how long a certificate has to be valid still. Not scaled: the lives of certificates are not. A
            sidecar gets a new one after half of its life, so less than a quarter means that it was not renewed.
    """

    cpu: float = 300.0
    errors: float = 0.05
    latency: float = 500.0
    saturation: float = 0.9
    backlog: int = 100
    restarts: int = 3
    certificate: timedelta = LIFETIME / 4
