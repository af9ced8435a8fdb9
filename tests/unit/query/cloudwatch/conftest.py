"""A CloudWatch that answers what it is told to: boto3's own clients, with their answers checked against its model."""

from datetime import UTC, datetime
from types import SimpleNamespace

import pytest
from botocore.exceptions import ClientError
from botocore.stub import ANY, Stubber

from refapp.query.cloudwatch.cloud import Cloud

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
ANYTHING = ANY


@pytest.fixture(scope="session")
def clients():
    """Clients of the services that nobody serves; they take a while to be made."""
    cloud = Cloud(lambda: {"aws": "http://127.0.0.1:1"})
    return {service: cloud.client(service) for service in ("logs", "cloudwatch")}


@pytest.fixture
def aws(clients, monkeypatch):
    """`cloud`, and `says(service, operation, answer, parameters)`, which it says next; all has to be asked for."""
    stubs = {service: Stubber(client) for service, client in clients.items()}
    cloud = Cloud(lambda: {"aws": "http://aws"})
    monkeypatch.setattr(cloud, "client", clients.__getitem__)

    def says(service, operation, answer, parameters=None):
        stubs[service].add_response(operation, answer, parameters)

    def refuses(service, operation, code, message="no", **details):
        stubs[service].add_client_error(operation, code, message, 400, response_meta=None, modeled_fields=details)

    for stub in stubs.values():
        stub.activate()
    yield SimpleNamespace(cloud=cloud, says=says, refuses=refuses)
    for stub in stubs.values():
        stub.assert_no_pending_responses()
        stub.deactivate()


@pytest.fixture
def no_pauses(monkeypatch):
    """The pauses that would have been made, in seconds."""
    pauses = []
    for module in ("queries", "tail", "alarms"):
        monkeypatch.setattr(f"refapp.query.cloudwatch.{module}.clock.sleep", pauses.append)
    return pauses


@pytest.fixture
def refused():
    """Makes the error of botocore for an answer that says no."""

    def refused(code, message="no", operation="Op", **details):
        response = {"Error": {"Code": code, "Message": message}, "ResponseMetadata": {"HTTPStatusCode": 400}}
        return ClientError({**response, **details}, operation)

    return refused
