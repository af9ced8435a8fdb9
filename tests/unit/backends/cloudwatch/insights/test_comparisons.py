from operator import eq, ge, gt, le, lt, ne

import pytest

OPERATORS = {"=": eq, "!=": ne, "<": lt, "<=": le, ">": gt, ">=": ge}


@pytest.mark.parametrize("operator", OPERATORS)
@pytest.mark.parametrize(
    ("left", "right", "as_numbers"),
    [
        ("200", "200.0", True),
        ("10", "9", True),
        ("10", "9x", False),
        ("a", "b", False),
        ("B", "a", False),
        ("é", "z", False),
        ("", "a", False),
        ("1e2", "100", True),
        ("nan", "5", False),
    ],
)
def test_numbers_when_both_are_and_texts_otherwise(ask, operator, left, right, as_numbers):
    ask.add(f'{{"a": "{left}", "b": "{right}"}}')
    sides = (float(left), float(right)) if as_numbers else (left, right)
    expected = 1 if OPERATORS[operator](*sides) else 0
    for condition in (f"a {operator} b", f"a {operator} '{right}'", f"'{left}' {operator} b"):
        assert len(ask(f"filter {condition}").rows) == expected, condition
    assert ask(f"fields a {operator} b as c | display c").values == [(str(expected),)]


@pytest.mark.parametrize("operator", OPERATORS)
@pytest.mark.parametrize("other", ["'x'", "5", "b", "missing"])
def test_what_is_missing_is_neither_equal_nor_different(ask, operator, other):
    ask.add('{"b": 1}')
    assert ask(f"filter missing {operator} {other}").rows == []
    assert ask(f"filter {other} {operator} missing").rows == []
    assert len(ask(f"filter not missing {operator} {other}").rows) == 1


@pytest.mark.parametrize(
    ("condition", "holds"),
    [
        ("a in [200, 'x']", True),
        ("a in ['200.0']", True),
        ("a in ['2', 'x']", False),
        ("b in ['x', 'y']", True),
        ("b in ['X']", False),
        ("b in [a, b]", True),
        ("b in []", False),
        ("missing in ['x', 1, missing]", False),
        ("missing not in ['x', 1]", True),
        ("a not in [200]", False),
        ("@timestamp in [1700000000000]", True),
        ("@timestamp in ['2023-11-14 22:13:20.000']", True),
    ],
)
def test_one_of_several(ask, condition, holds):
    ask.add('{"a": 200, "b": "x"}')
    assert len(ask(f"filter {condition}").rows) == int(holds)
