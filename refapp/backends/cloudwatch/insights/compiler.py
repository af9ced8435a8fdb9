"""From a query's tree to the statements that answer it.

Commands are done one after the other, as they stand. What the guide leaves open, and what is chosen here: `sort` is
ascending unless it says otherwise, and what is missing comes last in both directions; without `sort`, and among equals,
the newest event comes first; a limit counts where it stands, and the smallest of several wins; a field that a command
makes hides one that was discovered; `fields` after `stats` chooses among its columns; a field that `stats` does not
make orders nothing in a `sort` after it, and is refused anywhere else; text that `parse` does not match leaves the
fields missing, with `multi` too, and a group that takes no part is an empty text; `unnest` leaves no row of a missing
or empty list.
"""

from dataclasses import dataclass, replace
from functools import singledispatchmethod

from refapp.backends.cloudwatch.events.store import OVERHEAD
from refapp.backends.cloudwatch.insights import tree, values
from refapp.backends.cloudwatch.insights.aggregates import group, ordering
from refapp.backends.cloudwatch.insights.arguments import Clock
from refapp.backends.cloudwatch.insights.expressions import Expressions
from refapp.backends.cloudwatch.insights.ordering import arranged
from refapp.backends.cloudwatch.insights.patterns import COLUMNS, DYNAMIC, counted, masked
from refapp.backends.cloudwatch.insights.regexes import extraction_of
from refapp.backends.cloudwatch.insights.rows import Parameters, Rows, Statement
from refapp.backends.cloudwatch.insights.structures import elements
from refapp.backends.cloudwatch.insights.values import Kind, Value

MOST_ROWS = 10_000  # when a query does not ask for more
_NEWEST_FIRST = ["timestamp DESC", "id DESC"]


@dataclass(frozen=True, slots=True)
class Selection:
    """Events that a query reads: those of log groups of an account, in the time that the query asks for."""

    groups: tuple[str, ...]
    account: str
    clock: Clock


@dataclass(frozen=True, slots=True)
class Clustering:
    """What `pattern` needs: a statement for texts and how often there are, and the parameters that take its result."""

    texts: Statement
    parameters: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Plan:
    """How a query is answered: statements for what is scanned (number and bytes), what matches (number) and the result.

    `matched` is None when all that is scanned matches. The result has a column of texts for each of `columns`.
    """

    scanned: Statement
    matched: Statement | None
    clustering: Clustering | None
    result: Statement
    columns: tuple[str, ...]


def compile_query(query: tree.Query, selection: Selection, limit: int | None) -> Plan:
    """The plan of a query; `limit` is what the request asks for.

    Raises:
        MalformedQuery: the query has something that is not known, or cannot be where it is.
    """
    compiler = _Compiler(selection)
    for command in arranged(query.commands):
        compiler.add(command)
    return compiler.plan(limit)


