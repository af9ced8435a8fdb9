"""What the tests of the endpoint share: processes of it, and clients that count what they send."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from contextlib import contextmanager

import boto3
import pytest
from botocore.config import Config

KEYS = {"aws_access_key_id": "anything", "aws_secret_access_key": "anything"}


class Endpoint:
    """A process, and clients of it."""

    def __init__(self, process, url):
        self.process, self.url = process, url
        self._sessions = {}

    def health(self):
        try:
            with urllib.request.urlopen(f"{self.url}/health", timeout=5) as response:
                return json.load(response)
        except OSError:
            return None

    def client(self, service, region="us-east-1", **config):
        """A client; its `sent` counts requests on the wire."""
        settings = Config(proxies={}, inject_host_prefix=False, **config)
        client = boto3.client(service, region_name=region, endpoint_url=self.url, config=settings, **KEYS)
        client.sent = 0

        def count(**_):
            client.sent += 1

        client.meta.events.register("before-send", count)
        return client

    def stream(self, group, *streams, region="us-east-1"):
        """A client of the logs, with a group and streams of it."""
        logs = self.client("logs", region)
        logs.create_log_group(logGroupName=group)
        for stream in streams:
            logs.create_log_stream(logGroupName=group, logStreamName=stream)
        return logs

    def end(self, number=signal.SIGTERM):
        self.process.send_signal(number)
        _, errors = self.process.communicate(timeout=30)
        return self.process.returncode, errors


def _begin(directory):
    with socket.create_server(("127.0.0.1", 0)) as free:
        address = f"127.0.0.1:{free.getsockname()[1]}"
    command = [sys.executable, "-m", "refapp.backends.cloudwatch.endpoint.server"]
    environ = os.environ | {"PORT": address, "STORE": str(directory)}
    endpoint = Endpoint(subprocess.Popen(command, env=environ, stderr=subprocess.PIPE, text=True), f"http://{address}")
    deadline = time.monotonic() + 60
    while endpoint.health() is None:
        if time.monotonic() > deadline:
            endpoint.end(signal.SIGKILL)
            pytest.fail("the endpoint does not answer")
        if endpoint.process.poll() is not None:
            _, errors = endpoint.process.communicate()
            assert "Address already in use" in errors  # by somebody else meanwhile
            return _begin(directory)
        time.sleep(0.01)
    return endpoint


@contextmanager
def _started(directory):
    endpoint = _begin(directory)
    try:
        yield endpoint
    finally:
        if endpoint.process.poll() is None:
            endpoint.end(signal.SIGKILL)


@pytest.fixture(scope="session")
def started():
    """Starts an endpoint on a directory, for a block; it is there when the block begins."""
    return _started


@pytest.fixture(scope="session")
def endpoint(tmp_path_factory):
    """An endpoint that many tests use, each with groups of its own."""
    with _started(tmp_path_factory.mktemp("cloudwatch")) as endpoint:
        yield endpoint


@pytest.fixture(scope="session")
def now():
    """Events of now: their messages in the order of time."""

    def now(*messages, ago=0):
        start = int(time.time() * 1000) - ago
        return [{"timestamp": start, "message": message} for message in messages]

    return now
