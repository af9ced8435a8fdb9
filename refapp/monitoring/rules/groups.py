"""Rules as data, and as the YAML that Prometheus reads.

The format is that of https://prometheus.io/docs/prometheus/latest/configuration/recording_rules/.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from refapp.monitoring.documents import dump


class Severity(StrEnum):
    """How soon somebody has to look: at once, this week, or when there is time."""

    CRITICAL = "critical"
    WARNING = "warning"
    INFO = "info"


@dataclass(frozen=True, kw_only=True)
class Recording:
    """A series that is computed ahead: its name, its expression, and labels that are set on it."""

    record: str
    expr: str
    labels: Mapping[str, str] = field(default_factory=dict)

    def as_dict(self) -> dict[str, Any]:
        """The rule as YAML types."""
        rule: dict[str, Any] = {"record": self.record, "expr": self.expr}
        return rule | ({"labels": dict(self.labels)} if self.labels else {})


@dataclass(frozen=True, kw_only=True)
class Alert:
    """Fires for each series of `expr` that is there without a gap for as long as `lasting` says.

    `summary` is one line, `value` the measured number with its unit, `description` what it means, and `runbook` what to
    do; all may use Prometheus' templates. `lasting` is a duration as Prometheus writes it; empty for at once.
    """

    name: str
    expr: str
    severity: Severity
    summary: str
    description: str
    value: str
    runbook: str
    lasting: str = ""
    labels: Mapping[str, str] = field(default_factory=dict)

    def as_dict(self) -> dict[str, Any]:
        """The rule as YAML types."""
        rule: dict[str, Any] = {"alert": self.name, "expr": self.expr}
        if self.lasting:
            rule["for"] = self.lasting
        rule["labels"] = {"severity": str(self.severity), **self.labels}
        rule["annotations"] = {
            "summary": self.summary,
            "description": self.description,
            "value": self.value,
            "runbook": self.runbook,
        }
        return rule


@dataclass(frozen=True, kw_only=True)
class Group:
    """Rules that are evaluated one after the other, so that each finds what those before it have recorded."""

    name: str
    rules: tuple[Recording | Alert, ...]

    @property
    def alerts(self) -> tuple[Alert, ...]:
        """Those of the rules that are alerts."""
        return tuple(rule for rule in self.rules if isinstance(rule, Alert))


def as_yaml(groups: Iterable[Group]) -> str:
    """The content of a file of rules."""
    content = [{"name": group.name, "rules": [rule.as_dict() for rule in group.rules]} for group in groups]
    return dump({"groups": content})
