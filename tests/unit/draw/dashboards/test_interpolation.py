import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from refapp.draw.dashboards.interpolation import Chosen, interpolate, names, plain, promql, shown

ONE = Chosen(name="one", values=("a.b",), texts=("A",))
MANY = Chosen(name="many", values=("a.b", "c"), texts=("A", "C"), many=True)
ALL = Chosen(name="all", values=("x", "y"), many=True, everything=True)
VERBATIM = Chosen(name="raw", values=("x",), many=True, everything=True, verbatim=".*")
KNOWN = {one.name: one for one in (ONE, MANY, ALL, VERBATIM)}


@pytest.mark.parametrize("reference", ["$one", "[[one]]", "${one}", "${one:raw}", "[[one:raw]]"])
def test_a_variable_is_written_in_several_ways(reference):
    assert interpolate(f"<{reference}>", KNOWN, promql) == "<a.b>"


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ('x=~"$many"', r'x=~"(a\\.b|c)"'),
        ('x=~"$all"', 'x=~"(x|y)"'),
        ('x=~"$raw"', 'x=~".*"'),
        ("$unknown ${unknown:csv} $1", "$unknown ${unknown:csv} $1"),
        ("${many:csv}", "a.b,c"),
        ("${many:pipe}", "a.b|c"),
        ("${many:regex}", r"(a\.b|c)"),
        ("${one:regex}", r"a\.b"),
        ("${many:glob}", "{a.b,c}"),
        ("${many:json}", '["a.b","c"]'),
        ("${many:text}", "A + C"),
        ("${raw:text}", "All"),
        ("${many:singlequote}", "'a.b','c'"),
        ("${many:doublequote}", '"a.b","c"'),
        ("${many:sqlstring}", "'a.b','c'"),
        ("${many:queryparam}", "var-many=a.b&var-many=c"),
        ("${many:distributed}", "a.b,many=c"),
        ("${many:percentencode}", "%7Ba.b%2Cc%7D"),
        ("${many:lucene}", '("a.b" OR "c")'),
        ("${many:join:;}", "a.b;c"),
        ("${many:nonsense}", "{a.b,c}"),
        ("$onetime", "$onetime"),
    ],
)
def test_formats(text, found):
    assert interpolate(text, KNOWN, promql) == found


def test_a_title_shows_texts():
    assert interpolate("$one, $many and $all", KNOWN, shown) == "A, A + C and All"


@given(
    st.lists(
        st.text(min_size=1, alphabet=st.characters(codec="ascii", exclude_characters='"\n\r')), min_size=1, max_size=3
    )
)
def test_a_value_of_many_matches_itself_and_nothing_is_left_open(values):
    text = promql(Chosen(name="v", values=tuple(values), many=True))
    # Prometheus reads the text between quotation marks before it reads the expression in it.
    expression = re.sub(r"\\(.)", r"\1", text)
    assert all(re.fullmatch(expression, value) for value in values)


def test_a_value_of_one_is_quoted_alone():
    assert promql(Chosen(name="v", values=('a"b\\c',))) == 'a\\"b\\\\c'


def test_references_are_found():
    assert names('$a [[b]] ${c:csv} ${d} "$e"') == {"a", "b", "c", "d", "e"}


def test_plain_values_are_written_as_they_are():
    assert interpolate("[$__range] ${__range:csv}", plain({"__range": "5m"}), promql) == "[5m] 5m"
