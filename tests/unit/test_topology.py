from dataclasses import asdict, replace

import orjson
import pytest

from refapp.topology import REFERENCE, Kind, Topology, TopologyError, Workload

GATEWAY = Workload(name="gateway", title="Gateway", kind=Kind.GATEWAY, calls=("service-a",))
SERVICE_A = Workload(name="service-a", title="Service A")


def test_reference_answers_in_the_article_s_order():
    assert REFERENCE.answer == tuple(f"service-{letter}" for letter in "abdeghc")


def test_reference_has_eight_services_four_databases_and_one_queue():
    assert len(REFERENCE.services) == 8
    assert REFERENCE.databases == ("service-c", "service-f", "service-g", "service-h")
    assert REFERENCE.queues == ("service-d.greeting",)


def test_reference_has_a_user_interface_that_calls_no_workload():
    assert REFERENCE.ui == Workload(name="angular-ui", title="Angular UI", kind=Kind.UI)


def test_the_edge_leads_to_the_gateway_the_services_it_calls_and_the_user_interface():
    assert REFERENCE.entrances == ("rev-proxy", "service-a", "angular-ui")


def test_a_platform_can_be_without_a_user_interface():
    without = REFERENCE.without_ui()
    assert without.ui is None
    assert without.entrances == ("rev-proxy", "service-a")
    assert without.services == REFERENCE.services
    assert without.without_ui() == without


def test_there_is_at_most_one_user_interface():
    uis = (Workload(name=name, title=name, kind=Kind.UI) for name in ("one-ui", "other-ui"))
    with pytest.raises(TopologyError, match="at most one user interface, this one has one-ui, other-ui"):
        Topology((GATEWAY, SERVICE_A, *uis))


def test_eight_calls_less_the_ingress_s_cross_the_platform():
    assert len(REFERENCE.calls) == 7
    assert REFERENCE.callers("service-g") == ("service-e",)


def test_a_ninth_service_is_one_entry():
    service_c = replace(REFERENCE["service-c"], calls=("service-i",))
    ninth = Workload(name="service-i", title="Service I", greeting="Hej, from Service I!")
    workloads = (*(service_c if w.name == "service-c" else w for w in REFERENCE), ninth)
    assert Topology(workloads).answer == (*REFERENCE.answer, "service-i")


def test_unknown_callee_is_named():
    with pytest.raises(TopologyError, match="service-a calls 'service-x', which is no workload"):
        Topology((GATEWAY, replace(SERVICE_A, calls=("service-x",))))


def test_cycle_is_shown():
    service_b = Workload(name="service-b", title="Service B", calls=("service-a",))
    with pytest.raises(TopologyError, match="service-a → service-b → service-a"):
        Topology((GATEWAY, replace(SERVICE_A, calls=("service-b",)), service_b))


def test_a_call_to_oneself_is_a_cycle():
    with pytest.raises(TopologyError, match="service-a → service-a"):
        Topology((GATEWAY, replace(SERVICE_A, calls=("service-a",))))


def test_repeated_name_is_named():
    with pytest.raises(TopologyError, match="more than one workload is named 'service-a'"):
        Topology((GATEWAY, SERVICE_A, SERVICE_A))


@pytest.mark.parametrize("workloads", [(SERVICE_A,), (GATEWAY, SERVICE_A, replace(GATEWAY, name="second"))])
def test_there_is_one_gateway(workloads):
    with pytest.raises(TopologyError, match="exactly one gateway"):
        Topology(workloads)


@pytest.mark.parametrize("calls", [("service-c", "service-b"), ("service-b", "service-b")])
def test_calls_are_listed_once_and_in_order(calls):
    others = tuple(Workload(name=f"service-{letter}", title=letter) for letter in "bc")
    with pytest.raises(TopologyError, match="alphabetical order"):
        Topology((GATEWAY, replace(SERVICE_A, calls=calls), *others))


def test_queue_without_a_publisher():
    consumer = Workload(name="service-f", title="Service F", consumes="nowhere", database="service-f")
    with pytest.raises(TopologyError, match="'nowhere', which nobody publishes to"):
        Topology((GATEWAY, SERVICE_A, consumer))


def test_consumer_without_a_database():
    consumer = Workload(name="service-f", title="Service F", consumes="queue")
    with pytest.raises(TopologyError, match="no database to write to"):
        Topology((GATEWAY, replace(SERVICE_A, publishes="queue"), consumer))


def test_unknown_workload_lists_the_known_ones():
    with pytest.raises(
        TopologyError, match="no workload named 'service-z'; there are angular-ui, rev-proxy, service-a"
    ):
        REFERENCE["service-z"]


def test_dictionary_round_trip_through_json():
    assert Topology.from_dict(orjson.loads(orjson.dumps(asdict(REFERENCE)))) == REFERENCE
