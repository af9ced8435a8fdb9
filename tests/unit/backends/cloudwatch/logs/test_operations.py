import pytest
from botocore.loaders import Loader

from refapp.backends.cloudwatch.errors import InvalidParameter, ServiceUnavailable
from refapp.backends.cloudwatch.events.database import StoreError
from refapp.backends.cloudwatch.logs.operations import OPERATIONS

MODEL = Loader().load_service_model("logs", "service-2")


@pytest.mark.parametrize("name", sorted(OPERATIONS))
def test_operations_and_their_members_are_in_the_model(name):
    shape = MODEL["shapes"][MODEL["operations"][name]["input"]["shape"]]
    members = OPERATIONS[name].members
    assert members <= set(shape["members"])
    assert set(shape.get("required", ())) <= members


def test_a_member_that_would_have_no_effect_is_refused(ask):
    with pytest.raises(InvalidParameter, match="kmsKeyId: not supported by this endpoint"):
        ask("CreateLogGroup", logGroupName="g", kmsKeyId="k")
    assert ask("DescribeLogGroups")["logGroups"] == []


def test_a_store_that_cannot_do_it_now(ask, monkeypatch):
    def fail(*_):
        raise StoreError("events.duckdb: disk full")

    ask.stream()
    monkeypatch.setattr(ask.region.store, "append", fail)
    with pytest.raises(ServiceUnavailable, match=r"cannot do it now: events\.duckdb: disk full") as refusal:
        ask.put("x")
    assert refusal.value.status == 503
    assert ask.arrivals == []
