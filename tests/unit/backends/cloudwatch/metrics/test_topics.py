import json
import socket
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from moto.core import DEFAULT_ACCOUNT_ID
from moto.sns.models import sns_backends
from moto.sqs.models import sqs_backends

from refapp.backends.cloudwatch.metrics import topics
from refapp.backends.cloudwatch.metrics.topics import DeliveryError, publish

REGION = "eu-north-1"  # a region of these tests alone


class Subscriber(BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.received.append((self.headers["x-amz-sns-message-type"], json.loads(body)))
        self.send_response(self.server.status)
        self.end_headers()

    def log_message(self, *_):
        pass


@pytest.fixture
def subscriber():
    with ThreadingHTTPServer(("127.0.0.1", 0), Subscriber) as server:
        server.received, server.status = [], 200
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@pytest.fixture
def sns():
    backend = sns_backends[DEFAULT_ACCOUNT_ID][REGION]
    yield backend
    backend.reset()
    sqs_backends[DEFAULT_ACCOUNT_ID][REGION].reset()


@pytest.fixture
def topic(sns):
    return sns.create_topic("oncall").arn


@pytest.fixture
def queue(sns, topic):
    queue = sqs_backends[DEFAULT_ACCOUNT_ID][REGION].create_queue("alarms")
    sns.subscribe(topic, queue.queue_arn, "sqs")
    return lambda: [json.loads(message.body) for message in queue.messages]


def url(server):
    return f"http://127.0.0.1:{server.server_address[1]}/hook"


def test_subscribers_over_http_and_queues_are_told(sns, topic, queue, subscriber):
    sns.subscribe(topic, url(subscriber), "http")
    publish(topic, "a subject", '{"AlarmName":"slow"}')
    ((kind, posted),) = subscriber.received
    assert kind == "Notification"
    for message in (posted, *queue()):
        assert (message["Subject"], message["TopicArn"]) == ("a subject", topic)
        assert json.loads(message["Message"]) == {"AlarmName": "slow"}
    assert len(queue()) == 1


def test_one_that_refuses_is_named_and_the_others_are_told(sns, topic, subscriber):
    subscriber.status = 500
    sns.subscribe(topic, url(subscriber), "http")
    queue = sqs_backends[DEFAULT_ACCOUNT_ID][REGION].create_queue("later")
    sns.subscribe(topic, queue.queue_arn, "sqs")
    with pytest.raises(DeliveryError, match=rf"{url(subscriber)}: 500"):
        publish(topic, "a subject", "{}")
    assert len(queue.messages) == 1


def test_one_that_is_gone_is_named(sns, topic):
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        port = nobody.getsockname()[1]
        sns.subscribe(topic, f"http://127.0.0.1:{port}/", "http")
        with pytest.raises(DeliveryError, match=str(port)):
            publish(topic, "a subject", "{}")


def test_one_that_does_not_answer_is_given_up(sns, topic, queue, monkeypatch):
    monkeypatch.setattr(topics, "TIMEOUT", 0.2)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        sns.subscribe(topic, f"http://127.0.0.1:{silent.getsockname()[1]}/", "http")
        with pytest.raises(DeliveryError, match="timed out"):
            publish(topic, "a subject", "{}")
    assert len(queue()) == 1


@pytest.mark.usefixtures("sns")
def test_a_topic_that_is_not_there_is_named():
    arn = f"arn:aws:sns:{REGION}:{DEFAULT_ACCOUNT_ID}:nothing"
    with pytest.raises(DeliveryError, match=arn):
        publish(arn, "a subject", "{}")
