"""What pods and nodes use, as `kubectl top` shows it: read from the resource metrics API of Kubernetes.

Its shape is that of https://kubernetes.io/docs/reference/external-api/metrics.v1beta1/.
"""

import math
import re
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from refapp.query.answers import BackendError, ask, said, unreadable
from refapp.topology import MIB, NAMESPACE

if TYPE_CHECKING:
    import pandas as pd

_API = "/apis/metrics.k8s.io/v1beta1"
_TIMEOUT = 10.0  # seconds
# The suffixes and exponents of a quantity (apimachinery's pkg/api/resource).
_QUANTITY = re.compile(r"([+-]?(?:\d+\.?\d*|\.\d+))(?:([numkMGTPE]|[KMGTPE]i)|[eE]([+-]?\d{1,3}))?", re.ASCII)
_DECIMAL = {suffix: Fraction(10) ** (3 * power) for power, suffix in enumerate("num", -3)} | {
    suffix: Fraction(10) ** (3 * power) for power, suffix in enumerate("kMGTPE", 1)
}
_BINARY = {f"{suffix}i": Fraction(2) ** (10 * power) for power, suffix in enumerate("KMGTPE", 1)}
_FACTORS = _DECIMAL | _BINARY


class ResourcesError(RuntimeError):
    """The API could not be asked, or refused; the message has its address and what it said."""


class Resources:
    """A client of the resource metrics API below an address: the local platform's node, or `kubectl proxy`."""

    def __init__(self, url: str) -> None:
        self._url = url.rstrip("/")

    def pods(self, containers: bool = False, *, namespace: str = NAMESPACE) -> "pd.DataFrame":
        """The pods of a namespace in alphabetical order: name, cpu in millicores, memory (working set) in bytes.

        With `containers` there is a row for each container, and first a column with the name of its pod.

        Raises:
            ResourcesError: there is no answer, it is an error, or it is none of this API.
        """
        import pandas as pd  # noqa: PLC0415

        rows = self._get(f"{_API}/namespaces/{namespace}/pods", _pod_rows)
        frame = pd.DataFrame(rows, columns=["pod", "name", "cpu", "memory"])
        if containers:
            return frame.sort_values(["pod", "name"], ignore_index=True)
        sums = frame.groupby("pod", as_index=False)[["cpu", "memory"]].sum()
        return sums.rename(columns={"pod": "name"})

    def nodes(self) -> "pd.DataFrame":
        """The nodes in alphabetical order: name, cpu in millicores, memory in bytes, and their share of the node.

        The shares are `cpu_percent` and `memory_percent`, of what pods may use of the node; NaN where that is unknown.

        Raises:
            ResourcesError: there is no answer, it is an error, or it is none of this API.
        """
        import pandas as pd  # noqa: PLC0415

        used = pd.DataFrame(self._get(f"{_API}/nodes", _node_rows), columns=["name", "cpu", "memory"])
        there = pd.DataFrame(self._get("/api/v1/nodes", _allocatable_rows), columns=["name", "cores", "bytes"])
        frame = used.merge(there, on="name", how="left").sort_values("name", ignore_index=True)
        frame = frame.assign(
            cpu_percent=100 * frame["cpu"] / frame["cores"], memory_percent=100 * frame["memory"] / frame["bytes"]
        )
        return frame[["name", "cpu", "cpu_percent", "memory", "memory_percent"]]

    def _get(self, path: str, read: Any) -> list[tuple[Any, ...]]:
        address = self._url + path
        try:
            response = ask("GET", address, timeout=_TIMEOUT)
        except BackendError as error:
            raise ResourcesError(str(error)) from error
        if not response.is_success:
            raise ResourcesError(f"{address} answered {response.status_code}: {said(response)}")
        try:
            return [row for item in response.json()["items"] for row in read(item)]
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            raise ResourcesError(str(unreadable(response, repr(error)))) from error


def parse_quantity(text: str) -> Fraction:
    """The number that a quantity of Kubernetes stands for, such as `250m`, `13Mi`, `1.5` or `1e3`.

    Raises:
        ValueError: it is no quantity.
    """
    match = _QUANTITY.fullmatch(text)
    if match is None:
        raise ValueError(f"{text!r} is no quantity")
    number, suffix, exponent = match.groups()
    return Fraction(number) * _FACTORS.get(suffix, Fraction(1)) * Fraction(10) ** int(exponent or 0)


def format_cpu(millicores: float) -> str:
    """CPU as `kubectl top` prints it, such as `135m`: part of a millicore counts as a whole one."""
    # The sum of nanocores is not exact in millicores, which must not round it up.
    return f"{math.ceil(round(millicores, 6))}m"


def format_memory(size: float) -> str:
    """Memory as `kubectl top` prints it, such as `13Mi`: part of a mebibyte is left out."""
    return f"{int(size // MIB)}Mi"


def _pod_rows(item: Any) -> list[tuple[Any, ...]]:
    pod = item["metadata"]["name"]
    return [(pod, container["name"], *_usage(container["usage"])) for container in item["containers"]]


def _node_rows(item: Any) -> list[tuple[Any, ...]]:
    return [(item["metadata"]["name"], *_usage(item["usage"]))]


def _allocatable_rows(item: Any) -> list[tuple[Any, ...]]:
    return [(item["metadata"]["name"], *_usage(item["status"]["allocatable"]))]


def _usage(quantities: Any) -> tuple[float, int]:
    """Millicores and bytes."""
    return float(parse_quantity(quantities["cpu"]) * 1000), int(parse_quantity(quantities["memory"]))
