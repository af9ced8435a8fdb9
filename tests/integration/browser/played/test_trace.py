"""The page of a trace."""

import pytest

from refapp.mesh.identity import INGRESS

ID = "0af7651916cd43dd8448eb211c80319c"


def test_a_click_leads_to_its_trace(tab, expect):
    tab.open()
    tab.ask()
    tab.page.locator("dl.facts a.id").click()
    expect(tab.page.get_by_role("heading", level=1)).to_be_focused()
    spans = tab.page.get_by_role("list", name="Spans").get_by_role("button")
    expect(spans.nth(2)).to_be_visible()
    expect(spans.first).to_contain_text(INGRESS)
    spans.first.click()
    expect(spans.first).to_have_attribute("aria-expanded", "true")
    expect(tab.page.get_by_text("span.kind").first).to_be_visible()
    expect(tab.page.get_by_text("All spans that arrived are shown.")).to_be_visible()
    assert tab.violations() == []


def test_a_link_to_a_trace_can_be_kept(tab, expect):
    tab.open()
    tab.ask()
    path = tab.page.locator("dl.facts a.id").get_attribute("href")
    tab.open(path)
    spans = tab.page.get_by_role("list", name="Spans").get_by_role("button")
    expect(spans.first).to_be_visible()
    tab.page.reload()
    expect(spans.first).to_be_visible()
    expect(tab.page).to_have_title("Trace · Reference platform")


def test_back_and_forth(tab, expect):
    tab.open()
    tab.ask()
    tab.page.locator("dl.facts a.id").click()
    expect(tab.page.get_by_role("list", name="Spans")).to_be_visible()
    tab.page.go_back()
    expect(tab.page.get_by_role("list", name="Chain of calls")).to_be_visible()
    tab.page.go_forward()
    expect(tab.page.get_by_role("list", name="Spans")).to_be_visible()
    assert len([request for request in tab.requests if request.is_navigation_request()]) == 1


def test_a_trace_can_be_looked_for_by_its_id(tab, expect):
    tab.answers(f"/traces/{ID}", json=trace(ID))
    tab.open("/trace")
    tab.page.get_by_label("Trace id").fill(f" {ID} ")
    tab.page.keyboard.press("Enter")
    tab.page.wait_for_url(f"**/trace/{ID}")
    expect(tab.page.get_by_role("list", name="Spans").get_by_role("button")).to_have_count(1)


def test_what_is_no_id(tab, expect):
    tab.open("/trace/0af765")
    expect(tab.page.get_by_role("alert")).to_contain_text("16 or 32 hex digits")
    assert tab.asked("/traces/0af765") == []


@pytest.mark.parametrize(
    ("status", "message"),
    [(502, "Jaeger cannot be asked: Connection refused"), (503, "there is no Jaeger: the platform runs without it")],
)
def test_why_there_is_no_trace(open_tab, expect, status, message):
    tab = open_tab()
    tab.answers(f"/traces/{ID}", status=status, json={"message": message})
    tab.open(f"/trace/{ID}")
    expect(tab.page.get_by_text(message, exact=True)).to_be_visible()
    tab.page.unroute_all()
    tab.answers(f"/traces/{ID}", json=trace(ID))
    tab.button("Look again").click()
    expect(tab.page.get_by_role("list", name="Spans")).to_be_visible()


def trace(trace_id):
    """A trace of one span, which ended long ago."""
    span = {
        "traceID": trace_id,
        "spanID": "00f067aa0ba902b7",
        "operationName": "greeting",
        "references": [],
        "startTime": 1_700_000_000_000_000,
        "duration": 1500,
        "tags": [],
        "logs": [],
        "processID": "p1",
    }
    found = {"traceID": trace_id, "spans": [span], "processes": {"p1": {"serviceName": "service-a", "tags": []}}}
    return {"data": [found], "errors": None}
