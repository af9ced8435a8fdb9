"""The app's log: on the console, on the page, and in the log of the platform."""

import json

import pytest


def post_data(requests):
    return [json.loads(request.post_data) for request in requests]


def test_in_production_the_console_shows_info(tab):
    tab.configured(production=True, logLevel="INFO", serverLogLevel="OFF")
    tab.open()
    tab.ask()
    assert any("INFO" in text and "greeting received" in text for text in tab.said("info"))
    assert tab.said("debug") == []
    assert tab.asked("/logs") == []


def test_outside_production_it_shows_debug(tab):
    tab.configured(production=False, logLevel="DEBUG", serverLogLevel="OFF")
    tab.open()
    tab.ask()
    (said,) = tab.said("debug")
    assert "DEBUG" in said
    assert "greeting requested" in said
    assert any("greeting received" in text for text in tab.said("info"))


@pytest.mark.parametrize(
    ("level", "posted"), [("INFO", ["greeting received"]), ("DEBUG", ["greeting requested", "greeting received"])]
)
def test_entries_are_posted_from_a_level_on(tab, level, posted):
    tab.configured(serverLogLevel=level, serverLoggingUrl="/logs")
    tab.open()
    with tab.page.expect_response(
        lambda response: response.url.endswith("/logs") and "received" in response.request.post_data
    ) as last:
        tab.ask()
    assert last.value.status == 204
    entries = post_data(tab.asked("/logs"))
    assert [entry["message"] for entry in entries] == posted
    (request,) = tab.asked("/api/greeting")
    for entry in entries:
        assert entry["additional"][0]["trace_id"] == request.headers["x-b3-traceid"]
        assert entry["additional"][0]["request_id"] == request.headers["x-request-id"]


def test_a_click_is_found_in_the_log_of_the_platform(tab, log, eventually):
    tab.configured(serverLogLevel="INFO", serverLoggingUrl="/logs")
    tab.open()
    tab.ask()
    trace_id = tab.asked("/api/greeting")[0].headers["x-b3-traceid"]
    (line,) = eventually(lambda: [line for line in log if line.get("trace_id") == trace_id])
    assert (line["level"], line["msg"], line["client"]) == ("info", "greeting received", True)
    assert (line["service"], line["pod"]) == ("angular-ui", "angular-ui-1")


def test_the_page_shows_its_log(tab, expect):
    tab.open()
    tab.ask()
    region = tab.page.get_by_role("region", name="Log entries, the latest first")
    expect(region.get_by_text("greeting received")).to_be_visible()
    region.get_by_role("link", name="Trace of entry").last.click()
    trace_id = tab.asked("/api/greeting")[0].headers["x-b3-traceid"]
    tab.page.wait_for_url(f"**/trace/{trace_id}")


def test_a_platform_that_takes_no_logs_is_left_alone(open_tab, expect):
    tab = open_tab()
    tab.configured(serverLogLevel="INFO", serverLoggingUrl="/logs")
    tab.answers("/logs", status=429, headers={"Retry-After": "60"}, json={"message": "too many log entries"})
    tab.open()
    with tab.page.expect_response("**/logs"):
        tab.ask()
    tab.page.get_by_label("Repeat").select_option("10 a second")
    expect(tab.page.locator("figure.latency rect").nth(5)).to_be_attached()
    assert len(tab.asked("/logs")) == 1
