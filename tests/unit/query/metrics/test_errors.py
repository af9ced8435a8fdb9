import pytest
from hypothesis import given
from hypothesis import strategies as st

from refapp.query.metrics import ExpressionError


def shown(error):
    """The expression as the message has it."""
    return str(error).removeprefix(error.reason).strip("\n")


def test_the_place_is_shown():
    error = ExpressionError.from_message(
        'invalid parameter "query": 1:13: parse error: unexpected "("', "sum by (pod (x)"
    )
    assert error.reason == '1:13: parse error: unexpected "("'
    assert (error.line, error.column) == (1, 13)
    assert shown(error) == "    sum by (pod (x)\n                ^"


def test_a_message_without_a_place():
    error = ExpressionError.from_message("many-to-many matching not allowed", "a * b")
    assert (error.line, error.column, error.reason) == (None, None, "many-to-many matching not allowed")
    assert shown(error) == "    a * b"


def test_prometheus_counts_bytes():
    error = ExpressionError.from_message("1:10: parse error: unexpected character", '{a="é"} é')
    assert error.column == 9
    assert error.reason.startswith("1:9: ")


def test_lines_and_tabs():
    error = ExpressionError.from_message("2:3: parse error: x", "sum(\n\t\tb +\nc")
    assert shown(error) == "    sum(\n    \t\tb +\n    \t\t^\n    c"


@pytest.mark.parametrize("message", ["9:9: parse error: x", "1:99: parse error: x"])
def test_a_place_outside_the_expression(message):
    assert "    up" in str(ExpressionError.from_message(message, "up"))


@given(st.text(), st.integers(0, 99), st.integers(0, 99))
def test_no_message_is_too_odd(expression, line, column):
    error = ExpressionError.from_message(f"{line}:{column}: parse error: x", expression)
    assert expression.split("\n")[0] in str(error)
