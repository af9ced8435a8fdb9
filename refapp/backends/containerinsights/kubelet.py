"""Asks the kubelet what it measures; see `refapp.backends.containers.containerinfo`."""

from http.client import HTTPConnection, HTTPException
from typing import Any

import orjson

from refapp.backends.containerinsights.readings import ReadingError, Snapshot, snapshot
from refapp.backends.containers.containerinfo import API

_OK = 200


class KubeletError(Exception):
    """The kubelet does not tell what it measures; the message says why."""


class Kubelet:
    """The kubelet at a host and a port; it has so many seconds for each answer."""

    def __init__(self, host: str, port: int, timeout: float) -> None:
        self._server = host, port
        self._timeout = timeout

    def read(self) -> Snapshot:
        """All that it measures now.

        Raises:
            KubeletError: it does not answer, or not what was asked.
        """
        # A connection for each reading: the kubelet may be another one by the next.
        connection = HTTPConnection(*self._server, timeout=self._timeout)
        try:
            machine, infos = (_get(connection, f"{API}/{path}") for path in ("machine", "subcontainers/"))
            return snapshot(machine, infos)
        except (OSError, HTTPException, ReadingError) as error:
            host, port = self._server
            raise KubeletError(f"{host}:{port}: {str(error) or type(error).__name__}") from error
        finally:
            connection.close()


def _get(connection: HTTPConnection, path: str) -> Any:
    connection.request("GET", path)
    response = connection.getresponse()
    content = response.read()
    if response.status != _OK:
        raise HTTPException(f"{path} is answered by {response.status}")
    try:
        return orjson.loads(content)
    except orjson.JSONDecodeError as error:
        raise ReadingError(f"{path} is no JSON: {error}") from error
