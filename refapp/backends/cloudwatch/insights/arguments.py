"""What a function of a query is given, and what it says of itself."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import NoReturn, Protocol

from refapp.backends.cloudwatch.errors import MalformedQuery
from refapp.backends.cloudwatch.insights import tree, values
from refapp.backends.cloudwatch.insights.regexes import Pattern, pattern_of
from refapp.backends.cloudwatch.insights.rows import Rows
from refapp.backends.cloudwatch.insights.values import Kind, Value

_MOST_GROWTH = 100


@dataclass(frozen=True, slots=True)
class Clock:
    """The times of a query: what it asks for, both included, and when it was started; milliseconds since 1970."""

    start: int
    end: int
    now: int


class Compiler(Protocol):
    """What makes a value of an expression."""

    rows: Rows
    clock: Clock

    def value(self, expression: tree.Expression) -> Value:
        """The value of an expression."""


class Arguments:
    """The arguments of a call, each as what the function asks for."""

    def __init__(self, call: tree.Call, compiler: Compiler) -> None:
        self._call, self._compiler = call, compiler
        self._values: dict[int, Value] = {}
        self.rows, self.clock = compiler.rows, compiler.clock
        self.let = compiler.rows.let

    def __len__(self) -> int:
        return len(self._call.arguments)

    def value(self, place: int) -> Value:
        """An argument as it is."""
        if place not in self._values:
            self._values[place] = self._compiler.value(self._call.arguments[place])
        return self._values[place]

    def text(self, place: int) -> str:
        """An argument as a text, in SQL."""
        return values.text(self.value(place), self.let)

    def number(self, place: int) -> str:
        """An argument as a DOUBLE, in SQL."""
        return values.number(self.value(place), self.let)

    def whole(self, place: int) -> str:
        """An argument as a BIGINT, in SQL, its decimals cut off."""
        return f"TRY_CAST(trunc({self.number(place)}) AS BIGINT)"

    def condition(self, place: int) -> str:
        """An argument as a condition, in SQL."""
        return values.condition(self.value(place), self.let)

    def time(self, place: int) -> str:
        """An argument as a BIGINT of milliseconds since 1970, in SQL."""
        return values.time(self.value(place), self.let)

    def structure(self, place: int) -> str:
        """An argument as a map or a list, in SQL."""
        return values.structure(self.value(place), self.let)

    def said(self, place: int) -> str:
        """An argument that has to be a string in the query itself."""
        argument = self._call.arguments[place]
        return argument.value if isinstance(argument, tree.Text) else self.refuse("this has to be a string", place)

    def said_number(self, place: int) -> float:
        """An argument that has to be a number in the query itself."""
        argument = self._call.arguments[place]
        return argument.value if isinstance(argument, tree.Number) else self.refuse("this has to be a number", place)

    def period(self, place: int) -> tree.Period:
        """An argument that has to be a period of time."""
        argument = self._call.arguments[place]
        return argument if isinstance(argument, tree.Period) else self.refuse("this has to be a period, like 5m", place)

    def pattern(self, place: int) -> Pattern:
        """An argument that has to be a regular expression, or a string with one."""
        argument = self._call.arguments[place]
        if isinstance(argument, tree.Text):
            argument = tree.Regex(argument.span, argument.value)
        if not isinstance(argument, tree.Regex):
            return self.refuse("this has to be a regular expression", place)
        return pattern_of(argument)

    def grown(self, value: Value, growth: float) -> Value:
        """A value that may be so many times as long as most texts of events.

        Raises:
            MalformedQuery: that is too long.
        """
        if growth > _MOST_GROWTH:
            self.refuse_call(f"this makes texts more than {_MOST_GROWTH} times as long")
        return replace(value, growth=growth)

    def parameter(self, value: str | float) -> str:
        """What stands for a value in SQL."""
        return self.rows.parameters.add(value)

    def refuse(self, message: str, place: int) -> NoReturn:
        """Say that an argument is wrong.

        Raises:
            MalformedQuery: always.
        """
        raise MalformedQuery(message, *self._call.arguments[place].span)

    def refuse_call(self, message: str) -> NoReturn:
        """Say that the function cannot be called here.

        Raises:
            MalformedQuery: always.
        """
        raise MalformedQuery(message, *self._call.span)


@dataclass(frozen=True, slots=True)
class Function:
    """A function: how many arguments it takes, and what it makes of them."""

    least: int
    most: int
    build: Callable[[Arguments], Value]


ANY_NUMBER = 1000  # of arguments


def number(sql: str) -> Value:
    """A value that is a number."""
    return Value(sql, Kind.NUMBER)


def text(sql: str) -> Value:
    """A value that is a text."""
    return Value(sql, Kind.TEXT)


def condition(sql: str) -> Value:
    """A value that is a condition."""
    return Value(sql, Kind.CONDITION)


def structure(sql: str) -> Value:
    """A value that is a map or a list."""
    return Value(sql, Kind.STRUCTURE)


def time(sql: str) -> Value:
    """A value that is a time."""
    return Value(sql, Kind.TIME)
