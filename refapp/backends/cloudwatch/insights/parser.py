"""From the text of a query to its tree.

What the guide leaves open, and what is chosen here, so that any query is answered in a time: a query has at most 100
commands, a command at most 100 expressions, nested at most 50 deep, and all of them at most 2,000 names and values.
"""

import re

from lark.exceptions import UnexpectedCharacters, UnexpectedInput, UnexpectedToken, VisitError

from refapp.backends.cloudwatch.errors import MalformedQuery
from refapp.backends.cloudwatch.insights.builder import build
from refapp.backends.cloudwatch.insights.grammar import COMMANDS, UNSUPPORTED, grammar
from refapp.backends.cloudwatch.insights.tree import Expression, Query, expressions, operands

LONGEST = 10_000  # characters of a query, by the model of StartQuery
_MOST_COMMANDS = 100
_MOST_EXPRESSIONS = 100  # of a command
_MOST_PARTS = 2000  # of all expressions
_DEEPEST = 50
_NAME_OR_CHARACTER = re.compile(r"[A-Za-z_]\w*|.", re.DOTALL)


def parse(text: str) -> Query:
    """The tree of a query.

    Raises:
        MalformedQuery: it is no query, or has something that is not supported.
    """
    if len(text) > LONGEST:
        raise MalformedQuery(f"a query has at most {LONGEST:,} characters, not {len(text):,}", LONGEST, len(text))
    try:
        query = build(text, grammar().parse(text))
    except UnexpectedInput as error:
        raise _malformed(text, error) from None
    except VisitError as error:
        raise error.orig_exc from None
    if len(query.commands) > _MOST_COMMANDS:
        raise MalformedQuery(f"a query has at most {_MOST_COMMANDS} commands", *query.commands[_MOST_COMMANDS].span)
    _check_size(query)
    return query


def _check_size(query: Query) -> None:
    parts = 0
    for command in query.commands:
        own = list(expressions(command))
        if len(own) > _MOST_EXPRESSIONS:
            raise MalformedQuery(f"a command has at most {_MOST_EXPRESSIONS} expressions", *own[_MOST_EXPRESSIONS].span)
        for expression in own:
            parts += _parts(expression)
            if parts > _MOST_PARTS:
                raise MalformedQuery(f"a query has at most {_MOST_PARTS:,} names and values", *expression.span)


def _parts(expression: Expression) -> int:
    """How many expressions there are in one; counted by levels, for it may be nested too deeply to walk down."""
    level, parts = [expression], 0
    for _ in range(_DEEPEST):
        parts += len(level)
        level = [operand for above in level for operand in operands(above)]
        if not level:
            return parts
    raise MalformedQuery(f"an expression is nested at most {_DEEPEST} deep", *level[0].span)


def _malformed(text: str, error: UnexpectedInput) -> MalformedQuery:
    if isinstance(error, UnexpectedToken) and error.token.type == "$END":
        message = "the query ends too early" if text.strip() else "the query is empty"
        return MalformedQuery(message, len(text), len(text))
    start = error.pos_in_stream or 0
    match = _NAME_OR_CHARACTER.match(text, start)
    found = match[0] if match else ""
    message = _of_command(found) if "FIELDS" in _expected(error) else f"unexpected `{found}`"
    return MalformedQuery(message, start, start + len(found))


def _expected(error: UnexpectedInput) -> set[str]:
    """The terminals of the grammar that would have been right."""
    if isinstance(error, UnexpectedToken):
        return error.accepts
    return error.allowed or set() if isinstance(error, UnexpectedCharacters) else set()


def _of_command(name: str) -> str:
    if name.lower() in (known.lower() for known in UNSUPPORTED):
        return f"the command `{name}` is not supported"
    return f"`{name}` is no command; these are: {', '.join(COMMANDS)}"
