"""What the tests of Logs Insights share: a store, a way to ask it, and the second engine."""

import importlib.util
import sys
from dataclasses import dataclass
from itertools import count
from pathlib import Path

import pytest

from refapp.backends.cloudwatch.errors import MalformedQuery
from refapp.backends.cloudwatch.events.store import Event, EventStore
from refapp.backends.cloudwatch.insights.arguments import Clock
from refapp.backends.cloudwatch.insights.compiler import Selection, compile_query
from refapp.backends.cloudwatch.insights.execution import execute, page
from refapp.backends.cloudwatch.insights.parser import parse

EARLIEST, LATEST, NOW = -(2**63), 2**63 - 1, 1_700_000_100_500  # ms


@dataclass(frozen=True)
class Answer:
    """What a query answered: names of columns, rows of texts, and statistics."""

    columns: tuple
    rows: list
    statistics: object

    @property
    def named(self):
        """Rows by their names, without what they lack, and without pointers."""
        return [
            {name: value for name, value in zip(self.columns, row, strict=True) if value is not None and name != "@ptr"}
            for row in self.rows
        ]

    @property
    def values(self):
        """Rows without pointers."""
        return [
            tuple(value for name, value in zip(self.columns, row, strict=True) if name != "@ptr") for row in self.rows
        ]


class Asked:
    """A log group of its own in a store, and queries over it."""

    _numbers = count()

    def __init__(self, store):
        self.store = store
        self.group = f"/group/{next(self._numbers)}"

    def add(self, *messages, stream="stream", start=1_700_000_000_000, step=1000):
        """Add messages, one a second, from a time on."""
        events = [Event(start + step * place, message) for place, message in enumerate(messages)]
        self.store.append(self.group, stream, events, start)

    def __call__(self, text, *, limit=None, groups=(), start=EARLIEST, end=LATEST):
        selection = Selection(tuple(groups) or (self.group,), "123456789012", Clock(start, end, NOW))
        plan = compile_query(parse(text), selection, limit)
        with self.store.cursor() as connection:
            statistics = execute(plan, connection, lambda: None)
            return Answer(plan.columns, page(connection, 0, 1_000_000), statistics)


def load(name):
    """A module beside this one, which the others may import as `insights_NAME`."""
    spec = importlib.util.spec_from_file_location(f"insights_{name}", Path(__file__).with_name(f"{name}.py"))
    sys.modules[spec.name] = module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="session")
def generation():
    """Strategies for events and queries."""
    return load("generation")


@pytest.fixture(scope="session")
def rendering():
    """Writes those queries in the language."""
    return load("rendering")


@pytest.fixture(scope="session")
def evaluator(rendering):
    """Answers those queries slowly."""
    assert rendering
    load("evaluation")
    return load("evaluator")


@pytest.fixture(scope="session")
def shared(tmp_path_factory):
    """A store that tests share; each has a log group of its own."""
    with EventStore(tmp_path_factory.mktemp("insights") / "events.db") as opened:
        yield opened


@pytest.fixture
def ask(shared):
    """Asks a log group, which has no events until some are added."""
    return Asked(shared)


@pytest.fixture
def refused(ask):
    """Asks what is refused: why, and the part of the query that is wrong."""

    def asked(text):
        with pytest.raises(MalformedQuery) as caught:
            ask(text)
        return caught.value.message, text[caught.value.start : caught.value.end]

    return asked


@pytest.fixture
def value(ask):
    """Computes an expression over one event: the text that it is shown as, or None."""

    def computed(expression, message="{}", timestamp=1_700_000_000_123):
        ask.store.delete(ask.group)
        ask.add(message, start=timestamp)
        ((found,),) = ask(f"fields {expression} as x | display x").values
        return found

    return computed
