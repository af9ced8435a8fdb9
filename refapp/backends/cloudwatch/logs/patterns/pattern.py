"""What all filter patterns have in common."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from typing import Any, Final

from refapp.backends.cloudwatch.errors import InvalidParameter

LONGEST: Final = 1024
"""Characters of a filter pattern. Source: `FilterPattern` in the service's model."""

MOST_REGEXES: Final = 2
"""Regular expressions in a pattern about JSON or words."""

Scalar = str | int | float
Reference = Callable[[Any], Scalar | None]
"""What a metric filter reads from an event's content: a text, a number, or None when the event has no such thing."""


class PatternError(InvalidParameter):
    """A filter pattern cannot be used; the text says why."""

    def __init__(self, reason: str) -> None:
        super().__init__(f"Invalid filter pattern: {reason}")


class Pattern(ABC):
    """Chooses log events by their messages.

    A message is read once, by `content`; `chosen` and references look at what came of it.
    """

    regexes: int = 0
    """How many regular expressions are in it."""

    def matches(self, message: str) -> bool:
        """Whether an event of this message is chosen."""
        content = self.content(message)
        return content is not None and self.chosen(content)

    @abstractmethod
    def content(self, message: str) -> Any | None:
        """What the pattern looks at in a message; None when the message is not of the form that it is about."""

    @abstractmethod
    def chosen(self, content: Any) -> bool:
        """Whether an event of this content is chosen."""

    def extract(self, _: str) -> Mapping[str, str]:
        """The values of the words in a line, by their names in the pattern; empty for all other patterns."""
        return {}

    @property
    def needles(self) -> tuple[str, ...]:
        """Texts that each message has which the pattern chooses: for a search that is quicker."""
        return ()

    def reference(self, text: str) -> Reference:
        """What `$.property` or `$word` stands for beside this pattern.

        Raises:
            PatternError: it stands for nothing.
        """
        raise PatternError(f"{text} refers to nothing: only patterns in braces or brackets name values")
