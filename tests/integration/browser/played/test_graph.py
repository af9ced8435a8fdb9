"""The page of the graph."""

from refapp.mesh.identity import INGRESS
from refapp.topology import REFERENCE


def test_the_graph_shows_who_calls_whom(tab, expect):
    tab.open()
    tab.ask()
    tab.page.get_by_role("link", name="Graph", exact=True).click()
    table = tab.page.get_by_role("table", name="Traffic")
    entrances = [(INGRESS, REFERENCE.ui.name), (INGRESS, REFERENCE.gateway.name)]
    for source, destination in (*entrances, *REFERENCE.calls):
        row = table.locator("tr", has=tab.page.locator("td:nth-child(1)", has_text=source)).filter(
            has=tab.page.locator("td:nth-child(2)", has_text=destination)
        )
        expect(row.first).to_be_visible()
        expect(row.first).to_contain_text("/s")
        expect(row.first).to_contain_text("yes")
    drawing = tab.page.get_by_role("img", name="Graph of the traffic")
    for name in ("rev-proxy", "service-a", "service-h"):
        expect(drawing.locator("text").get_by_text(name, exact=True)).to_be_visible()
    assert tab.violations() == []


def test_the_reader_chooses_the_time(tab, expect):
    tab.open("/graph")
    expect(tab.page.get_by_text("Refreshed at")).to_be_visible()
    with tab.page.expect_response("**/graph.json?window=300") as answer:
        tab.page.get_by_label("The last").select_option("5 minutes")
    assert answer.value.status == 200


def test_why_there_is_no_graph(open_tab, expect):
    tab = open_tab()
    message = "Prometheus cannot be asked: Connection refused"
    tab.answers("/graph.json?window=60", status=502, json={"message": message})
    tab.open("/graph")
    expect(tab.page.get_by_text(message, exact=True)).to_be_visible()
    tab.page.unroute_all()  # it tries again by itself
    expect(tab.page.get_by_text("Refreshed at")).to_be_visible()
    expect(tab.page.get_by_text(message, exact=True)).to_be_hidden()


def test_a_graph_without_traffic(tab, expect):
    tab.answers("/graph.json?window=60", json={"window": 60, "nodes": [], "edges": []})
    tab.open("/graph")
    expect(tab.page.get_by_text("No traffic was seen in this time.")).to_be_visible()
    assert tab.violations() == []
