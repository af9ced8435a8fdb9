"""What Container Insights computes from what was measured.

The formulas are those of "Container Insights performance log events" and "Relevant fields in performance log events" in
the CloudWatch user guide. What cannot be computed is None: there is no field then, and never a NaN.
"""

import math
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from refapp.backends.containerinsights.readings import Fields
from refapp.backends.containers.inventory import Container

_MILLI = 1000


class Resources(NamedTuple):
    """Resources: CPU in millicores, memory in bytes; None where they are not set."""

    cpu: int | None
    memory: int | None


def requests(containers: Iterable[Container]) -> Resources:
    """What containers request together; those that request nothing do not count."""
    containers = list(containers)
    cpu = [millicores(item.cpu_request) for item in containers if item.cpu_request]
    memory = [item.memory_request for item in containers if item.memory_request]
    return Resources(sum(cpu) or None, sum(memory) or None)


def limits(containers: Iterable[Container]) -> Resources:
    """What containers may use together: there is no limit when one of them has none."""
    containers = list(containers)
    cpu = [millicores(item.cpu_limit) for item in containers if item.cpu_limit]
    memory = [item.memory_limit for item in containers if item.memory_limit]
    return Resources(
        sum(cpu) if cpu and len(cpu) == len(containers) else None,
        sum(memory) if memory and len(memory) == len(containers) else None,
    )


def millicores(cores: float) -> int:
    """Cores in thousandths, rounded up as Kubernetes does (`MilliValue` of its Quantity)."""
    return math.ceil(round(cores * _MILLI, 6))


def percent(part: float | None, whole: float | None) -> float | None:
    """How many hundredths of the whole a part is; not known when one of them is not, or there is no whole."""
    return None if part is None or not whole else part / whole * 100


def utilization(fields: Fields, capacity: Resources) -> Mapping[str, float | None]:
    """How much of the node is used."""
    return {
        "cpu_utilization": percent(fields.get("cpu_usage_total"), capacity.cpu),
        "memory_utilization": percent(fields.get("memory_working_set"), capacity.memory),
    }


def utilization_over(what: str, fields: Fields, limit: Resources) -> Mapping[str, float | None]:
    """How much is used of the limit of a `pod` or `container`."""
    return {
        f"cpu_utilization_over_{what}_limit": percent(fields.get("cpu_usage_total"), limit.cpu),
        f"memory_utilization_over_{what}_limit": percent(fields.get("memory_working_set"), limit.memory),
    }


def reserved(request: Resources, capacity: Resources) -> Mapping[str, float | None]:
    """How much of the node is reserved by requests."""
    return {
        "cpu_reserved_capacity": percent(request.cpu, capacity.cpu),
        "memory_reserved_capacity": percent(request.memory, capacity.memory),
    }


def network(interfaces: Iterable[Fields]) -> Fields:
    """What goes through all interfaces: the sums of those rates that are known of each of them."""
    interfaces = list(interfaces)
    known = set.intersection(*map(set, interfaces)) if interfaces else set()
    return with_total({name: sum(fields[name] for fields in interfaces) for name in sorted(known)})


def with_total(fields: Fields) -> Fields:
    """The rates of an interface, and what it receives and sends together."""
    received, sent = fields.get("network_rx_bytes"), fields.get("network_tx_bytes")
    return fields if received is None or sent is None else {**fields, "network_total_bytes": received + sent}


def named(prefix: str, *fields: Mapping[str, float | None]) -> Fields:
    """Fields as they stand in an event, without those that are not known."""
    return {prefix + name: value for part in fields for name, value in part.items() if value is not None}
