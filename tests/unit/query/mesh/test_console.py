from datetime import timedelta

import pandas as pd
import pytest

from refapp.query.mesh.configuration import ConfigObject
from refapp.query.mesh.console import Console
from refapp.query.mesh.errors import NoSuchWorkloadError
from refapp.query.mesh.health import Replicas, Status

MINUTE = timedelta(minutes=1)


@pytest.fixture
def console(small, topology):
    return lambda **more: Console(small, topology, **more)


def pods():
    return pd.DataFrame(
        {"pod": ["one-1", "one-2", "two-1"], "workload": ["one", "one", "two"], "ready": [True, False, True]}
    )


def test_the_graph_is_asked_for_over_a_time_up_to_a_moment(console, small, now):
    graph = console().graph(timedelta(hours=1), at=now)
    assert graph.counts == (4, 4, 4, 0, 7)
    assert (graph.time, graph.duration) == (now, timedelta(hours=1))
    assert all("[3600000ms]" in expr for expr in small.asked)
    assert len(small.asked) == 5


def test_a_time_before_the_platform_was_there_is_cut_off(console, small, now):
    graph = console(since=lambda: now - 2 * MINUTE).graph(timedelta(hours=1), at=now)
    assert graph.duration == 2 * MINUTE
    assert all("[120000ms]" in expr for expr in small.asked)
    assert console(since=lambda: now + MINUTE).graph(MINUTE, at=now).duration == MINUTE


def test_a_consumer_of_the_queue_is_seen_by_its_connections(console, now):
    graph = console().graph(at=now)
    node = graph.node("two")
    assert {graph.by_id[edge.target].name for edge in graph.edges_of(node)} == {"mongodb", "rabbitmq"}
    assert {edge.protocol for edge in graph.edges_of(node)} == {"tcp"}


def test_pods_tell_about_now_only(console, now):
    graph = console(pods=pods).graph()
    assert graph.node("one").replicas == Replicas(2, 2, 1)
    assert graph.node("one").health.status is Status.DEGRADED
    assert graph.node("two").health.status is Status.HEALTHY
    assert console(pods=pods).graph(at=now).node("one").replicas is None


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ({"kind": "round"}, "not 'round'"),
        ({"last": timedelta()}, "longer than 0:00:00"),
        ({"namespaces": ["No"]}, "'No' is no name of a namespace"),
    ],
)
def test_wrong_arguments_are_refused(console, arguments, said):
    with pytest.raises(ValueError, match=said):
        console().graph(**arguments)


def test_a_replay_is_one_query_a_metric(console, small, now):
    replay = console().replay(5 * MINUTE, MINUTE, at=now)
    assert [graph.time for graph in replay] == [now - number * MINUTE for number in (5, 4, 3, 2, 1, 0)]
    assert {graph.counts.edges for graph in replay} == {7}
    assert len(small.asked) == 5
    assert all("[60000ms]" in expr for expr in small.asked)


def test_a_replay_sees_what_changes(prometheus, topology, labels, now):
    def failing(time):
        return 1.0 if time >= now - MINUTE else 0.0

    own = labels("front", "one", grpc_response_status="14")
    console = Console(prometheus(("istio_requests_total", own, failing)), topology)
    replay = console.replay(3 * MINUTE, MINUTE, at=now)
    assert [len(graph.edges) for graph in replay] == [0, 0, 2, 2]
    assert replay[-1].node("one").health.status is Status.FAILURE


@pytest.mark.parametrize("step", [timedelta(), -MINUTE, 2 * MINUTE])
def test_a_step_fits_into_its_time(console, step):
    with pytest.raises(ValueError, match="a step is positive"):
        console().replay(MINUTE, step)


def test_the_overview(console, now):
    overview = console().overview(timedelta(minutes=5), now)
    (summary,) = overview.namespaces
    assert (summary.name, summary.total, summary.services) == ("dev", 4, 6)
    assert summary.applications == {Status.HEALTHY: 3, Status.NA: 1}
    assert len(summary.traffic) == 61
    assert summary.traffic.iloc[-1][["http", "grpc", "tcp"]].tolist() == [2.0, 2.0, 300.0]


def test_namespaces_are_those_that_have_traffic(prometheus, topology, labels, now):
    own = labels("a", "b", source_workload_namespace="istio-system", destination_workload_namespace="other")
    overview = Console(prometheus(("istio_requests_total", own, 1.0)), topology).overview(at=now)
    assert [summary.name for summary in overview.namespaces] == ["dev", "istio-system", "other"]
    assert overview.frame.set_index("namespace").loc["other", "requests"] == 1.0


def test_the_lists(console):
    own = console(pods=pods)
    assert own.applications()["name"].tolist() == ["front", "istio-ingressgateway", "one", "two"]
    assert own.workloads().set_index("name").loc["one", "ready"] == 1
    assert own.services()["external"].sum() == 2


def test_a_workload_in_detail(console):
    one = ConfigObject(kind="Cluster", name="x")
    detail = console(
        pods=pods, logs=lambda name: pd.DataFrame({"msg": [name]}), configuration=lambda _: iter([one])
    ).workload("one", MINUTE)
    assert (detail.name, detail.namespace, detail.labels) == ("one", "dev", {"app": "one", "version": "v1"})
    assert (detail.health.status, detail.replicas) == (Status.DEGRADED, Replicas(2, 2, 1))
    assert detail.pods["pod"].tolist() == ["one-1", "one-2"]
    assert detail.logs["msg"].tolist() == ["one"]
    assert detail.configuration == (one,)
    assert set(detail.inbound["metric"]) == {"requests", "duration", "request size", "response size"}
    assert set(detail.outbound["metric"]) == {"tcp sent", "tcp received"}


def test_the_configuration_has_each_object_once(console):
    def told(workload):
        return [ConfigObject(kind="Cluster", name="shared"), ConfigObject(kind="Listener", name=workload)]

    own = console(configuration=told)
    assert [one.name for one in own.configuration("one")] == ["shared", "one"]
    assert [one.name for one in own.configuration()] == ["shared", "istio-ingressgateway", "front", "one", "two"]
    assert console().configuration() == ()


def test_what_nobody_tells_is_missing(console):
    detail = console().workload("two", MINUTE)
    assert (detail.pods, detail.logs, detail.configuration, detail.replicas) == (None, None, None, None)


def test_a_workload_that_is_not_there(console):
    with pytest.raises(NoSuchWorkloadError, match="no workload 'x'; there are front, istio-ingressgateway, one, two"):
        console().workload("x")


def test_an_external_kiali_is_asked_instead(console, small, monkeypatch, now):
    asked = []

    class Fake:
        def __init__(self, url):
            asked.append(url)

        def graph(self, question, options):
            asked.append((question.end, question.window, options.kind))
            return "graph"

    monkeypatch.setattr("refapp.query.mesh.console.Kiali", Fake)
    own = console(urls=lambda: {"kiali": "http://kiali"})
    assert own.graph(MINUTE, "app", now) == "graph"
    assert asked == ["http://kiali", (now, MINUTE, "app")]
    assert len(own.replay(2 * MINUTE, MINUTE, at=now)) == 3
    assert [entry[0] for entry in asked[3:]] == [now - 2 * MINUTE, now - MINUTE, now]
    assert not small.asked
