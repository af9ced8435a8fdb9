"""The greeting as a reader sees it: asked for once, in vain, slowly, and again and again."""

import re

SHOWN = """list => {
    const text = (hop, what) => hop.querySelector(`:scope > article ${what}`)?.textContent.trim() ?? '';
    const read = list => [...(list?.children ?? [])].map(hop => [
        text(hop, 'h3'), text(hop, '.message'), text(hop, '.host'), read(hop.querySelector(':scope > ol')),
    ]);
    return read(list);
}"""


def expected(topology, name, answer):
    """What is to be shown of a workload: its title, its greeting, where that comes from, and whom it calls."""
    workload = topology[name]
    greeting = answer.get(workload.title, {})
    calls = [expected(topology, callee, answer) for callee in workload.calls]
    queue = [[f"Queue {workload.publishes}", "", "", []]] if workload.publishes else []
    return [workload.title, greeting.get("message", ""), greeting.get("hostname", ""), calls + queue]


def milliseconds(text):
    number, unit = re.fullmatch(r"([\d.,]+) (m?s)", text).groups()
    return float(number.replace(",", "")) * (1000 if unit == "s" else 1)


def test_a_click_shows_what_the_services_answer(platform, tab, expect):
    tab.open()
    with tab.page.expect_response("**/api/greeting") as answered:
        tab.ask()
    greetings = answered.value.json()["greeting"]
    topology = platform.topology
    assert [greeting["service"] for greeting in greetings] == [topology[name].title for name in topology.answer]
    chain = tab.page.get_by_role("list", name="Chain of calls")
    by_title = {greeting["service"]: greeting for greeting in greetings}
    assert chain.evaluate(SHOWN) == [expected(topology, topology.gateway.name, by_title)]
    assert chain.locator("p.message").all_inner_texts() == [greeting["message"] for greeting in greetings]
    expect(tab.page.get_by_role("status")).to_contain_text(f"{len(greetings)} greetings in ")


def test_a_fault_is_told_in_words(platform, open_tab, expect):
    tab = open_tab()
    tab.open()
    with platform.fault("service-e", "service-h", grpc_status=14):
        tab.ask()
        expect(tab.page.locator("h2#answer")).to_have_text("No answer")
        failure = tab.page.get_by_role("region", name="Failure")
        for words in ("UNAVAILABLE (14)", "503", "service-e → service-h", "A service cannot be reached."):
            expect(failure).to_contain_text(words)
        assert tab.violations() == []
    assert tab.errors == [text for text in tab.errors if "503" in text or "greeting failed" in text] != []
    tab.console.clear()
    tab.button("Ask for greetings").click()
    expect(tab.page.locator("h2#answer")).to_have_text("Answer")
    assert tab.errors == []


def test_a_slow_service_is_waited_for(platform, tab, expect):
    tab.open()
    button = tab.button("Ask for greetings")
    with platform.fault("service-b", "service-d", delay=2):
        button.click()
        expect(button).to_have_attribute("aria-disabled", "true")
        expect(tab.page.get_by_text("Asking …")).to_be_visible()
        button.click(force=True)  # it looks disabled, and does nothing meanwhile
        expect(tab.page.locator("h2#answer")).to_have_text("Answer")
    assert len(tab.asked("/api/greeting")) == 1
    assert milliseconds(tab.page.locator("dd.duration").inner_text()) >= 2000
    expect(button).to_have_attribute("aria-disabled", "false")


def test_requests_repeat_until_they_are_ended(tab, expect):
    tab.page.clock.install()
    tab.open()
    repeat = tab.page.get_by_label("Repeat")
    repeat.select_option("10 a second")
    bars = tab.page.locator("figure.latency rect")
    expect(bars.nth(9)).to_be_attached()
    expect(tab.page.get_by_text("; none failed.")).to_be_visible()
    repeat.select_option("off")
    expect(tab.page.locator("button[aria-disabled=false]")).to_be_visible()
    asked = tab.asked("/api/greeting")
    tab.page.clock.fast_forward(60_000)
    assert len(tab.asked("/api/greeting")) == len(asked)
    assert {request.response().status for request in asked} == {200}
    assert len({request.headers["x-b3-traceid"] for request in asked}) == len(asked)
