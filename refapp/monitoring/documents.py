"""Configuration as YAML that a person can read."""

from typing import Any

import yaml

_BREAKS = frozenset("\r\x85\u2028\u2029")


class _Dumper(yaml.SafeDumper):
    """Writes a text of several lines as one."""


def _text(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=_style(text))


def _style(text: str) -> str | None:
    # YAML takes these for ends of lines too, and reads them as "\n" wherever they are not escaped.
    if not _BREAKS.isdisjoint(text):
        return '"'
    return "|" if "\n" in text else None


_Dumper.add_representer(str, _text)


def dump(content: Any) -> str:
    """Data as YAML, in the order in which it is given."""
    text: str = yaml.dump(content, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=4096)
    return text
