"""Where a text cannot be read, for those who wrote it."""

from lark import Token, UnexpectedInput

from refapp.backends.cloudwatch.metrics.errors import ValidationError


def unreadable(what: str, text: str, error: UnexpectedInput) -> ValidationError:
    """The error that says where a text, such as "expression", cannot be read; the first character is 1."""
    token = getattr(error, "token", None)
    if isinstance(token, Token) and token.type == "$END":
        return ValidationError(f"The {what} ends too early.")
    place = error.pos_in_stream or 0
    return ValidationError(f"The {what} cannot be read at character {place + 1}: {text[place : place + 20]!r}.")
