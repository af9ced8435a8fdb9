"""The grammar of Logs Insights' query language, for lark.

After the pages "CloudWatch Logs Insights language query syntax" of the CloudWatch Logs User Guide. Keywords and names
of commands and functions are written in any case; a keyword is one only where the grammar asks for it, so that a field
may be called `limit`, though not `not`. The guide does not say how tightly operators bind: here, from loose to tight,
`or`, `and`, `not`, comparisons, `+ -`, `* / %`, `^` (from the right), the sign of a number, members of maps and lists.
"""

from functools import cache

from lark import Lark

COMMANDS = (
    "fields", "display", "filter", "where", "filterIndex", "parse", "sort", "limit", "dedup", "unnest", "unmask",
    "pattern", "stats",
)  # fmt: skip
# Commands of CloudWatch that are refused by their names.
UNSUPPORTED = (
    "diff", "anomaly", "lookup", "join", "fillmissing", "addtotals", "accum", "appendcols", "autoregress", "cidrlookup",
    "countFrequent", "expand", "filldown", "logcompare", "outlier", "relevantfields", "sessionize",
)  # fmt: skip
_WORDS = (
    "source", "logGroups", "as", "asc", "desc", "by", "like", "not", "in", "and", "or", "any", "into", "multi",
)  # fmt: skip
# Units of time by their short names; each may have an `s` when it has more than one letter.
UNITS = {
    "ms": ("ms", "msec", "millisecond"),
    "s": ("s", "sec", "second"),
    "m": ("m", "min", "minute"),
    "h": ("h", "hr", "hour"),
    "d": ("d", "day"),
    "w": ("w", "week"),
    "mo": ("mo", "mon", "month"),
    "q": ("q", "qtr", "quarter"),
    "y": ("y", "yr", "year"),
}
_AFTER_WORD = r"(?![A-Za-z0-9_.@`])"

_RULES = r"""
query: [source "|"] command ("|" command)*

source: SOURCE LOGGROUPS "(" [choice ("," choice)*] ")" -> source_by_prefix
      | SOURCE STRING (","? STRING)* -> source_by_name
choice: NAME ":" "[" STRING ("," STRING)* "]"

?command: FIELDS items -> fields
        | DISPLAY items -> display
        | (FILTER | WHERE) expression -> filter
        | FILTERINDEX expression -> filter_index
        | PARSE [subject] STRING AS names -> parse_glob
        | PARSE [subject] REGEX [AS names] [MULTI] -> parse_regex
        | SORT key ("," key)* -> sort
        | LIMIT [ANY] NUMBER -> limit
        | DEDUP sum ("," sum)* -> dedup
        | UNNEST sum INTO NAME -> unnest
        | UNMASK items -> unmask
        | PATTERN sum -> pattern
        | STATS items [BY items] -> stats

items: item ("," item)*
item: expression [AS NAME]
key: expression [ASC | DESC]
names: NAME ("," NAME)*

// Of its own, not an operand: after one, a slash is a division.
?subject: NAME -> field
        | NAME "(" [expression ("," expression)*] ")" -> call

?expression: conjunction
           | conjunction (OR conjunction)+ -> logical
?conjunction: negation
            | negation (AND negation)+ -> logical
?negation: NOT negation -> not_
         | comparison
?comparison: sum
           | sum COMPARATOR sum -> compare
           | sum [NOT] LIKE (STRING | REGEX) -> like
           | sum MATCHES REGEX -> matches
           | sum [NOT] IN "[" [sum ("," sum)*] "]" -> in_
?sum: product
    | sum (PLUS | MINUS) product -> arithmetic
?product: power
        | product (STAR | SLASH | PERCENT) power -> arithmetic
?power: sign
      | sign CARET power -> arithmetic
?sign: MINUS sign -> negative
     | member
?member: operand
       | member "[" NUMBER "]" -> index
       | member MEMBERS -> members
?operand: NAME -> field
        | NUMBER -> number
        | STRING -> string
        | REGEX -> regex
        | PERIOD -> period
        | NAME "(" [expression ("," expression)*] ")" -> call
        | NAME "(" STAR ")" -> call_of_star
        | "(" expression ")"

MATCHES.9: "=~"
COMPARATOR: "<=" | ">=" | "!=" | "=" | "<" | ">"
PLUS: "+"
MINUS: "-"
STAR: "*"
SLASH: "/"
PERCENT: "%"
CARET: "^"
NAME: /(?:@?`[^`]+`|[A-Za-z_@][A-Za-z0-9_@]*)(?:\.(?:[A-Za-z0-9_@]+|`[^`]+`))*/
MEMBERS: /(?:\.(?:[A-Za-z0-9_@]+|`[^`]+`))+/
NUMBER: /[0-9]+(?:\.[0-9]+)?/
STRING: /"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'/s
REGEX: /\/(?:\\.|[^\/\\\n])+\//
COMMENT: /#[^\n]*/
%import common.WS
%ignore WS
%ignore COMMENT
"""


@cache
def grammar() -> Lark:
    """The parser; it reads any query without recursion."""
    words = [f"{word.upper()}.9: /{word}{_AFTER_WORD}/i" for word in (*COMMANDS, *_WORDS)]
    units = "|".join(name if len(name) == 1 else f"{name}s?" for names in UNITS.values() for name in names)
    period = rf"PERIOD.9: /[0-9]+\s*(?:{units}){_AFTER_WORD}/i"
    return Lark("\n".join([_RULES, *words, period]), parser="lalr", start="query", propagate_positions=True)
