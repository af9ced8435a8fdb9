"""From expressions to values."""

from collections.abc import Callable

from refapp.backends.cloudwatch.errors import MalformedQuery
from refapp.backends.cloudwatch.events.columns import COLUMNS
from refapp.backends.cloudwatch.insights import addresses, datetimes, scalars, structures, tree, values
from refapp.backends.cloudwatch.insights.arguments import Arguments, Clock, condition, number, text
from refapp.backends.cloudwatch.insights.comparisons import compare, one_of
from refapp.backends.cloudwatch.insights.regexes import is_plain, pattern_of
from refapp.backends.cloudwatch.insights.rows import Rows
from refapp.backends.cloudwatch.insights.tree import Expression
from refapp.backends.cloudwatch.insights.values import MISSING, Kind, Value

FUNCTIONS = scalars.FUNCTIONS | datetimes.FUNCTIONS | structures.FUNCTIONS | addresses.FUNCTIONS
_BY_LOWER_NAME = {name.lower(): function for name, function in FUNCTIONS.items()}

Aggregate = Callable[[tree.Call], Value | None]


class Expressions:
    """Makes values of expressions over rows.

    `aggregate` makes one of a call that is an aggregate, and is None where there can be none.
    """

    def __init__(self, rows: Rows, clock: Clock, aggregate: Aggregate | None = None) -> None:
        self.rows, self.clock = rows, clock
        self._aggregate = aggregate

    def value(self, expression: Expression) -> Value:
        """The value of an expression.

        Raises:
            MalformedQuery: it has something that is not known, or cannot be there.
        """
        match expression:
            case tree.Number(value=literal) | tree.Text(value=literal):
                return self._literal(literal)
            case tree.Field():
                return self._field(expression)
            case tree.Member(of=of, path=path):
                return structures.member(self.value(of), path, self.rows)
            case tree.Call():
                return self._call(expression)
            case tree.Negative() | tree.Arithmetic():
                return number(self._computed(expression))
            case tree.Regex(span=span) | tree.Period(span=span):
                raise MalformedQuery("a regular expression or a period cannot be here", *span)
            case _:
                return condition(self.condition(expression))

    def condition(self, expression: Expression) -> str:
        """An expression as a condition, in SQL; null when it does not hold."""
        match expression:
            case tree.Comparison(operator=operator, left=left, right=right):
                return compare(operator, self.value(left), self.value(right), self.rows.let)
            case tree.In(subject=subject, values=several):
                return one_of(self.value(subject), [self.value(value) for value in several], self.rows.let)
            case tree.Like(subject=subject, pattern=pattern):
                return self._like(self.text(subject), pattern)
            case tree.Not(operand=operand):
                return f"NOT coalesce({self.condition(operand)}, false)"
            case tree.Logical(operator=operator, operands=operands):
                return f"({f' {operator.upper()} '.join(self.condition(operand) for operand in operands)})"
            case _:
                return values.condition(self.value(expression), self.rows.let)

    def text(self, expression: Expression) -> str:
        """An expression as a text, in SQL."""
        return values.text(self.value(expression), self.rows.let)

    def number(self, expression: Expression) -> str:
        """An expression as a number, in SQL."""
        return values.number(self.value(expression), self.rows.let)

    def _field(self, field: tree.Field) -> Value:
        names = self.rows.names
        if field.name in names:
            return names[field.name]
        for length in range(len(field.parts) - 1, 0, -1):
            known = names.get(".".join(field.parts[:length]))
            if known is not None and known.kind is Kind.STRUCTURE:
                return structures.member(known, field.parts[length:], self.rows)
        if not self.rows.open:
            raise MalformedQuery(f"`{field.name}` is not known after `stats` or `pattern`", *field.span)
        if field.name.startswith("@") and not field.name.startswith("@@"):
            return MISSING  # a field of CloudWatch's own that events have not here
        if field.name in COLUMNS:
            return text(COLUMNS[field.name])
        return text(f"variant_extract(fields, {self.rows.parameters.add(field.name)})::VARCHAR")

    def _call(self, call: tree.Call) -> Value:
        aggregate = self._aggregate(call) if self._aggregate is not None else None
        if aggregate is not None:
            return aggregate
        function = _BY_LOWER_NAME.get(call.name.lower())
        if function is None or call.star:
            raise MalformedQuery(f"the function `{call.name}` is not known here", *call.span)
        given = len(call.arguments)
        if not function.least <= given <= function.most:
            several = f"{function.least}" if function.least == function.most else f"{function.least} to {function.most}"
            raise MalformedQuery(f"`{call.name}` takes {several} arguments, not {given}", *call.span)
        return function.build(Arguments(call, self))

    def _literal(self, said: str | float) -> Value:
        parameter = self.rows.parameters.add(said)
        if isinstance(said, str):
            return Value(f"{parameter}::VARCHAR", Kind.TEXT, said, growth=max(1, len(said) / values.TYPICAL))
        return Value(f"{parameter}::DOUBLE", Kind.NUMBER, said)

    def _like(self, said: str, pattern: tree.Text | tree.Regex) -> str:
        part = pattern.value if isinstance(pattern, tree.Text) else pattern_of(pattern).text
        plain = isinstance(pattern, tree.Text) or is_plain(part)  # which is faster to look for
        return f"{'contains' if plain else 'regexp_matches'}({said}, {self.rows.parameters.add(part)})"

    def _computed(self, expression: tree.Negative | tree.Arithmetic) -> str:
        if isinstance(expression, tree.Negative):
            return f"(-{self.number(expression.operand)})"
        left, right = self.number(expression.left), self.number(expression.right)
        if expression.operator != "^":
            return f"({left} {expression.operator} {right})"
        power = self.rows.let(f"pow({left}, {right})")
        return f"CASE WHEN isfinite({power}) THEN {power} END"