class _Compiler:
    def __init__(self, selection: Selection) -> None:
        self._clock = selection.clock
        self._parameters = parameters = Parameters()
        groups = f"SELECT unnest({parameters.add(list(selection.groups))}::VARCHAR[])"
        sources = f"SELECT no FROM sources WHERE log_group IN ({groups})"  # noqa: S608 - no text of a query, see `rows`
        start, end = parameters.add(selection.clock.start), parameters.add(selection.clock.end)
        chosen = f"source IN ({sources}) AND timestamp BETWEEN {start} AND {end}"
        self._events = f"(SELECT * FROM events WHERE {chosen})"  # noqa: S608
        self._rows = Rows(parameters, self._events, self._own_fields(selection.account), list(_NEWEST_FIRST))
        self._rows.open = self._rows.single = True
        self._pointer = self._rows.names["@ptr"]
        self._fields: dict[str, Value] = {}
        self._display: dict[str, Value] = {}
        self._limit: tree.Limit | None = None
        self._matched: Statement | None = None
        self._settled = False
        self._clustering: Clustering | None = None

    def _own_fields(self, account: str) -> dict[str, Value]:
        """Fields that every event has."""
        stream, group = (f"(SELECT {column} FROM sources WHERE no = source)" for column in ("stream", "log_group"))  # noqa: S608
        return {
            "@timestamp": Value("timestamp", Kind.TIME),
            "@ingestionTime": Value("ingestion", Kind.TIME),
            "@message": Value("message", Kind.TEXT),
            "@logStream": Value(stream, Kind.TEXT),
            "@log": Value(f"({self._parameters.add(f'{account}:')} || {group})", Kind.TEXT),
            "@ptr": Value("to_base64(encode('event/' || id))", Kind.TEXT),
        }

    @singledispatchmethod
    def add(self, command: tree.Command) -> None:
        """Do a command with the rows that there are."""
        raise NotImplementedError(command)

    @add.register
    def _(self, command: tree.Fields) -> None:
        self._fields |= {item.name: self._named(item) for item in command.items}

    @add.register
    def _(self, command: tree.Display) -> None:
        self._display = {item.name: self._named(item) for item in command.items}

    @add.register
    def _(self, command: tree.Unmask) -> None:
        for item in command.items:
            self._expressions().value(item.expression)  # which has to be known, even though nothing is done

    @add.register
    def _(self, command: tree.Filter) -> None:
        self._end_limit()
        self._rows.where(self._expressions().condition(command.condition))

    @add.register
    def _(self, command: tree.Sort) -> None:
        self._end_limit()
        rows, terms = self._rows, []
        for key in command.keys:
            field = key.expression
            if rows.open or not isinstance(field, tree.Field) or rows.knows(field):
                terms += ordering(self._expressions().value(field), rows, descending=key.descending)
        rows.order = terms + rows.order

    @add.register
    def _(self, command: tree.Limit) -> None:
        self._end_limit()
        self._limit = command

    @add.register
    def _(self, command: tree.Dedup) -> None:
        self._reduce()
        self._rows.distinct([self._rows.let(self._expressions().text(field)) for field in command.fields])

    @add.register
    def _(self, command: tree.Unnest) -> None:
        value = self._expressions().value(command.expression)
        several, kind = elements(value, self._rows)
        self._reduce()
        element = self._rows.expand(several)
        self._rows.names[command.name] = replace(value, sql=element, kind=kind, literal=None)

    @add.register
    def _(self, command: tree.Stats) -> None:
        self._reduce()
        self._replace_rows(group(command, self._rows, self._clock))

    @add.register
    def _(self, command: tree.Parse) -> None:
        extraction = extraction_of(command)
        subject = self._expressions().value(command.subject)
        said = self._rows.let(values.text(subject, self._rows.let))
        pattern = self._parameters.add(extraction.text)
        matches = f"regexp_matches({said}, {pattern})"
        if extraction.groups == 0:
            return  # a glob without `*` finds nothing
        groups = ", ".join(f"'g{number}'" for number in range(1, extraction.groups + 1))
        if command.multi:
            several = f"regexp_extract_all({said}, {pattern}, [{groups}])"
            self._reduce()
            found = self._rows.expand(f"CASE WHEN {matches} THEN {several} ELSE [NULL] END")
        else:
            found = self._rows.let(f"CASE WHEN {matches} THEN regexp_extract({said}, {pattern}, [{groups}]) END")
        for number, name in extraction.names.items():
            self._rows.names[name] = Value(f"{found}.g{number}", Kind.TEXT, growth=subject.growth)

    @add.register
    def _(self, command: tree.Pattern) -> None:
        rows = self._rows
        self._reduce()
        said = rows.let(masked(self._expressions().text(command.expression), self._parameters.add(DYNAMIC)))
        texts = self._parameters.statement(counted(said, rows.relation()))
        columns = {name: self._parameters.new_column() for name in COLUMNS}
        places = [self._parameters.reserve() for _ in COLUMNS]
        lists = zip(places, COLUMNS.values(), columns.values(), strict=True)
        table = ", ".join(f"unnest({place}::{kind}[]) AS {column}" for place, kind, column in lists)
        kinds = {"VARCHAR": Kind.TEXT, "DOUBLE": Kind.NUMBER}
        names = {name: Value(columns[name], kinds[kind]) for name, kind in COLUMNS.items()}
        self._replace_rows(Rows(self._parameters, f"(SELECT {table})", names, [f"{columns['@sampleCount']} DESC"]))
        self._clustering = Clustering(texts, tuple(places))

    def plan(self, limit: int | None) -> Plan:
        """The plan of all commands that were done; `limit` is what the request asks for."""
        rows, asked = self._rows, self._limit
        self._settle_matched()
        if asked is not None and asked.any:
            rows.head(asked.count, ordered=False)
        shown = self._shown()
        columns = [f"{values.shown(value, rows.let)} AS r{place}" for place, value in enumerate(shown.values())]
        limits = [count for count in (limit, asked.count if asked else None) if count is not None]
        result = self._parameters.statement(rows.select(columns, min(limits, default=MOST_ROWS)))
        read = f"SELECT count(*), coalesce(sum(size - {OVERHEAD}), 0)::BIGINT FROM {self._events}"  # noqa: S608
        return Plan(self._parameters.statement(read), self._matched, self._clustering, result, tuple(shown))

    def _expressions(self) -> Expressions:
        return Expressions(self._rows, self._clock)

    def _named(self, item: tree.Item) -> Value:
        """The value of an item, which later commands know by its name."""
        value = self._expressions().value(item.expression)
        if isinstance(item.expression, tree.Field) and item.expression.name == item.name:
            return value
        self._rows.names[item.name] = value = values.once(value, self._rows.let)
        return value

    def _shown(self) -> dict[str, Value]:
        """The columns of the result: what their names mean by now."""
        names = self._rows.names
        chosen = self._display or self._fields
        if not self._rows.open:
            return {name: names.get(name, value) for name, value in (chosen or names).items()}
        shown = chosen or {name: names[name] for name in ("@timestamp", "@message")}
        own = {name: names.get(name, value) for name, value in shown.items() if name != "@ptr"}
        return own | {"@ptr": self._pointer}

    def _replace_rows(self, rows: Rows) -> None:
        self._rows, self._fields, self._display = rows, {}, {}

    def _reduce(self) -> None:
        """Before rows become more or fewer, other than by a condition."""
        self._end_limit()
        self._settle_matched()

    def _end_limit(self) -> None:
        """A limit counts where it stands, before what follows it."""
        if self._limit is not None:
            self._settle_matched()
            self._rows.head(self._limit.count, ordered=not self._limit.any)
            self._limit = None

    def _settle_matched(self) -> None:
        """What matches is what filters leave, before the first command that leaves less for another reason."""
        if not self._settled and self._rows.filtered:
            self._matched = self._parameters.statement(self._rows.count())
        self._settled = True
