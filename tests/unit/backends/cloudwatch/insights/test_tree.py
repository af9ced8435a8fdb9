from refapp.backends.cloudwatch.insights.parser import parse
from refapp.backends.cloudwatch.insights.tree import Field, expressions, operands


def fields(expression):
    below = [name for operand in operands(expression) for name in fields(operand)]
    return [expression.name, *below] if isinstance(expression, Field) else below


def test_every_expression_of_every_command_is_walked():
    text = """
        fields f1, f2 as x | display f3 | filter f4 = f5 and not f6 in [f7, 1] or f8 like "x" | parse f9 "*" as y
        | sort f10 asc, f11 desc | unnest f12[0].a into z | unmask f13 | pattern f14
        | stats max(f15 + -f16), count(*) by bin(5m), f17 | limit 3 | dedup f18, f19
    """
    query = parse(text)
    found = [name for command in query.commands for expression in expressions(command) for name in fields(expression)]
    assert found == [f"f{number}" for number in range(1, 20)]


def test_the_name_of_a_field_has_its_parts():
    (command,) = parse("fields a.`b.c`.d").commands
    (expression,) = expressions(command)
    assert (expression.parts, expression.name) == (("a", "b.c", "d"), "a.b.c.d")
