"""`pattern`: texts that differ in few words, as one pattern.

What comes out is described on the page on `pattern` in the CloudWatch Logs User Guide: `@pattern`, with `<*>` for what
differs, `@sampleCount`, `@ratio` and `@severityLabel`. How AWS finds patterns is not. Here DuckDB first puts `<*>` for
whatever has a digit and counts what is left, so that a million lines become some dozen texts. Those are cut into words
and merged as Drain does it (He et al., "Drain: An Online Log Parsing Approach with Fixed Depth Tree", ICWS 2017): texts
of as many words have one pattern when more than half of their words are the same. drain3, the package, would run over
every line in Python.

Of a text the first 2,000 characters count. All texts but the 2,000 most frequent ones have the pattern `<*>`.
"""

import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

COLUMNS = {"@pattern": "VARCHAR", "@ratio": "DOUBLE", "@sampleCount": "DOUBLE", "@severityLabel": "VARCHAR"}
# Identifiers, and any word that has a digit, with those that hang on it: times, addresses, versions.
DYNAMIC = (
    r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}"
    r"|[A-Za-z0-9_-]*[0-9][A-Za-z0-9_]*(?:[.:,+/-][A-Za-z0-9_]*[0-9][A-Za-z0-9_]*)*"
)
_ANYTHING = "<*>"
_LONGEST = 2000
_MOST_TEXTS = 2000
_MOST_PATTERNS = 50  # of as many words; what is like none of them joins the most similar one
_ALIKE = 0.5
_WORDS = re.compile(r"<\*>|\w+|\s+|[^\w\s]")
_SEVERITIES = {
    "FATAL": re.compile(r"(?i)\b(?:fatal|critical|panic|emergency)\b"),
    "ERROR": re.compile(r"(?i)\b(?:error|exception|failed|failure)\b"),
    "WARN": re.compile(r"(?i)\bwarn(?:ing)?\b"),
    "INFO": re.compile(r"(?i)\b(?:info|information|notice)\b"),
    "DEBUG": re.compile(r"(?i)\bdebug\b"),
    "TRACE": re.compile(r"(?i)\btrace\b"),
}


@dataclass(frozen=True, slots=True)
class Found:
    """A pattern, the share of the texts and the number of texts that have it, and how severe it seems, if it does."""

    text: str
    ratio: float
    count: float
    severity: str | None


@dataclass(slots=True)
class _Cluster:
    words: list[str]
    count: int


def masked(text: str, dynamic: str) -> str:
    """A text without what differs from line to line, in SQL; `dynamic` stands for `DYNAMIC` in it."""
    return f"regexp_replace(left({text}, {_LONGEST}), {dynamic}, '{_ANYTHING}', 'g')"


def counted(column: str, relation: str) -> str:
    """A query for the texts of a column, and how often there are."""
    return f"""
        SELECT CASE WHEN place <= {_MOST_TEXTS} THEN said ELSE '{_ANYTHING}' END AS text, sum(times)::BIGINT FROM (
            SELECT {column} AS said, count(*) AS times, row_number() OVER (ORDER BY count(*) DESC, {column}) AS place
            FROM {relation} WHERE {column} IS NOT NULL GROUP BY {column}
        ) GROUP BY text ORDER BY min(place)
    """  # noqa: S608 - no text of a query, see `rows`


def clustered(texts: Iterable[tuple[str, int]]) -> list[Found]:
    """The patterns of masked texts, each with how often there are of it; the most frequent first."""
    clusters: defaultdict[int, list[_Cluster]] = defaultdict(list)
    for text, count in texts:
        words = _WORDS.findall(text)
        _join(clusters[len(words)], words, count)
    counts: defaultdict[str, int] = defaultdict(int)
    for several in clusters.values():
        for cluster in several:
            counts["".join(cluster.words)] += cluster.count
    total = sum(counts.values())
    ranked = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    return [Found(text, count / total, float(count), _severity(text)) for text, count in ranked]


def _join(clusters: list[_Cluster], words: list[str], count: int) -> None:
    scored = [(_likeness(cluster.words, words), cluster) for cluster in clusters]
    score, best = max(scored, key=lambda item: item[0], default=(0.0, None))
    if best is None or (score <= _ALIKE and len(clusters) < _MOST_PATTERNS):
        clusters.append(_Cluster(words, count))
        return
    best.words = [one if one == other else _ANYTHING for one, other in zip(best.words, words, strict=True)]
    best.count += count


def _likeness(some: list[str], others: list[str]) -> float:
    """The share of words, apart from white space, that are the same."""
    pairs = [(one, other) for one, other in zip(some, others, strict=True) if not (one.isspace() and other.isspace())]
    return sum(one == other for one, other in pairs) / len(pairs) if pairs else 1.0


def _severity(text: str) -> str | None:
    return next((name for name, words in _SEVERITIES.items() if words.search(text)), None)
