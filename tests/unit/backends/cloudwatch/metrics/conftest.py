"""What the tests of metrics and alarms share: a clock, stores, and an endpoint that boto3 talks to."""

import threading

import boto3
import botocore.session
import pytest
from moto.cloudwatch import urls
from moto.cloudwatch.models import cloudwatch_backends
from moto.core import DEFAULT_ACCOUNT_ID
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
from moto.sns.models import sns_backends
from moto.sqs.models import sqs_backends
from waitress import wasyncore
from waitress.server import create_server

from refapp.backends.cloudwatch.metrics import adapter, topics
from refapp.backends.cloudwatch.metrics.alarms.panel import AlarmPanel
from refapp.backends.cloudwatch.metrics.datum import Datum, Metric
from refapp.backends.cloudwatch.metrics.distribution import Distribution
from refapp.backends.cloudwatch.metrics.regions import MetricRegion
from refapp.backends.cloudwatch.metrics.store import MetricStore

HOUR = 1_700_002_800  # 2023-11-14 23:00:00 UTC, in seconds
REGION = "eu-west-1"
ACCESS = {"region_name": REGION, "aws_access_key_id": "test", "aws_secret_access_key": "test"}
PROTOCOLS = ["json", "smithy-rpc-v2-cbor", "query"]


class Clock:
    """A clock that stands still until it is set."""

    def __init__(self, now):
        self.now = now

    def __call__(self):
        return self.now


class Published(list):
    """What was published, instead of being sent: topic, subject and message."""

    def __call__(self, *message):
        self.append(message)


def make_datum(*values, at=HOUR, name="latency", namespace="shop", unit="None", resolution=60, **dimensions):
    metric = Metric.of(namespace, name, dimensions.items())
    return Datum(metric, int(at * 1000), Distribution.of([float(value) for value in values]), unit, resolution)


@pytest.fixture(scope="session")
def hour():
    return HOUR


@pytest.fixture(scope="session")
def datum():
    return make_datum


@pytest.fixture
def clock():
    return Clock(HOUR + 3600)


@pytest.fixture
def store(tmp_path, clock):
    with MetricStore(tmp_path / "metrics.db", clock=clock) as store:
        yield store


@pytest.fixture
def published():
    return Published()


@pytest.fixture
def panel(tmp_path, store, clock, published):
    with AlarmPanel(store, tmp_path / "alarms.db", publish=published, clock=clock) as panel:
        yield panel


class Endpoint:
    """An endpoint on loopback; what it answers with is the application of the test that runs."""

    def __init__(self):
        self.app = None
        self._server = create_server(self._answer, host="127.0.0.1", port=0, threads=4)
        self.url = f"http://127.0.0.1:{self._server.effective_port}"
        self._thread = threading.Thread(target=self._server.run)
        self._thread.start()
        self._clients = {}

    def _answer(self, environ, start_response):
        return self.app(environ, start_response)

    def client(self, service="cloudwatch", protocol=None):
        key = service, protocol
        if key not in self._clients:
            self._clients[key] = self._speaking(protocol) if protocol else self._plain(service)
        return self._clients[key]

    def close(self):
        for client in self._clients.values():
            client.close()
        # Closed by the thread that waits for all of them: then nothing is left to wait for.
        self._server.trigger.pull_trigger(lambda: wasyncore.close_all(self._server._map))
        self._thread.join()
        self._server.task_dispatcher.shutdown()

    def _plain(self, service):
        return boto3.client(service, endpoint_url=self.url, **ACCESS)

    def _speaking(self, protocol):
        """A client that knows one protocol of CloudWatch's model alone."""
        session = botocore.session.Session()
        loader = session.get_component("data_loader")
        load = loader.load_service_model

        def load_one(*arguments, **options):
            model = load(*arguments, **options)
            if "metadata" not in model:
                return model
            return model | {"metadata": model["metadata"] | {"protocol": protocol, "protocols": [protocol]}}

        loader.load_service_model = load_one
        return session.create_client("cloudwatch", endpoint_url=self.url, **ACCESS)


@pytest.fixture(scope="session")
def session_endpoint():
    endpoint = Endpoint()
    yield endpoint
    endpoint.close()


@pytest.fixture
def served(tmp_path, store, clock):
    """The alarms that the endpoint serves; they publish to moto's topics."""
    with AlarmPanel(store, tmp_path / "served.db", publish=topics.publish, clock=clock) as alarms:
        yield alarms


@pytest.fixture
def endpoint(session_endpoint, store, served, clock, monkeypatch):
    monkeypatch.setattr(urls, "url_paths", urls.url_paths)
    for backends in (cloudwatch_backends, sns_backends, sqs_backends):
        backends[DEFAULT_ACCOUNT_ID][REGION].reset()
    adapter.install(lambda _: MetricRegion(store, served), clock)
    session_endpoint.app = DomainDispatcherApplication(create_backend_app)
    return session_endpoint


@pytest.fixture(params=PROTOCOLS)
def client(endpoint, request):
    """boto3's client of CloudWatch, once in each protocol."""
    return endpoint.client(protocol=request.param)
