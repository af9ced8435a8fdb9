from contextlib import asynccontextmanager

import aiohttp
import pytest
from aiohttp import web

from refapp.deploy.local import envoys
from refapp.mesh import Address

CLUSTERS = {
    "cluster_statuses": [
        {
            "name": "outbound|a",
            "host_statuses": [
                {"address": {"socket_address": {"address": "127.0.0.1", "port_value": port}}} for port in (1, 2)
            ],
        },
        {"name": "outbound|b"},
    ]
}
ROUTES = {"configs": [{"version_info": "1", "route_config": {}}, {"route_config": {}}]}


@asynccontextmanager
async def administration(socket, pages):
    """What an Envoy's administration answers at a unix socket."""

    async def page(request):
        return web.json_response(pages[request.path])

    app = web.Application()
    app.router.add_get("/{page}", page)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.UnixSite(runner, str(socket)).start()
    try:
        yield
    finally:
        await runner.cleanup()


async def test_endpoints_are_those_of_the_cluster(tmp_path):
    async with administration(tmp_path / "s", {"/clusters": CLUSTERS}):
        assert await envoys.endpoints(tmp_path / "s", "outbound|a") == {
            Address("127.0.0.1", 1),
            Address("127.0.0.1", 2),
        }
        assert await envoys.endpoints(tmp_path / "s", "outbound|b") == set()
        assert await envoys.endpoints(tmp_path / "s", "outbound|c") == set()


async def test_requests_are_those_that_reached_the_application(tmp_path):
    stats = {
        "stats": [{"name": "cluster.inbound|application.upstream_rq_total", "value": 7}, {"name": "x", "value": 1}]
    }
    async with administration(tmp_path / "s", {"/stats": stats}):
        assert await envoys.requests(tmp_path / "s") == 7
    async with administration(tmp_path / "t", {"/stats": {"stats": []}}):
        assert await envoys.requests(tmp_path / "t") == 0


async def test_routes_have_versions(tmp_path):
    async with administration(tmp_path / "s", {"/config_dump": ROUTES}):
        assert await envoys.route_versions(tmp_path / "s") == {"1", ""}


async def test_an_envoy_that_has_ended_is_not_waited_for(tmp_path):
    with pytest.raises(aiohttp.ClientError):
        await envoys.route_versions(tmp_path / "nobody")
    await envoys.until([tmp_path / "nobody"], envoys.route_versions)


async def test_every_envoy_is_waited_for(tmp_path):
    asked = []

    async def third_time(admin):
        asked.append(admin.name)
        return asked.count(admin.name) == 3

    await envoys.until([tmp_path / "a", tmp_path / "b"], third_time)
    assert asked == ["a"] * 3 + ["b"] * 3
