"""The addresses of AWS's console, which hold a query and its time.

The console writes an object as JSURL does (https://github.com/Sage/jsurl): `~(name~value~…)`, a list `~(~value~…)`, a
text `~'…`, in which every character but letters, digits, `_`, `-` and `.` is `*` with two hexadecimal digits, or `**`
with four. Grafana makes its links to the console in the same way (public/app/plugins/datasource/cloudwatch/aws_url.ts).
Which names there are is not documented: these are those of addresses that the console has shown.
"""

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta

from refapp.query.cloudwatch.spans import Span

Value = str | int | float | bool | Sequence["Value"] | Mapping[str, "Value"]

_ESCAPED = re.compile(r"[^\w.-]", re.ASCII)
_BYTE = 0x100


def encode(value: Value) -> str:
    """A value as the console writes it into an address."""
    if isinstance(value, str):
        return f"~'{_ESCAPED.sub(_escape, value)}"
    if isinstance(value, bool):
        return f"~{value}".lower()
    if isinstance(value, int | float):
        return f"~{value}"
    if isinstance(value, Mapping):
        return f"~({'~'.join(_ESCAPED.sub(_escape, name) + encode(part) for name, part in value.items())})"
    return f"~({''.join(map(encode, value)) or '~'})"


def insights_url(query: str, groups: Sequence[str], region: str, time: timedelta | Span) -> str:
    """The address that opens a query in Logs Insights.

    Args:
        query: its text.
        groups: names or ARNs of log groups.
        region: such as `us-east-1`.
        time: how long before the moment at which it is opened, or from when to when.
    """
    when: dict[str, Value]
    if isinstance(time, timedelta):
        seconds = -round(time.total_seconds())
        when = {"end": 0, "start": seconds, "timeType": "RELATIVE", "tz": "UTC", "unit": "seconds"}
    else:
        when = {"end": _iso(time.end), "start": _iso(time.start), "timeType": "ABSOLUTE", "tz": "UTC"}
    detail = {**when, "editorString": query, "source": list(groups), "lang": "CWLI"}
    home = f"https://{region}.console.aws.amazon.com/cloudwatch/home?region={region}"
    # `?` and `=` within the fragment.
    return f"{home}#logsV2:logs-insights$3FqueryDetail$3D{encode(detail)}"


def _escape(match: re.Match[str]) -> str:
    """The code units of UTF-16 that a character has: one or two."""
    code = match[0].encode("utf-16-be", "surrogatepass").hex()
    units = [code[place : place + 4] for place in range(0, len(code), 4)]
    return "".join(f"*{unit[2:]}" if int(unit, 16) < _BYTE else f"**{unit}" for unit in units)


def _iso(time: datetime) -> str:
    return time.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
