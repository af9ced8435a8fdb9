"""What Prometheus tells of itself, as data frames: targets, rules, alerts, flags, and what metrics are about."""

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from refapp.query.metrics.frames import label_names, moment

_TARGET = ["job", "instance", "health", "url", "last_scrape", "scrape_ms", "error"]
_RULE = ["group", "name", "type", "expr", "lasting_s", "state", "health", "evaluation_ms", "error"]
_ALERT = ["alert", "state", "since", "value"]


def metadata(data: Mapping[str, Sequence[Mapping[str, str]]]) -> pd.DataFrame:
    """One row for each explanation of a metric: metric, type, help, unit."""
    rows = [
        (metric, told["type"], told["help"], told.get("unit", "")) for metric in sorted(data) for told in data[metric]
    ]
    return pd.DataFrame(rows, columns=["metric", "type", "help", "unit"])


def targets(data: Mapping[str, Any]) -> pd.DataFrame:
    """One row a target, by job and instance: its state, its last scrape, and its labels."""
    found = sorted(data["activeTargets"], key=lambda target: (target["labels"]["job"], target["labels"]["instance"]))
    others = _others([target["labels"] for target in found], {"job", "instance"})
    rows = [
        (
            target["labels"]["job"],
            target["labels"]["instance"],
            target["health"],
            target["scrapeUrl"],
            moment(target["lastScrape"]),
            target["lastScrapeDuration"] * 1000,
            target["lastError"],
            *(target["labels"].get(name, "") for name in others),
        )
        for target in found
    ]
    return _timed(pd.DataFrame(rows, columns=[*_TARGET, *_columns(others, _TARGET)]), "last_scrape")


def flags(data: Mapping[str, str]) -> pd.DataFrame:
    """One row a flag: flag, value."""
    return pd.DataFrame(sorted(data.items()), columns=["flag", "value"])


def rules(data: Mapping[str, Any]) -> pd.DataFrame:
    """One row a rule, in their order. A recording rule has no state, and lasts no time."""
    rows = [
        (
            group["name"],
            rule["name"],
            rule["type"],
            rule["query"],
            rule.get("duration", 0.0),
            rule.get("state", ""),
            rule["health"],
            rule["evaluationTime"] * 1000,
            rule.get("lastError", ""),
        )
        for group in data["groups"]
        for rule in group["rules"]
    ]
    return pd.DataFrame(rows, columns=_RULE)


def alerts(data: Mapping[str, Any]) -> pd.DataFrame:
    """One row an alert, the newest first: its state, since when, its value, its labels and its summary."""
    found = sorted(data["alerts"], key=lambda alert: alert["activeAt"], reverse=True)
    others = _others([alert["labels"] for alert in found], {"alertname"})
    rows = [
        (
            alert["labels"]["alertname"],
            alert["state"],
            moment(alert["activeAt"]),
            float(alert["value"]),
            *(alert["labels"].get(name, "") for name in others),
            alert["annotations"].get("summary", ""),
        )
        for alert in found
    ]
    columns = [*_ALERT, *_columns(others, [*_ALERT, "summary"]), "summary"]
    return _timed(pd.DataFrame(rows, columns=columns), "since")


def _others(series: Sequence[Mapping[str, str]], known: set[str]) -> list[str]:
    return [name for name in label_names(series) if name not in known]


def _columns(labels: Sequence[str], taken: Sequence[str]) -> list[str]:
    """The columns of labels; one that is called as another column would hide it."""
    return [f"label_{name}" if name in taken else name for name in labels]


def _timed(frame: pd.DataFrame, column: str) -> pd.DataFrame:
    return frame.assign(**{column: pd.to_datetime(frame[column], utc=True)})
