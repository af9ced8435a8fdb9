"""What running Envoys say of themselves, asked at the unix sockets of their administration."""

import asyncio
import re
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any
from urllib.parse import quote

import aiohttp

from refapp.mesh import Address
from refapp.mesh.envoy.inbound import APPLICATION

_PERIOD = 0.05
_TIMEOUT = aiohttp.ClientTimeout(total=2)


async def endpoints(admin: Path, cluster: str) -> set[Address]:
    """The addresses that an Envoy may call for a cluster.

    Raises:
        aiohttp.ClientError: there is no Envoy.
    """
    answer = await _get(admin, "/clusters?format=json")
    return {
        Address(socket["address"], socket["port_value"])
        for status in answer.get("cluster_statuses", ())
        if status["name"] == cluster
        for host in status.get("host_statuses", ())
        for socket in (host["address"]["socket_address"],)
    }


async def requests(admin: Path) -> int:
    """How many requests a sidecar has passed on to its application.

    Raises:
        aiohttp.ClientError: there is no Envoy.
    """
    name = f"cluster.{APPLICATION}.upstream_rq_total"
    answer = await _get(admin, f"/stats?format=json&filter={quote(re.escape(name))}")
    return sum(stat["value"] for stat in answer.get("stats", ()) if stat.get("name") == name)


async def route_versions(admin: Path) -> set[str]:
    """The versions of the routes that an Envoy has taken from files.

    Raises:
        aiohttp.ClientError: there is no Envoy.
    """
    answer = await _get(admin, "/config_dump?resource=dynamic_route_configs")
    return {route.get("version_info", "") for route in answer.get("configs", ())}


async def until(admins: Iterable[Path], condition: Callable[[Path], Any]) -> None:
    """Wait until the condition holds for every Envoy; one that has ended will read its files when it starts again."""
    for admin in admins:
        try:
            while not await condition(admin):
                await asyncio.sleep(_PERIOD)
        except (aiohttp.ClientError, TimeoutError):
            continue


async def _get(admin: Path, path: str) -> dict[str, Any]:
    connector = aiohttp.UnixConnector(str(admin))
    async with (
        aiohttp.ClientSession(connector=connector, timeout=_TIMEOUT) as session,
        session.get(f"http://envoy{path}") as response,
    ):
        answer: dict[str, Any] = await response.json(content_type=None)
    return answer
