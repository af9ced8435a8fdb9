"""What a region may be called: its name is that of a directory."""

import re

from refapp.backends.cloudwatch.errors import InvalidParameter

_NAME = re.compile(r"[a-z]{2,4}(?:-[a-z]{2,12}){1,3}-[0-9]{1,2}")


def is_region(name: str) -> bool:
    """Whether a region may be called so."""
    return _NAME.fullmatch(name) is not None


def check_region(name: str) -> None:
    """Refuse what is no name of a region.

    Raises:
        InvalidParameter: it is none.
    """
    if not is_region(name):
        raise InvalidParameter(f"{name!r} is no name of a region, such as us-east-1")
