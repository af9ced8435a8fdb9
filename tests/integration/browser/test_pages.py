"""The pages beside the greeting: a trace, the graph, the API."""

from refapp.mesh.identity import INGRESS
from refapp.query.tracing import expected_spans

MEASURED = 90  # seconds until traffic that has just begun is measured everywhere


def test_the_trace_of_a_click_is_shown_whole(platform, tab, expect):
    tab.open()
    tab.ask()
    (request,) = tab.asked("/api/greeting")
    trace_id = request.headers["x-b3-traceid"]
    tab.page.locator("dl.facts a.id").click()
    tab.page.wait_for_url(f"**/trace/{trace_id}")
    spans = tab.page.get_by_role("list", name="Spans").get_by_role("button")
    expect(spans).to_have_count(expected_spans(platform.topology).total())
    expect(tab.page.get_by_text("All spans that arrived are shown.")).to_be_visible()
    trace = platform.traces.get(trace_id)
    services = tab.page.locator("li button.span strong").all_inner_texts()
    assert sorted(services) == sorted(span.service.removesuffix(".dev") for span in trace.spans)
    assert services[0] == INGRESS
    tab.page.go_back()
    expect(tab.page.get_by_role("list", name="Chain of calls")).to_be_visible()


def test_a_link_to_a_trace_is_good_for_others(platform, tab, open_tab, expect):
    tab.open()
    tab.ask()
    path = tab.page.locator("dl.facts a.id").get_attribute("href")
    other = open_tab()
    other.open(path)
    for _ in range(2):
        spans = other.page.get_by_role("list", name="Spans").get_by_role("button")
        expect(spans).to_have_count(expected_spans(platform.topology).total())
        other.page.reload()
    assert other.errors == []


def test_the_graph_shows_who_calls_whom_just_now(platform, tab, expect, eventually):
    tab.open()
    tab.page.get_by_label("Repeat").select_option("5 a second")  # they go on while other pages are looked at
    tab.page.get_by_role("link", name="Graph", exact=True).click()
    rows = tab.page.get_by_role("table", name="Traffic").locator("tbody tr")

    def edges():
        cells = rows.evaluate_all("rows => rows.map(row => [...row.cells].map(cell => cell.textContent.trim()))")
        return {(source, destination): (protocol, mtls == "yes") for source, destination, protocol, *_, mtls in cells}

    topology = platform.topology
    stores = [(workload.name, "mongodb") for workload in topology if workload.database]
    stores += [(workload.name, "rabbitmq") for workload in topology if workload.publishes or workload.consumes]
    entrances = [(INGRESS, topology.gateway.name), (INGRESS, topology.ui.name)]
    wanted = dict.fromkeys(entrances, ("http", True)) | dict.fromkeys(topology.calls, ("grpc", True))
    wanted |= dict.fromkeys(stores, ("tcp", False))
    eventually(edges, so=lambda found: wanted.items() <= found.items(), within=MEASURED)
    drawing = tab.page.get_by_role("img", name="Graph of the traffic")
    for workload in topology:
        expect(drawing.locator("title").get_by_text(workload.name, exact=True)).to_be_attached()
    tab.button("Stop").click()


def test_the_api_can_be_tried_out(tab, expect):
    answer, shown = tab.try_out()
    assert answer.status == 200
    for greeting in answer.json()["greeting"]:
        expect(shown).to_contain_text(greeting["id"])
