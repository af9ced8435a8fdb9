import json

from refapp.deploy.pods import Phase, Pod, Status


def test_status_round_trip_through_json():
    pod = Pod(name="service-a-x-y", workload="service-a", ready=True, restarts=1, cpu=2.5, memory=3, ports={"grpc": 4})
    status = Status(target="local", phase=Phase.READY, age=1.5, pods=(pod,), urls={"ingress": "http://127.0.0.1:5"})
    assert Status.from_dict(json.loads(json.dumps(status.to_dict()))) == status
