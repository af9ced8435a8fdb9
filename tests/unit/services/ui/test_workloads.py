import json
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from refapp.services.settings import SettingsError
from refapp.services.ui.workloads import CalledWorkload, parse_workloads

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.sampled_from(CalledWorkload._fields) | st.text(), inner),
)


def test_workloads_are_read_in_their_order():
    text = json.dumps(
        [
            {"name": "rev-proxy", "title": "gRPC Gateway", "calls": ["service-d"]},
            {"name": "service-d", "title": "Service D", "calls": [], "publishes": "queue", "consumes": None},
            {"name": "service-f", "consumes": "queue"},
        ]
    )
    assert parse_workloads(text) == (
        CalledWorkload("rev-proxy", "gRPC Gateway", ("service-d",)),
        CalledWorkload("service-d", "Service D", publishes="queue"),
        CalledWorkload("service-f", "service-f", consumes="queue"),
    )


def test_there_may_be_none():
    assert parse_workloads("[]") == ()


def test_a_workload_may_have_several_callers():
    text = '[{"name":"a","calls":["b","c"]},{"name":"b","calls":["c"]},{"name":"c"}]'
    assert [workload.calls for workload in parse_workloads(text)] == [("b", "c"), ("c",), ()]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("{", "JSON"),
        ("{}", "list"),
        ("[1]", "there is 1"),
        ('[{"title": "A"}]', "there is {'title': 'A'}"),
        ('[{"name": ""}]', "there is"),
        ('[{"name": 7}]', "name is 7"),
        ('[{"name": "a", "title": []}]', "title is []"),
        ('[{"name": "a", "calls": "b"}]', "there is"),
        ('[{"name": "a", "calls": [1]}]', "there is"),
        ('[{"name": "a", "color": "red"}]', "color"),
        ('[{"name": "a"}, {"name": "a"}]', "'a' twice"),
        ('[{"name": "a", "calls": ["b"]}]', "a calls 'b'"),
        ('[{"name": "a", "calls": ["a"]}]', "a → a"),
        ('[{"name":"a","calls":["b"]},{"name":"b","calls":["c"]},{"name":"c","calls":["a"]}]', "circle"),
    ],
)
def test_what_is_no_call_tree_is_refused(text, words):
    with pytest.raises(SettingsError, match="WORKLOADS") as caught:
        parse_workloads(text)
    assert words in str(caught.value)


def test_a_circle_is_told_in_the_direction_of_the_calls():
    with pytest.raises(SettingsError) as caught:
        parse_workloads('[{"name":"a","calls":["b"]},{"name":"b","calls":["c"]},{"name":"c","calls":["a"]}]')
    path = str(caught.value).rpartition(": ")[2].split(" → ")
    assert path[0] == path[-1]
    assert set(pairwise(path)) == {("a", "b"), ("b", "c"), ("c", "a")}


@settings(deadline=None)
@given(JSON)
def test_anything_is_read_or_refused(value):
    try:
        read = parse_workloads(json.dumps(value))
    except SettingsError:
        return
    assert len(read) == len(value)
