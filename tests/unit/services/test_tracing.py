import pytest

from refapp.services.lifecycle import StartError
from refapp.services.settings import Settings
from refapp.services.spans import SpanTracer
from refapp.services.tracing import UNTRACED, Destination, open_tracer

DESTINATION = Destination("service-d.greeting")
SAMPLED = (("x-b3-traceid", "1" * 32), ("x-b3-spanid", "2" * 16), ("x-b3-sampled", "1"))
MONGO = {"MONGO_CONN": "mongodb://127.0.0.1:1"}
RABBITMQ = {"RABBITMQ_CONN": "amqp://127.0.0.1:1", "QUEUE_NAME": "q"}
TRACED = {"TRACE_MESSAGES": "link"}


async def test_untraced_gives_nothing_to_pass_on():
    with UNTRACED.publish(DESTINATION, "1", 7, SAMPLED) as headers:
        assert headers == {}
    with UNTRACED.process(DESTINATION, [object()] * 3) as processings:
        assert [processing.headers for processing in processings] == [()] * 3
        processings[0].end()
        processings[1].end(ValueError("no greeting"))
    with UNTRACED.insert("service-c", "greetings", [SAMPLED]) as nothing:
        assert nothing is None
    await UNTRACED.close()


@pytest.mark.parametrize(
    "block", [lambda: UNTRACED.publish(DESTINATION, "1", 7, ()), lambda: UNTRACED.insert("", "", ())]
)
def test_untraced_lets_errors_pass(block):
    with pytest.raises(ValueError, match="no"), block():
        raise ValueError("no")


@pytest.mark.parametrize("environ", [{}, TRACED, MONGO, RABBITMQ, MONGO | RABBITMQ])
def test_nothing_is_recorded_unless_asked_for_and_where_there_is_nothing_to_record(environ):
    assert open_tracer(Settings.from_environ(environ)) is UNTRACED


@pytest.mark.parametrize("environ", [MONGO, RABBITMQ, MONGO | RABBITMQ])
async def test_spans_where_they_are_asked_for(environ):
    tracer = open_tracer(Settings.from_environ(TRACED | environ))
    assert isinstance(tracer, SpanTracer)
    await tracer.close()


def test_a_variable_that_the_sdk_refuses(monkeypatch):
    monkeypatch.setenv("OTEL_BSP_MAX_QUEUE_SIZE", "0")
    with pytest.raises(StartError, match="max_queue_size must be a positive integer"):
        open_tracer(Settings.from_environ(TRACED | MONGO))
