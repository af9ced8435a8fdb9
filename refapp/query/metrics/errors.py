"""What can go wrong when metrics are asked for."""

import re
from typing import Self

# prometheus/promql/parser/parse.go, ParseErr.Error: line and column, both from 1, the column in bytes.
_POSITION = re.compile(r"(\d+):(\d+): (?=parse error: )")


class NoMetricsError(RuntimeError):
    """The platform runs without a Prometheus."""


class MetricsWarning(UserWarning):
    """Prometheus has answered, and says what may be wrong with the answer."""


class ExpressionError(ValueError):
    """Prometheus does not understand an expression, or cannot evaluate it.

    The message is Prometheus' own, and shows the place in the expression when it tells one.

    Attributes:
        expression: what was asked.
        reason: what Prometheus said.
        line: of the place, counted from 1; None when it tells none.
        column: of the place, in characters, counted from 1; None when it tells none.
    """

    def __init__(self, reason: str, expression: str, line: int | None = None, column: int | None = None) -> None:
        self.reason = reason
        self.expression = expression
        self.line = line
        self.column = column
        super().__init__(f"{reason}\n\n{self._shown()}")

    @classmethod
    def from_message(cls, message: str, expression: str) -> Self:
        """The error that Prometheus reports in a message such as `invalid parameter "query": 1:5: parse error: …`."""
        match = _POSITION.search(message)
        if not match:
            return cls(message.removeprefix('invalid parameter "query": '), expression)
        line, byte = int(match[1]), int(match[2])
        text = _lines(expression)[line - 1].encode() if line <= len(_lines(expression)) else b""
        column = len(text[: byte - 1].decode(errors="ignore")) + 1
        reason = f"{line}:{column}: {message[match.end() :]}"
        return cls(reason, expression, line, column)

    def _shown(self) -> str:
        """The expression, with a caret below the place."""
        shown = [f"    {line}" for line in _lines(self.expression)]
        if self.line is not None and self.column is not None and self.line <= len(shown):
            before = _lines(self.expression)[self.line - 1][: self.column - 1]
            # A tab stays one, so that the caret stands where it has to, however wide it is shown.
            pad = "".join("\t" if character == "\t" else " " for character in before)
            shown.insert(self.line, f"    {pad}^")
        return "\n".join(shown)


def _lines(expression: str) -> list[str]:
    """Its lines as Prometheus counts them, which knows one end of a line only."""
    return expression.split("\n")
