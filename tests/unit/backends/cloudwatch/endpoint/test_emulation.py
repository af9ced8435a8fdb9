import io
import zipfile

import pytest

from refapp.backends.cloudwatch.endpoint import emulation
from refapp.backends.cloudwatch.endpoint.calls import Call, Protocol
from refapp.backends.cloudwatch.endpoint.emulation import Emulation
from refapp.backends.cloudwatch.errors import InvalidParameter

CALL = Call("logs", "us-east-1", "DoIt", Protocol.JSON, "Logs_20140328.DoIt")
ENVIRON = {"REQUEST_METHOD": "GET", "PATH_INFO": "/x", "wsgi.input": io.BytesIO(b"")}


@pytest.fixture
def answered(monkeypatch):
    """What comes of a request that moto answers by a WSGI application of the test."""

    def answered(application, call=CALL):
        begun, amended = [], []
        monkeypatch.setattr(emulation, "_dispatcher", lambda _: application)
        moto = Emulation(lambda: amended.append(True), {})
        for _ in range(2):
            body = moto.answer(call, ENVIRON, lambda status, headers, *_: begun.append((status, dict(headers))))
        assert amended == [True]
        return *begun[-1], b"".join(body)

    return answered


def raising(error):
    def application(*_):
        raise error

    return application


def test_an_answer_is_handed_on(answered):
    def application(_, start):
        start("418 I'm a teapot", [("Content-Type", "application/json"), ("X", "y")])
        return [b"a", b"b"]

    assert answered(application) == ("418 I'm a teapot", {"Content-Type": "application/json", "X": "y"}, b"ab")


def page(status):
    def application(_, start):
        start(status, [("content-type", "text/html; charset=utf-8")])
        return [b"<h1>"]

    return application


@pytest.mark.parametrize(
    ("call", "error", "text"),
    [
        (CALL, NotImplementedError("The do_it action has not been implemented"), b"DoIt of the service logs"),
        (
            Call("ec2", "us-east-1", "", Protocol.QUERY),
            NotImplementedError("The do_it action has not been implemented"),
            b"<Code>UnknownOperationException</Code><Message>This endpoint does not know do_it of the service ec2.",
        ),
    ],
)
def test_an_operation_that_moto_does_not_know(answered, call, error, text):
    status, _, body = answered(raising(error), call)
    assert status == "400 Bad Request"
    assert b"UnknownOperationException" in body
    assert text in body


@pytest.mark.parametrize("status", ["404 NOT FOUND", "405 METHOD NOT ALLOWED"])
def test_a_path_that_moto_does_not_know(answered, status):
    found, headers, body = answered(page(status), Call("eks", "us-east-1", "", Protocol.REST_JSON))
    assert found == "400 Bad Request"
    assert headers["x-amzn-ErrorType"] == "UnknownOperationException"
    assert b"does not know GET /x of the service eks" in body


def test_a_page_that_is_meant_to_be_one(answered):
    assert answered(page("200 OK"))[2] == b"<h1>"


def test_a_service_that_needs_a_package(answered):
    status, _, body = answered(raising(ModuleNotFoundError("No module named 'x'", name="x")))
    assert status == "400 Bad Request"
    assert b"UnknownServiceException" in body
    assert b"moto needs the Python package x for it" in body


def test_a_failure_of_moto_is_not_tried_again(answered, caplog):
    status, _, body = answered(raising(KeyError("x")))
    assert status == "501 Not Implemented"
    assert b"moto failed: KeyError: 'x'" in body
    assert "logs DoIt: moto failed" in caplog.text


def test_an_amendment_may_refuse(answered):
    status, _, body = answered(raising(InvalidParameter("no")))
    assert status == "400 Bad Request"
    assert b"InvalidParameterException" in body


# With moto itself, and through boto3:

UNKNOWN = [
    ("logs", "list_anomalies", {}),
    ("cloudwatch", "describe_alarm_contributors", {"AlarmName": "x"}),
    ("ec2", "describe_fast_launch_images", {}),
    ("iam", "get_context_keys_for_custom_policy", {"PolicyInputList": ["{}"]}),
    ("eks", "list_insights", {"clusterName": "x"}),
    ("mq", "describe_broker_engine_types", {}),
    ("outposts", "list_outposts", {}),
    ("chime", "list_accounts", {}),
    ("cloudformation", "describe_stacks", {}),
    ("cloudformation", "create_stack", {"StackName": "s", "TemplateBody": "{}"}),
]


@pytest.mark.parametrize(("service", "operation", "members"), UNKNOWN)
def test_boto3_asks_once_for_what_is_unknown(endpoint, service, operation, members):
    client = endpoint.client(service)
    with pytest.raises(client.exceptions.ClientError) as refusal:
        getattr(client, operation)(**members)
    assert refusal.value.response["ResponseMetadata"]["HTTPStatusCode"] in range(400, 500)
    assert "not" in refusal.value.response["Error"]["Message"]
    assert client.sent == 1


def refusal_of(client, operation, **members):
    """The code and the status of a refusal, and how often it was asked for."""
    client.sent = 0
    with pytest.raises(client.exceptions.ClientError) as refusal:
        getattr(client, operation)(**members)
    response = refusal.value.response
    return response["Error"]["Code"], response["ResponseMetadata"]["HTTPStatusCode"], client.sent


def test_a_function_is_not_run(endpoint):
    role = endpoint.client("iam").create_role(RoleName="r", AssumeRolePolicyDocument="{}")["Role"]["Arn"]
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("code.py", "def handler(*_): pass")
    client = endpoint.client("lambda")
    client.create_function(
        FunctionName="f", Runtime="python3.11", Role=role, Handler="code.handler", Code={"ZipFile": packed.getvalue()}
    )
    assert refusal_of(client, "invoke", FunctionName="f") == ("UnknownServiceException", 400, 1)


def test_a_message_does_not_leave_this_machine(endpoint):
    client = endpoint.client("sns")
    topic = client.create_topic(Name="outwards")["TopicArn"]
    client.subscribe(TopicArn=topic, Protocol="http", Endpoint="http://example.com/")
    assert refusal_of(client, "publish", TopicArn=topic, Message="m") == ("InternalFailure", 501, 1)


KNOWN = [
    ("sts", "get_caller_identity", "Account"),
    ("ec2", "describe_vpcs", "Vpcs"),
    ("eks", "list_clusters", "clusters"),
    ("mq", "list_brokers", "BrokerSummaries"),
    ("iam", "list_roles", "Roles"),
    ("sns", "list_topics", "Topics"),
    ("sqs", "list_queues", "ResponseMetadata"),
    ("s3", "list_buckets", "Buckets"),
    ("cloudwatch", "list_dashboards", "DashboardEntries"),
    ("logs", "describe_resource_policies", "resourcePolicies"),
]


@pytest.mark.parametrize(("service", "operation", "member"), KNOWN)
def test_moto_answers_the_rest(endpoint, service, operation, member):
    assert member in getattr(endpoint.client(service), operation)()


def test_all_is_in_one_account(endpoint):
    assert endpoint.client("sts").get_caller_identity()["Account"] == "123456789012"


def test_no_page_in_a_browser_may_call(endpoint):
    headers = endpoint.client("sts").get_caller_identity()["ResponseMetadata"]["HTTPHeaders"]
    assert not [name for name in headers if name.startswith("access-control")]
