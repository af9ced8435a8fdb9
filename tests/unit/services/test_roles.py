import asyncio

import pytest
from grpc import StatusCode

from refapp.pb.greeting.v3 import greeting_pb2
from refapp.services.hops import Deadline, HopError
from refapp.services.lifecycle import StartError
from refapp.services.roles import Role, open_role
from refapp.services.settings import Settings

NOWHERE = "127.0.0.1:1"
MONGO = {"SERVICE_NAME": "Service C", "MONGO_CONN": f"mongodb://{NOWHERE}"}
RABBITMQ = {"SERVICE_NAME": "Service D", "RABBITMQ_CONN": f"amqp://{NOWHERE}", "QUEUE_NAME": "q"}
SENT = greeting_pb2.Greeting(id="1", service="Service A")
OWN = greeting_pb2.Greeting(id="2", service="Service C")


@pytest.fixture
async def role():
    opened = []

    def role(environ):
        opened.append(open_role(Settings.from_environ(environ)))
        return opened[-1]

    yield role
    for each in opened:
        await each.close()


async def test_nothing_but_greetings(role):
    plain = role({})
    assert type(plain) is Role
    await plain.connect()
    await plain.work(SENT, OWN, (), Deadline(5))
    await plain.drain()


@pytest.mark.parametrize("environ", [MONGO, RABBITMQ, MONGO | RABBITMQ])
async def test_not_connected_while_nobody_listens(role, environ):
    connecting = asyncio.create_task(role(environ).connect())
    done, _ = await asyncio.wait({connecting}, timeout=0.1)
    assert not done
    connecting.cancel()


@pytest.mark.parametrize(("environ", "hop"), [(MONGO, "service-c → mongodb"), (RABBITMQ, "service-d → rabbitmq")])
async def test_the_hop_that_failed_is_named(role, environ, hop):
    opened = role(environ)
    with pytest.raises(HopError) as caught:
        await opened.work(SENT, OWN, (), Deadline(5))
    assert (caught.value.hop, caught.value.code) == (hop, StatusCode.UNAVAILABLE)


async def test_a_request_without_a_greeting_stores_nothing_and_is_warned_of(role, lines):
    await role(MONGO).work(greeting_pb2.Greeting(), OWN, (), Deadline(5))
    (line,) = lines()
    assert (line["level"], line["msg"]) == ("warning", "nothing stored")


async def test_a_service_that_consumes_answers_though_nothing_is_there(role):
    await role(MONGO | RABBITMQ).work(SENT, OWN, (), Deadline(5))


@pytest.mark.parametrize(
    "environ",
    [
        MONGO | {"MONGO_CONN": "mongodb://"},
        RABBITMQ | {"RABBITMQ_CONN": "amqp://127.0.0.1:port"},
        MONGO | RABBITMQ | {"MONGO_CONN": "mongodb://a:b:c"},
        MONGO | RABBITMQ | {"RABBITMQ_CONN": "amqp://127.0.0.1:port"},
    ],
)
async def test_a_url_that_cannot_be_understood(environ):
    with pytest.raises(StartError):
        open_role(Settings.from_environ(environ))
