import sqlite3

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from refapp.backends.cloudwatch.errors import ResourceAlreadyExists, ResourceNotFound, ServiceUnavailable
from refapp.backends.cloudwatch.logs.catalogue import Catalogue, CatalogueError, Group, MetricFilter, QueryDefinition

FILTER = MetricFilter(name="f", created=3, pattern="ERROR", transformation={"metricName": "m"})


@pytest.fixture
def path(tmp_path):
    return tmp_path / "catalogue.db"


def test_it_is_the_same_after_a_restart(path):
    group = Group(name="g", created=1, retention=7, protected=True, tags={"k": "é"})
    with Catalogue(path) as catalogue:
        catalogue.create_group(group)
        catalogue.create_group(Group(name="a", created=2))
        catalogue.create_stream("g", "s", 5)
        catalogue.put_filter("g", FILTER)
    with Catalogue(path) as catalogue:
        assert catalogue.groups() == [Group(name="a", created=2), group]
        assert catalogue.streams("g") == {"s": 5}
        assert catalogue.streams("a") == {}
        (item,) = catalogue.filters("g")
        assert (item.name, item.created, item.pattern) == ("f", 3, "ERROR")
        assert item.transformation == {"metricName": "m"}


def test_query_definitions_are_kept(path):
    items = [
        QueryDefinition(id=f"i{n}", name="n", text="limit 1", groups=["g"], modified=n, token=None) for n in range(3)
    ]
    changed = QueryDefinition(id="i1", name="other", text="limit 2", groups=[], modified=9, token="t")
    with Catalogue(path) as catalogue:
        for item in (*items, changed):
            catalogue.put_definition(item)
        catalogue.delete_definition("i2")
        with pytest.raises(ResourceNotFound, match="query definition does not exist"):
            catalogue.delete_definition("i2")
    with Catalogue(path) as catalogue:
        assert catalogue.definitions() == [items[0], changed]


def test_what_is_not_there(path):
    with Catalogue(path) as catalogue:
        for ask in (
            lambda: catalogue.group("g"),
            lambda: catalogue.change_group("g", retention=1),
            lambda: catalogue.delete_group("g"),
            lambda: catalogue.streams("g"),
            lambda: catalogue.create_stream("g", "s", 1),
            lambda: catalogue.filters("g"),
            lambda: catalogue.put_filter("g", FILTER),
        ):
            with pytest.raises(ResourceNotFound, match="The specified log group does not exist"):
                ask()
        catalogue.create_group(Group(name="g", created=1))
        for ask in (lambda: catalogue.check_stream("g", "s"), lambda: catalogue.delete_stream("g", "s")):
            with pytest.raises(ResourceNotFound, match="The specified log stream does not exist"):
                ask()
        with pytest.raises(ResourceNotFound, match="metric filter"):
            catalogue.delete_filter("g", "f")


def test_what_is_there_already(path):
    with Catalogue(path) as catalogue:
        catalogue.create_group(Group(name="g", created=1))
        with pytest.raises(ResourceAlreadyExists, match="log group"):
            catalogue.create_group(Group(name="g", created=2))
        catalogue.create_stream("g", "s", 1)
        with pytest.raises(ResourceAlreadyExists, match="log stream"):
            catalogue.create_stream("g", "s", 2)
        assert catalogue.streams("g") == {"s": 1}


def test_a_full_disk_changes_nothing(path):
    def fill(catalogue):
        for number in range(1000):
            catalogue.create_stream("g", f"{number}" * 200, 1)

    with Catalogue(path) as catalogue:
        catalogue.create_group(Group(name="g", created=1))
        catalogue._file.execute("PRAGMA max_page_count = 20")
        with pytest.raises(ServiceUnavailable, match="full"):
            fill(catalogue)
        kept = catalogue.streams("g")
        assert 0 < len(kept) < 1000
        with pytest.raises(ServiceUnavailable, match="full"):
            catalogue.create_stream("g", "s" * 5000, 1)
        assert catalogue.streams("g") == kept
        catalogue._file.execute("PRAGMA max_page_count = 100000")
        catalogue.create_stream("g", "s", 1)
    with Catalogue(path) as catalogue:
        assert catalogue.streams("g") == kept | {"s": 1}


@pytest.mark.parametrize("content", [b"no database" * 100, None])
def test_what_cannot_be_opened(tmp_path, content):
    path = tmp_path / "catalogue.db"
    if content is None:
        with sqlite3.connect(path) as other:
            other.execute("CREATE TABLE groups (name TEXT, body TEXT)")
            other.execute("INSERT INTO groups VALUES ('g', '{}')")
    else:
        path.write_bytes(content)
    with pytest.raises(CatalogueError, match=r"catalogue\.db: .*; name another directory, or remove this file"):
        Catalogue(path)


NAMES = st.sampled_from("abc")


class Changes(RuleBasedStateMachine):
    """The catalogue in memory, that on disk, and a dict of dicts stay the same whatever is asked for."""

    @initialize(path=st.just(None))
    def open(self, path):  # noqa: ARG002 - Hypothesis wants a parameter
        self.catalogue, self.model = Catalogue(":memory:"), {}

    def _same(self, ask, expected):
        try:
            ask()
        except (ResourceAlreadyExists, ResourceNotFound):
            return False
        expected()
        return True

    @rule(group=NAMES)
    def create_group(self, group):
        done = self._same(lambda: self.catalogue.create_group(Group(name=group, created=1)), lambda: None)
        assert done is (group not in self.model)
        self.model.setdefault(group, set())

    @rule(group=NAMES)
    def delete_group(self, group):
        assert self._same(lambda: self.catalogue.delete_group(group), lambda: None) is (group in self.model)
        self.model.pop(group, None)

    @rule(group=NAMES, stream=NAMES)
    def create_stream(self, group, stream):
        fits = group in self.model and stream not in self.model[group]
        assert self._same(lambda: self.catalogue.create_stream(group, stream, 1), lambda: None) is fits
        if fits:
            self.model[group].add(stream)

    @rule(group=NAMES, stream=NAMES)
    def delete_stream(self, group, stream):
        fits = stream in self.model.get(group, ())
        assert self._same(lambda: self.catalogue.delete_stream(group, stream), lambda: None) is fits
        if fits:
            self.model[group].remove(stream)

    @invariant()
    def agrees(self):
        if not hasattr(self, "catalogue"):
            return
        assert [group.name for group in self.catalogue.groups()] == sorted(self.model)
        assert {name: set(self.catalogue.streams(name)) for name in self.model} == self.model
        rows = self.catalogue._file.execute("SELECT log_group, name FROM streams").fetchall()
        assert set(rows) == {(group, stream) for group, streams in self.model.items() for stream in streams}


Changes.TestCase.settings = settings(max_examples=30, stateful_step_count=20)
TestChanges = Changes.TestCase
