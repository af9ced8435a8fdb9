import pytest

from refapp.query.mesh.series import Series


def test_both_ends_and_the_service_are_read(labels):
    series = Series.of(labels("a", "b", "source", to="s", response_flags="UF"))
    assert (series.reporter, series.source.workload, series.destination.app, series.service.name) == (
        "source",
        "a",
        "b",
        "s",
    )
    assert (series.flags, series.protocol, series.serviced) == ("UF", "grpc", True)


@pytest.mark.parametrize(
    "broken",
    [
        {"source_workload": None},
        {"destination_service_name": None},
        {"source_workload": "unknown", "source_canonical_service": "unknown"},
        {"source_workload": "", "source_canonical_service": ""},
        {
            "destination_workload": "unknown",
            "destination_service": "10.1.2.3:80",
            "destination_service_name": "10.1.2.3:80",
        },
    ],
)
def test_what_kiali_leaves_out_is_left_out(labels, broken):
    assert Series.of(labels("a", "b", **broken)) is None


def test_an_unknown_source_is_kept(labels):
    series = Series.of(labels("unknown", "b"))
    assert series.source.workload == "unknown"


def test_a_destination_without_its_cluster_is_in_that_of_its_source(labels):
    assert Series.of(labels("a", "b", destination_cluster="unknown")).destination.cluster == "Kubernetes"
    assert Series.of(labels("a", "b", source_cluster=None, destination_cluster=None)).destination.cluster == "unknown"


@pytest.mark.parametrize(
    ("protocol", "http", "grpc", "code", "failed"),
    [
        ("http", "200", None, "200", False),
        ("http", "302", None, "302", False),
        ("http", "404", None, "404", True),
        ("http", "503", None, "503", True),
        ("http", "0", None, "-", True),
        ("grpc", "200", "0", "0", False),
        ("grpc", "200", "14", "14", True),
        ("grpc", "200", "5", "5", True),
        ("grpc", "200", None, "200", False),
        ("grpc", "503", "14", "503", True),
        ("grpc", "0", "14", "-", True),
        ("tcp", None, None, "-", False),
    ],
)
def test_the_code_of_an_edge(labels, protocol, http, grpc, code, failed):
    outcome = {"request_protocol": protocol, "response_code": http, "grpc_response_status": grpc}
    series = Series.of(labels("a", "b", **outcome))
    assert (series.code, series.failed) == (code, failed)


def test_a_call_that_reached_nobody_is_not_serviced(labels):
    assert not Series.of(labels("a", "unknown", to="b")).serviced
