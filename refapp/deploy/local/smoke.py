"""The proof that a platform works: one request through all of it, found again in the logs."""

import asyncio
import contextlib
import json
import uuid
from collections.abc import Callable, Iterable
from http import HTTPStatus
from pathlib import Path
from typing import Any

import aiohttp

from refapp.deploy.errors import DeployError
from refapp.monitoring.cluster import REGION
from refapp.monitoring.loggroups import APPLICATION, log_group
from refapp.topology import Topology

_PERIOD = 0.05
_REQUEST_TIMEOUT = aiohttp.ClientTimeout(total=10)

LogFiles = Callable[[str], Iterable[Path]]
"""The log files of a workload's pods."""


async def check(
    topology: Topology,
    ingress: str,
    log_files: LogFiles,
    *,
    logged: bool,
    ui: str | None = None,
    zipkin: str | None = None,
    prometheus: str | None = None,
    aws: str | None = None,
) -> None:
    """Send a request, until one is answered, and wait until its logs, its trace and its metrics are there.

    Args:
        topology: what the answer is compared with.
        ingress: the public address.
        log_files: where the workloads log.
        logged: whether the log level lets them write about a request at all.
        ui: the address of the user interface, which is awaited, if there is one.
        zipkin: the API at which its trace is awaited, if it is traced.
        prometheus: the API at which it is awaited that each service has counted it, if they do.
        aws: the API at which it is awaited that our CloudWatch Logs has what each service logged, if they do.

    Raises:
        DeployError: the answer is not that of the topology.
    """
    request_id = str(uuid.uuid4())
    async with aiohttp.ClientSession(timeout=_REQUEST_TIMEOUT, headers={"x-request-id": request_id}) as session:
        while not (body := await _ask(session, f"{ingress}/api/greeting")):
            await asyncio.sleep(_PERIOD)
        if ui:
            await _wait_for_answer(session, f"{ui}config.json")
        if zipkin:
            await _wait_for_trace(session, zipkin, request_id, spans=2 * (len(topology.calls) + 1))
        if prometheus:
            await _wait_for_metrics(session, prometheus, len(topology.calls) + (2 if ui else 1))
        if aws:
            await _wait_for_log_events(session, aws, request_id, {topology.gateway.name, *topology.answer})
    greetings = body.get("greeting", [])
    expected = [topology[name].title for name in topology.answer]
    if [greeting["service"] for greeting in greetings] != expected:
        raise DeployError(f"the first request was to return the greetings of {expected}, and returned {body}")
    if logged:
        for workload, mark in _marks(topology, request_id, greetings):
            await _wait_for(mark, log_files(workload))


def _marks(topology: Topology, request_id: str, greetings: list[dict[str, str]]) -> Iterable[tuple[str, str]]:
    """What to look for in whose log: the request, and the greeting that travels by the queue."""
    for workload in (topology.gateway.name, *topology.answer):
        yield workload, request_id
    sent = {topology[name].publishes: greeting["id"] for name, greeting in zip(topology.answer, greetings, strict=True)}
    for consumer in topology.services:
        if consumer.consumes:
            yield consumer.name, sent[consumer.consumes]


async def _ask(session: aiohttp.ClientSession, url: str) -> dict[str, Any]:
    """The answer's body; empty while a service on the way is still finding another."""
    try:
        async with session.get(url) as response:
            body: dict[str, Any] = await response.json(content_type=None)
    except (aiohttp.ClientError, TimeoutError, ValueError):
        return {}
    return {} if response.status == HTTPStatus.SERVICE_UNAVAILABLE else body


async def _wait_for_answer(session: aiohttp.ClientSession, url: str) -> None:
    """Wait until something is there, by a request that is another than the one that is followed."""
    while True:
        with contextlib.suppress(aiohttp.ClientError, TimeoutError):
            async with session.get(url, headers={"x-request-id": str(uuid.uuid4())}) as response:
                if response.ok:
                    return
        await asyncio.sleep(_PERIOD)


async def _wait_for_trace(session: aiohttp.ClientSession, zipkin: str, request_id: str, spans: int) -> None:
    """Wait for the spans of both sidecars of each call, the edge's included."""
    # Tries of the request that failed have the same id, and fewer spans.
    query = {"annotationQuery": f"guid:x-request-id={request_id}", "limit": "100"}
    while True:
        with contextlib.suppress(aiohttp.ClientError, TimeoutError, ValueError):
            async with session.get(f"{zipkin}/api/v2/traces", params=query) as response:
                if any(len(trace) >= spans for trace in await response.json()):
                    return
        await asyncio.sleep(_PERIOD)


async def _wait_for_metrics(session: aiohttp.ClientSession, prometheus: str, calls: int) -> None:
    """Wait until the sidecars of both ends have told Prometheus of each call."""
    query = {"query": "count by (reporter) (sum by (reporter, source_app, destination_app) (istio_requests_total > 0))"}
    while True:
        with contextlib.suppress(aiohttp.ClientError, TimeoutError, ValueError, KeyError):
            async with session.get(f"{prometheus}/api/v1/query", params=query) as response:
                told = [int(series["value"][1]) for series in (await response.json())["data"]["result"]]
                if len(told) == 2 and min(told) >= calls:  # noqa: PLR2004 - source and destination
                    return
        await asyncio.sleep(_PERIOD)


async def _wait_for_log_events(session: aiohttp.ClientSession, aws: str, request_id: str, workloads: set[str]) -> None:
    """Wait until CloudWatch Logs finds a line of each workload about the request."""
    headers = {
        "X-Amz-Target": "Logs_20140328.FilterLogEvents",
        "Content-Type": "application/x-amz-json-1.1",
        # Which region and service; ours checks no signature.
        "Authorization": f"AWS4-HMAC-SHA256 Credential=local/19700101/{REGION}/logs/aws4_request, Signature=none",
    }
    query = {"logGroupName": log_group(APPLICATION), "filterPattern": f'"{request_id}"'}
    while True:
        with contextlib.suppress(aiohttp.ClientError, TimeoutError, ValueError, KeyError):
            async with session.post(aws, headers=headers, json=query) as response:
                events = [json.loads(event["message"]) for event in (await response.json(content_type=None))["events"]]
                if workloads <= {event["kubernetes"]["container_name"] for event in events}:
                    return
        await asyncio.sleep(_PERIOD)


async def _wait_for(text: str, files: Iterable[Path]) -> None:
    paths = list(files)
    while not any(text in path.read_text(errors="replace") for path in paths):
        await asyncio.sleep(_PERIOD)
