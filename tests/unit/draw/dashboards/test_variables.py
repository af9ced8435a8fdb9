import pytest
from hypothesis import given
from hypothesis import strategies as st

from refapp.draw.dashboards.documents import DashboardError
from refapp.draw.dashboards.interpolation import interpolate, promql
from refapp.draw.dashboards.variables import EVERYTHING, choose, without_source


def query(name, text, **more):
    return {"name": name, "type": "query", "query": text, **more}


def lookup(answers):
    asked = []

    def look(text):
        asked.append(text)
        found = answers[text]
        if isinstance(found, Exception):
            raise found
        return found

    look.asked = asked
    return look


NAMESPACES = {"label_values(namespace)": ["dev", "istio-system"]}


def test_the_first_value_is_chosen_when_the_document_says_nothing():
    found = choose([query("ns", "label_values(namespace)")], lookup(NAMESPACES))
    assert found.chosen["ns"].values == ("dev",)
    assert found.shown() == [("ns", "dev")]


def test_what_the_document_has_chosen_holds_if_there_is_such_a_value():
    for current, expected in (("istio-system", "istio-system"), ("gone", "dev")):
        one = query("ns", "label_values(namespace)", current={"text": current, "value": current})
        assert choose([one], lookup(NAMESPACES)).chosen["ns"].values == (expected,)


@pytest.mark.parametrize(
    "current", [{}, {"value": EVERYTHING}, {"value": ["$__all"]}, {"text": "All", "value": "gone"}]
)
def test_all_is_chosen_where_it_can_be(current):
    one = query("ns", "label_values(namespace)", includeAll=True, current=current)
    found = choose([one], lookup(NAMESPACES)).chosen["ns"]
    assert (found.values, found.text, promql(found)) == (("dev", "istio-system"), "All", "(dev|istio-system)")


def test_all_may_be_written_differently():
    one = query("ns", "label_values(namespace)", includeAll=True, allValue=".*")
    assert interpolate('{a=~"$ns"}', choose([one], lookup(NAMESPACES)).chosen, promql) == '{a=~".*"}'


def test_the_caller_chooses():
    one = query("ns", "label_values(namespace)", multi=True, includeAll=True)
    for wanted, expected in (("dev", ("dev",)), (["dev", "x"], ("dev", "x")), ("All", ("dev", "istio-system"))):
        assert choose([one], lookup(NAMESPACES), {"ns": wanted}).chosen["ns"].values == expected


def test_an_unknown_variable_is_refused_and_those_that_there_are_named():
    with pytest.raises(DashboardError, match="no variable 'x'; there are: ns"):
        choose([query("ns", "label_values(namespace)")], lookup(NAMESPACES), {"x": "1"})


def test_a_variable_is_asked_for_after_those_it_refers_to():
    ask = lookup({**NAMESPACES, 'label_values(up{namespace="dev"}, pod)': ["b", "a"]})
    pod = query("pod", {"query": 'label_values(up{namespace="$ns"}, pod)', "refId": "x"}, sort=1)
    found = choose([pod, query("ns", "label_values(namespace)")], ask)
    assert ask.asked == ["label_values(namespace)", 'label_values(up{namespace="dev"}, pod)']
    assert found.chosen["pod"].values == ("a",)
    assert list(found.chosen) == ["pod", "ns"]


def test_variables_in_a_circle_are_asked_for_all_the_same():
    found = choose([query("a", "$b"), query("b", "$a")], lambda text: [text])
    assert set(found.chosen) == {"a", "b"}


def test_what_went_wrong_is_noted_and_anything_taken():
    ask = lookup({"label_values(namespace)": RuntimeError("parse error")})
    found = choose([query("ns", "label_values(namespace)", includeAll=True)], ask)
    assert found.notes == ("variable ns: parse error",)
    assert promql(found.chosen["ns"]) == "(.*)" or found.chosen["ns"].verbatim == ".*"


def test_filters_are_not_applied_and_that_is_said():
    found = choose([{"name": "f", "type": "adhoc"}], lookup({}))
    assert found.notes == ("variable f: adhoc filters are not applied here",)


@pytest.mark.parametrize(
    ("definition", "values", "shown"),
    [
        ({"type": "custom", "query": "a, b : c\\,d"}, ("a",), "a"),
        ({"type": "custom", "query": "low : 1,high : 2", "current": {"value": "2"}}, ("2",), "high"),
        ({"type": "constant", "query": "x"}, ("x",), "x"),
        ({"type": "textbox", "query": "x", "current": {"value": "typed"}}, ("typed",), "typed"),
        ({"type": "interval", "query": "1m,5m"}, ("1m",), "1m"),
        ({"type": "interval", "query": "1m", "auto": True, "auto_count": 30, "auto_min": "10s"}, ("30s",), "30s"),
        ({"type": "datasource", "query": "prometheus"}, ("prometheus",), "Prometheus"),
    ],
)
def test_variables_that_ask_nobody(definition, values, shown):
    found = choose([{"name": "v", **definition}], lookup({}), None, {"__range": "15m"}).chosen["v"]
    assert (found.values, found.text) == (values, shown)


def test_hidden_variables_constants_and_data_sources_are_not_shown():
    hidden = [
        {"name": "a", "type": "custom", "query": "x", "hide": 2},
        {"name": "b", "type": "constant", "query": "x"},
        {"name": "c", "type": "datasource", "query": "prometheus"},
        {"name": "d", "type": "custom", "query": "x"},
    ]
    assert choose(hidden, lookup({})).shown() == [("d", "x")]


def test_without_a_source_anything_is_taken():
    found = without_source(
        [query("ns", "label_values(namespace)", multi=True), {"name": "v", "type": "custom", "query": "a,b"}]
    )
    assert interpolate('$v{n=~"$ns"}', found.chosen, promql) == 'a{n=~".*"}'


ODD = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda one: (
        st.lists(one, max_size=3) | st.dictionaries(st.sampled_from(["value", "text", "query"]), one, max_size=3)
    ),
    max_leaves=5,
)
NAMES = ["name", "type", "query", "regex", "current", "options", "includeAll", "allValue", "sort", "hide", "auto_count"]
KINDS = st.sampled_from(["query", "custom", "interval", "constant", "textbox", "datasource", "adhoc", "switch"])


@given(st.lists(st.dictionaries(st.sampled_from(NAMES), ODD | KINDS), max_size=3))
def test_odd_definitions_are_borne(definitions):
    found = choose(definitions, lambda text: [text])
    assert all(isinstance(promql(one), str) for one in found.chosen.values())
