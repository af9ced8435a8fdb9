"""What several backends are told by their environment, in the same form by all of them."""

import math
import re

from refapp.services.settings import SettingsError

GROUP_PART = re.compile(r"[\w.\-/#]{1,400}", re.ASCII)
"""A part of the name of a log group (API_CreateLogGroup, CloudWatch Logs API reference)."""

_SWITCH = {"on": True, "off": False}


def seconds(name: str, text: str) -> float:
    """A number of seconds greater than 0.

    Raises:
        SettingsError: it is none; the message begins with `name`.
    """
    try:
        number = float(text)
    except ValueError:
        number = math.nan
    if not 0 < number < math.inf:
        raise SettingsError(f"{name} is {text!r}: it must be a number of seconds greater than 0")
    return number


def switch(name: str, text: str) -> bool:
    """Whether something is `on`, and not `off`.

    Raises:
        SettingsError: it is neither; the message begins with `name`.
    """
    if text.lower() not in _SWITCH:
        raise SettingsError(f"{name} is {text!r}: it must be on or off")
    return _SWITCH[text.lower()]


def log_name(name: str, text: str, form: re.Pattern[str]) -> str:
    """A part of the name of a log group or stream, in the form that such a part has.

    Raises:
        SettingsError: it has another; the message begins with `name`.
    """
    if not form.fullmatch(text):
        raise SettingsError(f"{name} is {text!r}: a log group or stream cannot be named so")
    return text
