"""What can go wrong when CloudWatch is asked."""

from collections.abc import Mapping
from typing import Any

from refapp.query.answers import BackendError


class CloudError(BackendError):
    """AWS, or what stands for it, could not be asked, or refused; the message has what it said.

    Attributes:
        status: the HTTP status of its answer; None when there was none.
        code: AWS's name of the error, such as `ResourceNotFoundException`; empty when there was no answer.
        details: the other members of the error's shape.
    """

    def __init__(
        self, message: str, status: int | None = None, code: str = "", details: Mapping[str, Any] | None = None
    ) -> None:
        super().__init__(message, status)
        self.code = code
        self.details = dict(details or {})


class CloudWarning(UserWarning):
    """CloudWatch has answered, and says what may be wrong with the answer."""


class NoCloudError(CloudError):
    """The platform runs without anything that stands for AWS."""


class QueryError(CloudError, ValueError):
    """Logs Insights does not understand a query; the message shows the place in it.

    Attributes:
        query: what was asked.
        reason: what CloudWatch said.
        start: of the place, in characters, counted from 0; None when it tells none.
        end: the first character behind the place.
    """

    def __init__(self, reason: str, query: str, start: int | None = None, end: int | None = None) -> None:
        self.query = query
        self.reason = reason
        self.start = start
        self.end = end
        super().__init__(f"{reason}\n\n{self._shown()}", 400, "MalformedQueryException")

    def _shown(self) -> str:
        """The query, with carets below the place, up to the end of its line."""
        lines = [f"    {line}" for line in self.query.split("\n")]
        if self.start is None:
            return "\n".join(lines)
        before = self.query[: self.start].split("\n")
        row, column = len(before) - 1, len(before[-1])
        line = self.query.split("\n")[row]
        last = min(len(line), column + max(1, (self.end or self.start) - self.start))
        # A tab stays one, so that the carets stand where they have to, however wide it is shown.
        pad = "".join("\t" if character == "\t" else " " for character in line[:column])
        lines.insert(row + 1, f"    {pad}{'^' * max(1, last - column)}")
        return "\n".join(lines)


class UnfinishedQueryError(CloudError):
    """A query ended without its whole result; `state` is why, in CloudWatch's words, such as `Failed` or `Timeout`."""

    def __init__(self, state: str, query: str) -> None:
        self.state = state
        self.query = query
        super().__init__(f"the query ended as {state}: {' '.join(query.split())}")
