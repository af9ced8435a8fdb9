"""Filter patterns: what FilterLogEvents, metric filters, subscription filters and Live Tail choose events by.

Source: CloudWatch Logs User Guide, "Filter pattern syntax for metric filters, subscription filters, filter log events,
and Live Tail". What it leaves open is decided where it is done, and said there.
"""

from functools import lru_cache

from refapp.backends.cloudwatch.logs.patterns.columns import read_columns
from refapp.backends.cloudwatch.logs.patterns.pattern import LONGEST, Pattern, PatternError, Reference
from refapp.backends.cloudwatch.logs.patterns.properties import read_properties
from refapp.backends.cloudwatch.logs.patterns.terms import read_terms

__all__ = ["Pattern", "PatternError", "Reference", "compile_pattern"]


@lru_cache(maxsize=256)
def compile_pattern(text: str) -> Pattern:
    """Read a filter pattern: one in braces is about JSON, one in brackets about words in a line, any other about terms.

    Raises:
        PatternError: it is no filter pattern; the text says where.
    """
    if len(text) > LONGEST:
        raise PatternError(f"it has {len(text)} characters; {LONGEST} are allowed")
    stripped = text.lstrip()
    if stripped.startswith("{"):
        return read_properties(text)
    if stripped.startswith("["):
        return read_columns(text)
    return read_terms(text)
