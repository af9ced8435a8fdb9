import json
from datetime import UTC, datetime, timedelta, timezone

import pytest
from botocore.parsers import RpcV2CBORParser
from botocore.serialize import RpcV2CBORSerializer
from moto.cloudwatch.exceptions import CloudWatchException
from moto.core.serialize import JSONSerializer
from moto.core.utils import get_service_model

from refapp.backends.cloudwatch.metrics.protocols import CBOR, CborRequestParser, CborResponseSerializer

MODEL = get_service_model("cloudwatch")
TIME = datetime(2023, 11, 14, 23, 0, 0, 250_000, tzinfo=UTC)


def parsed(operation, parameters):
    """What is read of a request that botocore writes."""
    body = RpcV2CBORSerializer().serialize_to_request(parameters, MODEL.operation_model(operation))["body"]
    return CborRequestParser(MODEL.operation_model(operation)).parse({"body": body})


def answered(operation, result, status=200):
    """What botocore reads of an answer."""
    response = CborResponseSerializer(MODEL.operation_model(operation)).serialize(result)
    assert (response["headers"]["Content-Type"], response["headers"]["smithy-protocol"]) == (
        "application/cbor",
        "rpc-v2-cbor",
    )
    assert response["status_code"] == status
    headers = {name.lower(): value for name, value in response["headers"].items()}
    received = {"body": response["body"] or b"", "headers": headers, "status_code": status}
    return RpcV2CBORParser().parse(received, MODEL.operation_model(operation).output_shape)


def test_a_service_lists_the_protocol():
    assert CBOR in MODEL.protocols


def test_requests():
    data = [
        {
            "MetricName": "größe",
            "Values": [0.5, -1e300],
            "Counts": [1.0, 2.0],
            "StorageResolution": 1,
            "Timestamp": TIME,
        }
    ]
    request = parsed("PutMetricData", {"Namespace": "shop", "MetricData": data})
    assert request["Namespace"] == "shop"
    assert request["MetricData"][0].pop("Timestamp") == TIME.replace(tzinfo=None)  # as moto has times
    assert request["MetricData"] == [{name: value for name, value in data[0].items() if name != "Timestamp"}]


def test_requests_without_members():
    assert parsed("DescribeAlarms", {}) == {}
    assert CborRequestParser(MODEL.operation_model("DescribeAlarms")).parse({"body": b""}) == {}


def test_answers():
    points = [{"Timestamp": TIME, "Sum": 1.5, "Unit": "None", "ExtendedStatistics": {"p90": 0.25}}]
    result = answered("GetMetricStatistics", {"Label": "latency", "Datapoints": points})
    assert result["Label"] == "latency"
    assert result["Datapoints"] == points


def test_times_of_other_zones():
    elsewhere = TIME.astimezone(timezone(timedelta(hours=5)))
    (point,) = answered("GetMetricStatistics", {"Label": "l", "Datapoints": [{"Timestamp": elsewhere}]})["Datapoints"]
    assert point["Timestamp"] == TIME


def test_an_operation_that_answers_nothing():
    answered("SetAlarmState", None)


@pytest.mark.parametrize(
    ("code", "status"), [("ValidationError", 400), ("ResourceNotFound", 404), ("InternalServiceError", 500)]
)
def test_errors(code, status):
    error = answered("GetMetricData", CloudWatchException(code, "größer als erlaubt"), status)["Error"]
    assert (error["Code"], error["Message"]) == (code, "größer als erlaubt")


def test_the_same_errors_as_in_json():
    error = CloudWatchException("ResourceNotFound", "not there")
    operation = MODEL.operation_model("SetAlarmState")
    cbor, text = (one(operation).serialize(error) for one in (CborResponseSerializer, JSONSerializer))
    assert cbor["headers"]["x-amzn-query-error"] == text["headers"]["x-amzn-query-error"]
    decoder = RpcV2CBORParser()
    body = decoder.parse_data_item(decoder.get_peekable_stream_from_bytes(cbor["body"]))
    assert body == json.loads(text["body"])
