import pytest
from hypothesis import given
from hypothesis import strategies as st

from refapp.draw.dashboards.options import Option, options, sort

PODS = ["service-a-1", "service-a-2", "service-b-1", "other"]


def test_without_an_expression_each_answer_is_a_value_once():
    assert options(["b", "a", "b"]) == [Option("b"), Option("a")]


@pytest.mark.parametrize(
    ("regex", "found"),
    [
        ("/service-(.)-.*/", ["a", "b"]),
        ("service-(.)-.*", ["a", "b"]),
        ("/^SERVICE-b/i", ["service-b-1"]),
        ("/nothing/", []),
        ("/(/", PODS),
    ],
)
def test_an_expression_picks_and_its_group_cuts(regex, found):
    assert [one.value for one in options(PODS, regex)] == found


def test_groups_named_text_and_value_tell_the_two_apart():
    assert options(['x{id="7",name="seven"}'], '/id="(?<value>[^"]+)",name="(?<text>[^"]+)"/') == [Option("7", "seven")]


@pytest.mark.parametrize(
    ("how", "found"),
    [
        (0, ["b10", "B9", "a2"]), (1, ["B9", "a2", "b10"]), (2, ["b10", "a2", "B9"]), (3, ["a2", "B9", "b10"]),
        (4, ["b10", "B9", "a2"]), (5, ["a2", "b10", "B9"]), (7, ["a2", "B9", "b10"]), (8, ["b10", "B9", "a2"]),
        (99, ["b10", "B9", "a2"]),
    ],
)  # fmt: skip
def test_orders(how, found):
    assert [one.value for one in sort([Option(name) for name in ("b10", "B9", "a2")], how)] == found


@given(st.lists(st.text()), st.integers(-2, 12))
def test_sorting_loses_nothing(values, how):
    found = [Option(value) for value in values]
    assert sorted(one.value for one in sort(found, how)) == sorted(values)


@given(st.lists(st.text()), st.text())
def test_any_expression_is_borne(answers, regex):
    assert len(options(answers, regex)) <= max(len(answers), 0)
