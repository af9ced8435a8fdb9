"""Variables in queries and texts, written as Grafana lets one write them: `$name`, `[[name]]`, `${name:format}`.

https://grafana.com/docs/grafana/latest/visualizations/dashboards/variables/variable-syntax/
"""

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from types import MappingProxyType
from urllib.parse import quote

_REFERENCE = re.compile(
    r"\$(?P<plain>\w+)"
    r"|\[\[(?P<square>\w+)(?::(?P<square_format>\w+))?\]\]"
    r"|\$\{(?P<braced>\w+)(?:\.[^:}]+)?(?::(?P<format>[^}]+))?\}"
)
_SPECIAL = re.compile(r"[$^*{}\[\]'+?.()|]")
_LUCENE = re.compile(r'([!*+\-=<>&|()\[\]{}^~?:\\/"\s])')

# What is chosen for a variable, and how it is written where the reference names no format.
Format = Callable[["Chosen"], str]


@dataclass(frozen=True, kw_only=True)
class Chosen:
    """What is chosen for a variable.

    `values` are those that a query gets, `texts` how they are shown. `many` tells that there may be several, so that
    a query has to compare with a regular expression. `verbatim` is written as it is: the `allValue` of a variable.
    """

    name: str
    values: tuple[str, ...]
    texts: tuple[str, ...] = ()
    many: bool = False
    everything: bool = False
    verbatim: str | None = None

    @property
    def text(self) -> str:
        """What is shown of it: the texts, or `All`."""
        return "All" if self.everything else " + ".join(self.texts or self.values)


def interpolate(text: str, chosen: Mapping[str, Chosen], default: Format) -> str:
    """The text with each variable replaced that is known; the others stay as they are.

    Args:
        text: what may name variables.
        chosen: by name.
        default: how a variable is written whose reference asks for no format.
    """

    def replacement(match: re.Match[str]) -> str:
        name = match["plain"] or match["square"] or match["braced"]
        found = chosen.get(name)
        if found is None:
            return match[0]
        return written(found, match["square_format"] or match["format"] or "", default)

    return _REFERENCE.sub(replacement, text)


def names(text: str) -> set[str]:
    """The variables that a text refers to."""
    return {match["plain"] or match["square"] or match["braced"] for match in _REFERENCE.finditer(text)}


def plain(values: Mapping[str, str]) -> dict[str, Chosen]:
    """Variables of one value each, which is written as it is in every format."""
    return {name: Chosen(name=name, values=(value,), verbatim=value) for name, value in values.items()}


def written(chosen: Chosen, form: str, default: Format) -> str:
    """What is chosen in that format; an unknown format is as good as `glob`, as in Grafana."""
    name, _, argument = form.partition(":")
    if not name:
        return default(chosen)
    if chosen.verbatim is not None and name != "text":
        return chosen.verbatim
    if name == "join":
        return (argument or ",").join(chosen.values)
    return _FORMATS.get(name, _glob)(chosen)


def promql(chosen: Chosen) -> str:
    """What is chosen as a query has it between quotation marks.

    Of a variable that may have several values, the letters that mean something in a regular expression are escaped,
    and several values are alternatives.
    """
    if chosen.verbatim is not None:
        return chosen.verbatim
    if not chosen.many:
        return "|".join(value.replace("\\", "\\\\").replace('"', '\\"') for value in chosen.values)
    escaped = [_escape(value) for value in chosen.values]
    return escaped[0] if len(escaped) == 1 else f"({'|'.join(escaped)})"


def shown(chosen: Chosen) -> str:
    """What is chosen as a title has it."""
    return chosen.text


def _escape(value: str) -> str:
    """For a regular expression within a quoted text, which halves the backslashes once more."""
    return _SPECIAL.sub(lambda match: "\\\\" + match[0], value.replace("\\", "\\\\\\\\"))


def _regex(chosen: Chosen) -> str:
    escaped = [re.sub(r"[.*+?^${}()|\[\]\\/]", lambda match: "\\" + match[0], value) for value in chosen.values]
    return escaped[0] if len(escaped) == 1 else f"({'|'.join(escaped)})"


def _glob(chosen: Chosen) -> str:
    return chosen.values[0] if len(chosen.values) == 1 else f"{{{','.join(chosen.values)}}}"


def _json(chosen: Chosen) -> str:
    values = [json.dumps(value, ensure_ascii=False) for value in chosen.values]
    return values[0] if len(values) == 1 and not chosen.many else f"[{','.join(values)}]"


def _lucene(chosen: Chosen) -> str:
    values = [_LUCENE.sub(r"\\\1", value) for value in chosen.values]
    return values[0] if len(values) == 1 else f"({' OR '.join(map(json.dumps, chosen.values))})"


def _parameters(chosen: Chosen) -> str:
    return "&".join(f"var-{chosen.name}={quote(value, safe='')}" for value in chosen.values)


def _distributed(chosen: Chosen) -> str:
    first, *others = chosen.values or ("",)
    return ",".join((first, *(f"{chosen.name}={value}" for value in others)))


def _quoted(mark: str, escaped: str) -> Format:
    return lambda chosen: ",".join(f"{mark}{value.replace(mark, escaped)}{mark}" for value in chosen.values)


def _percent(chosen: Chosen) -> str:
    return quote(_glob(chosen), safe="")


def _joined(sign: str, each: Callable[[str], str] = str) -> Callable[[Sequence[str]], str]:
    return lambda values: sign.join(each(value) for value in values)


def _values(join: Callable[[Sequence[str]], str]) -> Format:
    return lambda chosen: join(chosen.values)


_FORMATS: Mapping[str, Format] = MappingProxyType(
    {
        "csv": _values(_joined(",")),
        "distributed": _distributed,
        "doublequote": _quoted('"', '\\"'),
        "glob": _glob,
        "html": _values(_joined(", ", escape)),
        "json": _json,
        "lucene": _lucene,
        "percentencode": _percent,
        "pipe": _values(_joined("|")),
        "queryparam": _parameters,
        "raw": _values(_joined(",")),
        "regex": _regex,
        "singlequote": _quoted("'", "\\'"),
        "sqlstring": _quoted("'", "''"),
        "text": shown,
        "uriencode": _percent,
    }
)
