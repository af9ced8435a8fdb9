"""Regular expressions and globs of a query, for RE2.

RE2 is what CloudWatch's guide names for `regexReplace`, and of the same class as Hyperscan, which its older copies name
for `like`: there is no looking around and no referring back, and any pattern is found in a time that grows with the
text alone. DuckDB uses it too; the patterns are read here first, so that a wrong one has a position in the query.
"""

import re
from dataclasses import dataclass

import re2

from refapp.backends.cloudwatch.errors import MalformedQuery
from refapp.backends.cloudwatch.insights.tree import Parse, Regex, Text

# How a name of a group begins in newer patterns; what is escaped or in brackets is passed over.
_GROUP_NAME = re.compile(r"(\\.|\[\^?\]?(?:\\.|\[:\w+:\]|[^\]\\])*\])|\(\?<(?![=!])", re.DOTALL)
_SPECIAL = re.compile(r"[\\.^$|?*+()\[\]{}]")
_ESCAPE = re.compile(r"\\(.)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Pattern:
    """A pattern that RE2 reads: how many groups it has, and the names of some by their numbers from 1."""

    text: str
    groups: int
    names: dict[int, str]


def pattern_of(regex: Regex) -> Pattern:
    """A regular expression as RE2 is given it.

    Raises:
        MalformedQuery: RE2 does not read it.
    """
    text = _GROUP_NAME.sub(lambda match: match[1] or "(?P<", regex.pattern)
    if "C" in _ESCAPE.findall(text):
        raise MalformedQuery("this regular expression cannot be used: \\C cuts characters", *regex.span)
    options = re2.Options()
    options.log_errors = False
    try:
        read = re2.compile(text, options)
    except re2.error as error:
        (reason,) = error.args
        said = reason.decode(errors="replace") if isinstance(reason, bytes) else str(reason)
        raise MalformedQuery(f"this regular expression cannot be used: {said}", *regex.span) from None
    return Pattern(text, read.groups, {number: name for name, number in read.groupindex.items()})


def is_plain(text: str) -> bool:
    """Whether a pattern matches itself, and nothing else."""
    return not _SPECIAL.search(text)


def extraction_of(parse: Parse) -> Pattern:
    """What `parse` looks for; the names are those of the fields that it makes.

    Raises:
        MalformedQuery: the pattern is none, or there are more or fewer names than it has places for them.
    """
    if isinstance(parse.pattern, Text):
        return _glob(parse, parse.pattern)
    pattern = pattern_of(parse.pattern)
    if not parse.names:
        if not pattern.names:
            raise MalformedQuery("nothing in this regular expression has a name", *parse.pattern.span)
        return pattern
    if len(parse.names) != pattern.groups:
        message = f"{len(parse.names)} names for the {pattern.groups} groups of this regular expression"
        raise MalformedQuery(message, *parse.pattern.span)
    return Pattern(pattern.text, pattern.groups, dict(enumerate(parse.names, 1)))


def replacement_of(text: str, groups: int) -> str:
    r"""What RE2 writes for a match: `\0` to `\9` are what groups matched, any other backslash is itself."""
    return re.sub(r"\\([0-9]?)", lambda match: match[0] if _is_group(match[1], groups) else rf"\\{match[1]}", text)


def _is_group(number: str, groups: int) -> bool:
    return bool(number) and int(number) <= groups


def _glob(parse: Parse, glob: Text) -> Pattern:
    parts = glob.value.split("*")
    places = len(parts) - 1
    if places != len(parse.names):
        raise MalformedQuery(f"{len(parse.names)} names for {places} times `*`", *glob.span)
    # As short as possible, but what ends the glob takes all the rest.
    text = "(?s)" + "(.*?)".join(map(re2.escape, parts))
    text = text.removesuffix("(.*?)") + "(.*)" if not parts[-1] else text
    return Pattern(text, places, dict(enumerate(parse.names, 1)))
