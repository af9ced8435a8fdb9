import threading

import pytest

from refapp.backends.cloudwatch.insights.grammar import COMMANDS, UNITS, grammar
from refapp.backends.cloudwatch.insights.parser import parse


def test_the_parser_is_made_once():
    assert grammar() is grammar()


@pytest.mark.parametrize("command", COMMANDS)
def test_words_of_the_language_are_names_where_they_cannot_be_words(command):
    words = [command, "as", "by", "like", "desc", "in", "and", "or", "any", "source", "multi", "into"]
    for word in words if command == "fields" else [command]:
        query = parse(f"fields {word}, a.{word} as {word} | sort a.{word} asc")
        assert query.commands[0].items[0].name == word


@pytest.mark.parametrize(
    "text",
    [
        "FIELDS a | SORT a DESC | LIMIT 5",
        "Fields a As b | Filter a LIKE /x/ AND NOT b In [1] Or c =~ /y/",
        "stats COUNT(*) BY Bin(5M)",
        "fields a # the rest is a comment | nonsense\n| limit 5",
        "# first\nfields a\n\n|\n# between\nlimit 5",
        'fields "# not a comment", `#`, a | filter b like /#/',
        "fields a|limit 5",
    ],
)
def test_case_comments_and_space(text):
    assert len(parse(text).commands) >= 1


def test_a_bar_in_quotes_is_no_bar():
    query = parse("""filter a = "x | y" and b = 'x | y' and c like /x|y/ and `d|e` = 1 | limit 5""")
    assert len(query.commands) == 2


@pytest.mark.parametrize(
    ("text", "unit"),
    [
        (name + plural, unit)
        for unit, names in UNITS.items()
        for name in names
        for plural in ("", "s" if len(name) > 1 else "")
    ],
)
def test_periods(text, unit):
    for space in ("", " "):
        (argument,) = parse(f"fields bin(5{space}{text})").commands[0].items[0].expression.arguments
        assert (argument.count, argument.unit) == (5, unit)


def test_a_slash_divides_after_an_operand_and_begins_a_regular_expression_before_one():
    (division,) = (item.expression for item in parse("fields a / b / c").commands[0].items)
    assert (division.operator, division.left.operator, division.right.name) == ("/", "/", "c")
    command = parse("parse replace(a, '/', '') /(?<x>b)/ | fields 1 / 2").commands[0]
    assert (command.subject.name, command.pattern.pattern) == ("replace", "(?<x>b)")


def test_many_threads_may_parse():
    failures = []

    def work(number):
        for _ in range(20):
            name = parse(f"fields field{number} + {number}").commands[0].items[0].expression.left.name
            if name != f"field{number}":
                failures.append(name)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
