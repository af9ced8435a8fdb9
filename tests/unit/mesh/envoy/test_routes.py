import pytest

from refapp.mesh.envoy.http import FAULT
from refapp.mesh.envoy.routes import RETRIES, Fault, FaultError, call, calls, cluster_name


def test_a_call_goes_to_the_cluster_of_its_callee():
    assert call("service-b")["route"]["cluster"] == cluster_name("service-b")
    assert calls("service-b")["name"] == "service-b"


def test_only_what_no_application_saw_is_repeated():
    assert set(RETRIES["retry_on"].split(",")) == {"connect-failure", "refused-stream", "reset-before-request"}


def test_a_fault_is_of_one_route():
    faulty = call("service-b", fault=Fault(delay=0.25, grpc_status=14, percentage=12.5))
    config = faulty["typed_per_filter_config"][FAULT]
    share = {"percentage": {"numerator": 125_000, "denominator": "MILLION"}}
    assert config["delay"] == {"fixed_delay": "0.250000s", **share}
    assert config["abort"] == {"grpc_status": 14, **share}
    assert "typed_per_filter_config" not in call("service-b")


def test_a_call_is_aborted_with_a_status():
    assert Fault(http_status=503).resource()["abort"]["http_status"] == 503


@pytest.mark.parametrize(
    ("fault", "problem"),
    [
        ({}, "needs a delay"),
        ({"http_status": 503, "grpc_status": 14}, "not with both"),
        ({"delay": -1}, "delay of a fault is between 0"),
        ({"delay": 1, "percentage": 101}, "between 0 and 100, not 101"),
        ({"http_status": 99}, "HTTP status"),
        ({"grpc_status": 17}, "gRPC status"),
    ],
)
def test_what_cannot_be_injected_is_refused(fault, problem):
    with pytest.raises(FaultError, match=problem):
        Fault(**fault)
