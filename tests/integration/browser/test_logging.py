"""The app's log: on the console, and in the log stream of its workload, where a click is found by its trace."""

import json

import pytest

UI = "angular-ui"


@pytest.fixture
def written(platform, pods_of):
    """The lines of the app about a trace in the stream of the user interface, as (level, message, request)."""
    (pod,) = pods_of(platform, UI)

    def written(trace_id):
        found = platform.logs.filter(f'"{trace_id}"', last="10m")
        events = found["message"][found["stream"].str.contains(pod.name)].map(json.loads)
        lines = [event["log_processed"] for event in events if event["kubernetes"]["container_name"] == UI]
        return [(line["level"], line["msg"], line["request_id"]) for line in lines if line.get("client")]

    return written


@pytest.fixture
def _talkative(platform):
    """The user interface writes debug entries, too."""
    platform.set_log_level(UI, "debug")
    yield
    platform.set_log_level(UI, "info")


def ids(tab):
    (request,) = tab.asked("/api/greeting")
    return request.headers["x-b3-traceid"], request.headers["x-request-id"]


def test_a_click_is_found_in_the_logs_of_all_it_reaches(platform, tab, written, eventually):
    tab.open()
    tab.ask()
    assert any("INFO" in text and "greeting received" in text for text in tab.said("info"))
    assert tab.said("debug") == []
    trace_id, request_id = ids(tab)
    eventually(lambda: written(trace_id), so=lambda lines: lines == [("info", "greeting received", request_id)])

    def containers():
        events = platform.logs.filter(f'"{trace_id}"', last="10m")["message"].map(json.loads)
        return {event["kubernetes"]["container_name"] for event in events}

    eventually(containers, so=lambda found: {UI, *platform.topology.visit(platform.topology.gateway.name)} <= found)


@pytest.mark.usefixtures("_talkative")
def test_for_who_debugs_more_is_said_and_written(tab, written, eventually):
    tab.configured(production=False, logLevel="DEBUG", serverLogLevel="DEBUG")
    tab.open()
    tab.ask()
    (said,) = tab.said("debug")
    assert "DEBUG" in said
    assert "greeting requested" in said
    trace_id, request_id = ids(tab)
    entries = {("debug", "greeting requested", request_id), ("info", "greeting received", request_id)}
    eventually(lambda: set(written(trace_id)), so=lambda lines: lines == entries)
