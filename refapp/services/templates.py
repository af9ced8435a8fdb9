"""URL path templates of `google.api.http` annotations.

Source: google/api/http.proto, "Path template syntax". What it leaves open is as in grpc-gateway: `*` matches an empty
segment too, and a colon belongs to the last segment unless the template itself has that verb.
"""

import re
import string
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Self
from urllib.parse import quote, unquote_to_bytes

_IDENT = r"[A-Za-z_][A-Za-z0-9_]*"
_TEMPLATE = re.compile(r"/(?P<segments>(?:[^{}]|\{[^{}]*\})*?)(?P<verb>:[^:/{}]+)?")
_PART = re.compile(r"(?:[^/{}]|\{[^{}]*\})+")
_VARIABLE = re.compile(rf"\{{(?P<field>{_IDENT}(?:\.{_IDENT})*)(?:=(?P<segments>[^{{}}]+))?\}}")
_LITERAL = re.compile(r"(?:[A-Za-z0-9\-._~!$&'()+,;=:@]|%[0-9A-Fa-f]{2})+")
_ESCAPE = re.compile(r"%[0-9A-Fa-f]{2}")
_BROKEN_ESCAPE = re.compile(r"%(?![0-9A-Fa-f]{2})")
_SLASH = re.compile(r"(%2[Ff])")
_UNRESERVED = frozenset(string.ascii_letters + string.digits + "-._~")


class TemplateError(ValueError):
    """A path template does not follow the syntax."""


class EncodingError(ValueError):
    """A part of a URL is not percent-encoded UTF-8."""


def decode(text: str) -> str:
    """Undo the percent-encoding of a part of a URL.

    Raises:
        EncodingError: a per cent sign does not begin an escape, or the octets are not UTF-8.
    """
    if "%" not in text and text.isascii():
        return text
    if _BROKEN_ESCAPE.search(text):
        raise EncodingError(f"{text!r} is not percent-encoded: a % stands without two hexadecimal digits")
    try:
        return unquote_to_bytes(_octets(text)).decode("utf-8")
    except UnicodeError:
        raise EncodingError(f"{text!r} is not percent-encoded UTF-8") from None


@dataclass(frozen=True)
class PathTemplate:
    """A path template: its text, the dotted paths of the `fields` that its variables fill, and how to match it."""

    text: str
    fields: tuple[str, ...]
    _pattern: re.Pattern[str]
    _single: tuple[bool, ...]

    @classmethod
    def parse(cls, text: str) -> Self:
        """Parse a template such as `/v1/{name=shelves/*/books/*}:read`.

        Raises:
            TemplateError: it does not follow the syntax, binds a field twice, or `**` is not its last segment.
        """
        match = _TEMPLATE.fullmatch(text)
        parts = _PART.findall(match["segments"]) if match else []
        if match is None or "/".join(parts) != match["segments"]:
            raise TemplateError(f"{text!r} is no path template: it needs a leading /, closed braces, no empty segment")
        pattern = "".join(_patterns(parts, text)) or "/"
        variables = [variable for part in parts if (variable := _VARIABLE.fullmatch(part))]
        fields = tuple(variable["field"] for variable in variables)
        for field, following in pairwise(sorted(fields)):
            if field == following:
                raise TemplateError(f"{text!r} binds {field!r} twice")
        verb = re.escape(_canonical(match["verb"])) if match["verb"] else ""
        single = tuple((variable["segments"] or "*") == "*" for variable in variables)
        return cls(text, fields, re.compile(pattern + verb, re.DOTALL), single)

    def match(self, path: str) -> dict[str, str] | None:
        """The values of the variables in a path, by field, or None when it has another form.

        Args:
            path: percent-encoded, without the query. In a variable of one segment every escape is decoded; in one
                of several segments `%2F` stays as it is, for there it is not the same as `/`.

        Raises:
            EncodingError: the path is not percent-encoded UTF-8.
        """
        match = self._pattern.fullmatch(_canonical(path))
        if match is None:
            return None
        values = zip(self.fields, self._single, match.groups(default=""), strict=True)
        return {field: decode(value) if single else _decode_segments(value) for field, single, value in values}


def _patterns(parts: list[str], template: str) -> Iterator[str]:
    for index, part in enumerate(parts):
        variable = _VARIABLE.fullmatch(part)
        segments = (variable["segments"] or "*").split("/") if variable else [part]
        if "**" in segments[:-1] or (segments[-1] == "**" and index < len(parts) - 1):
            raise TemplateError(f"{template!r} is no path template: ** must be its last segment")
        group = "".join(_segment(segment, template) for segment in segments)
        if not variable:
            yield group
        elif segments == ["**"]:
            yield "(?:/(.*))?"
        else:
            yield f"/({group.removeprefix('/')})"


def _segment(segment: str, template: str) -> str:
    if segment == "*":
        return "/[^/]*"
    if segment == "**":
        return "(?:/.*)?"
    if not _LITERAL.fullmatch(segment):
        raise TemplateError(f"{template!r} is no path template: {segment!r} is neither *, ** nor a literal")
    return "/" + re.escape(_canonical(segment))


def _canonical(path: str) -> str:
    """The path with the same octets escaped however it was written, so that equal paths are equal text."""
    if "%" not in path and path.isascii():
        return path
    decode(path)
    return _ESCAPE.sub(_normal, quote(_octets(path), safe=string.punctuation))


def _normal(escape: re.Match[str]) -> str:
    character = chr(int(escape[0][1:], 16))
    return character if character in _UNRESERVED else escape[0].upper()


def _decode_segments(text: str) -> str:
    return "".join(piece if _SLASH.fullmatch(piece) else decode(piece) for piece in _SLASH.split(text))


def _octets(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape")
