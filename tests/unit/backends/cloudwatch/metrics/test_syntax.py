import pytest
from lark import Lark, UnexpectedInput

from refapp.backends.cloudwatch.metrics.syntax import unreadable

PARSER = Lark('start: "a" "b" "c"\n%ignore " "', parser="lalr")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a b", "The rule ends too early."),
        ("", "The rule ends too early."),
        ("a c", "The rule cannot be read at character 3: 'c'."),
        ("a b ?", "The rule cannot be read at character 5: '?'."),
    ],
)
def test_the_message_says_where(text, message):
    with pytest.raises(UnexpectedInput) as caught:
        PARSER.parse(text)
    assert unreadable("rule", text, caught.value).message == message
