from contextlib import suppress

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from refapp.backends.cloudwatch.metrics.errors import ValidationError
from refapp.backends.cloudwatch.metrics.expressions import (
    DEEPEST,
    Call,
    Chain,
    Listed,
    Negative,
    Number,
    Reference,
    Text,
    Word,
    calls,
    parse,
    references,
)


def shown(node):  # noqa: PLR0911 - one for each kind
    """The tree in few characters, with everything between parentheses."""
    match node:
        case Number(value):
            return f"{value:g}"
        case Reference(value) | Word(value):
            return value
        case Text(value):
            return repr(value)
        case Negative(operand):
            return f"(-{shown(operand)})"
        case Listed(items):
            return f"[{' '.join(map(shown, items))}]"
        case Call(name, arguments):
            return f"{name}({' '.join(map(shown, arguments))})"
        case Chain(operands, operators):
            first, *others = map(shown, operands)
            return f"({first}{''.join(f' {sign} {one}' for sign, one in zip(operators, others, strict=True))})"


@pytest.mark.parametrize(
    ("text", "tree"),
    [
        ("m1", "m1"),
        (" 1.5e3 ", "1500"),
        (".5", "0.5"),
        ("1 + 2*3", "(1 + (2 * 3))"),
        ("1 - 2 - 3", "(1 - 2 - 3)"),
        ("1 * 2 / 3 + 4", "((1 * 2 / 3) + 4)"),
        ("-m1 ^ 2", "(-(m1 ^ 2))"),
        ("2 ^ -3 ^ 2", "(2 ^ (-3) ^ 2)"),
        ("--m1", "m1"),
        ("1 - -2", "(1 - (-2))"),
        ("(1 + 2) * 3", "((1 + 2) * 3)"),
        ("m1 > 3 AND m2 <= 4 OR m3 == 5", "(((m1 > 3) AND (m2 <= 4)) OR (m3 == 5))"),
        ("m1 != 1 || m2 >= 2 && m3 < 3", "((m1 != 1) OR ((m2 >= 2) AND (m3 < 3)))"),
        ("m1 AND(m2)", "(m1 AND m2)"),
        ("[m1, m2] / m3", "([m1 m2] / m3)"),
        ("SUM(METRICS('errors')) / 2", "(SUM(METRICS('errors')) / 2)"),
        ('METRICS("4xx")', "METRICS('4xx')"),
        ("SORT(METRICS(), AVG, DESC, 10)", "SORT(METRICS() AVG DESC 10)"),
        ("IF(m1 < 400, m1)", "IF((m1 < 400) m1)"),
        ("FILL(m1, REPEAT)", "FILL(m1 REPEAT)"),
        ("DATAPOINT_COUNT(andOr)", "DATAPOINT_COUNT(andOr)"),
        ("""SEARCH('{A,B} x="y"', 'Sum', 60)""", """SEARCH('{A,B} x="y"' 'Sum' 60)"""),
    ],
)
def test_trees(text, tree):
    assert shown(parse(text)) == tree


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "ends too early"),
        ("1 +", "ends too early"),
        ("(m1", "ends too early"),
        ("m1 m2", "cannot be read at character 4: 'm2'"),
        ("m1 ! m2", "cannot be read at character 4: '! m2'"),
        ("m1 and m2", "cannot be read at character 4: 'and m2'"),
        ("NOT m1", "cannot be read at character 5"),
        ("[]", "cannot be read at character 2"),
        ("'abc", "cannot be read at character 1"),
        ("m1 % 2", "cannot be read at character 4"),
        ("ABS m1", "cannot be read at character 5"),
        ("SELECT AVG(x) FROM y", "SELECT"),
        ("select 1", "SELECT"),
    ],
)
def test_what_is_no_expression_is_refused_with_its_place(text, message):
    with pytest.raises(ValidationError) as caught:
        parse(text)
    assert message in str(caught.value)


def test_what_an_expression_names():
    tree = parse("IF(m1 > -[e2][0], SUM(m1), MAX(METRICS()))".replace("[0]", ""))
    assert references(tree) == {"m1", "e2"}
    assert calls(tree) == {"IF", "SUM", "MAX", "METRICS"}


@pytest.mark.parametrize("wrap", ["ABS({})", "[{}]", "-({}+1)", "({}) ^ 2"])
def test_depth_is_bounded(wrap):
    def nested(levels):
        text = "m1"
        for _ in range(levels):
            text = wrap.format(text)
        return text

    assert references(parse(nested(DEEPEST // 2 - 1))) == {"m1"}
    with pytest.raises(ValidationError, match="nested deeper"):
        parse(nested(2000))


def test_parentheses_and_long_chains_are_not_deep():
    assert parse("(" * 1000 + "1" + ")" * 1000) == Number(1.0)
    assert len(parse("+".join(["m1"] * 5000)).operands) == 5000
    assert parse("-" * 1001 + "1") == Negative(Number(1.0), 2)


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(text=st.text("m1e2 +-*/^()[],<>=!&|'\"ABSUM.{}\\\n", max_size=40) | st.text(max_size=20))
def test_any_text_is_read_or_refused(text):
    with suppress(ValidationError):
        parse(text)
