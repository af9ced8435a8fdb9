"""The greeting: asked for once, in vain, slowly, and again and again."""

import re

import pytest

ERROR = {"code": 14, "message": "service-a → service-b: Connection refused", "details": []}


def test_a_click_shows_the_chain_of_services(tab, expect):
    tab.open()
    tab.ask()
    chain = tab.page.get_by_role("list", name="Chain of calls")
    expect(chain.get_by_role("heading", name="gRPC Gateway")).to_be_visible()
    # Each is inside of what calls it.
    inside = chain.get_by_role("list", name="Called by Service B").get_by_role("list", name="Called by Service E")
    expect(inside.locator("h3")).to_have_text(["Service G", "Service H"])
    expect(chain.locator("p.message")).to_have_count(7)
    expect(chain.get_by_text("Namasté (नमस्ते), from Service B!")).to_be_visible()
    expect(chain.get_by_text("takes it later and stores it")).to_contain_text("Service F")
    (request,) = tab.asked("/api/greeting")
    trace = tab.page.locator("dl.facts a.id")
    expect(trace).to_have_text(request.headers["x-b3-traceid"])
    expect(trace).to_have_attribute("href", f"/trace/{request.headers['x-b3-traceid']}")
    expect(tab.page.locator("dd.duration")).to_have_text(re.compile(r"[\d.,]+ m?s"))


def test_each_request_has_ids_of_its_own(tab):
    tab.open()
    for _ in range(2):
        with tab.page.expect_response("**/api/greeting"):
            tab.button("Ask for greetings").click()
        tab.page.locator("button[aria-disabled=false]").wait_for()
    sent = [request.headers for request in tab.asked("/api/greeting")]
    forms = {
        "x-b3-traceid": r"[0-9a-f]{32}",
        "x-b3-spanid": r"[0-9a-f]{16}",
        "x-request-id": r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}",
    }
    for name, form in forms.items():
        values = [headers[name] for headers in sent]
        assert len(set(values)) == 2
        assert all(re.fullmatch(form, value) for value in values)
    assert not any("x-b3-sampled" in headers for headers in sent)  # the edge decides


def test_the_keyboard_is_enough(tab, expect):
    tab.open()
    button = tab.button("Ask for greetings")
    expect(button).to_be_visible()
    for _ in range(20):
        tab.page.keyboard.press("Tab")
        if button.evaluate("element => element === document.activeElement"):
            break
    tab.page.keyboard.press("Enter")
    expect(tab.page.locator("h2#answer")).to_have_text("Answer")
    expect(tab.page.get_by_role("status")).to_have_text(re.compile(r"^7 greetings in "))


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        ({"status": 503, "json": ERROR}, ["UNAVAILABLE (14)", "503", ERROR["message"], "cannot be reached"]),
        ({"status": 504, "body": "upstream request timeout"}, ["UNAVAILABLE (14)", "504", "upstream request timeout"]),
        ({"status": 200, "body": "<html>"}, ["not what the API promises"]),
    ],
    ids=["gRPC", "Envoy", "nonsense"],
)
def test_an_error_is_told_in_words(open_tab, expect, answer, words):
    tab = open_tab()
    tab.answers("/api/greeting", **answer)
    tab.open()
    tab.ask()
    expect(tab.page.locator("h2#answer")).to_have_text("No answer")
    failure = tab.page.get_by_role("region", name="Failure")
    for word in words:
        expect(failure).to_contain_text(word)
    assert tab.violations() == []
    tab.page.unroute_all()
    tab.button("Ask for greetings").click()
    expect(tab.page.locator("h2#answer")).to_have_text("Answer")


def test_a_platform_that_is_gone(open_tab, expect):
    tab = open_tab()
    tab.page.route("**/api/greeting", lambda route: route.abort("connectionrefused"))
    tab.open()
    tab.ask()
    expect(tab.page.get_by_role("region", name="Failure")).to_contain_text("The platform cannot be reached.")


def test_a_slow_answer_is_waited_for(tab, expect):
    held = []

    def hold(route):
        held.append(route)

    tab.page.route("**/api/greeting", hold)
    tab.open()
    button = tab.button("Ask for greetings")
    button.click()
    expect(button).to_have_attribute("aria-disabled", "true")
    expect(tab.page.get_by_text("Asking …")).to_be_visible()
    button.click(force=True)  # it looks disabled, and does nothing meanwhile
    assert len(tab.asked("/api/greeting")) == 1
    held[0].continue_()
    expect(tab.page.locator("h2#answer")).to_have_text("Answer")
    expect(button).to_have_attribute("aria-disabled", "false")


def test_requests_repeat_at_a_rate(tab, expect):
    tab.page.clock.install()
    tab.open()
    tab.page.get_by_label("Repeat").select_option("10 a second")
    expect(tab.page.locator("figure.latency rect").nth(5)).to_be_attached()
    assert tab.violations() == []
    # They go on while the reader looks at something else, who can end them there.
    tab.page.get_by_role("link", name="Trace", exact=True).click()
    expect(tab.page.get_by_text("Asking 10 times a second")).to_be_visible()
    count = len(tab.asked("/api/greeting"))
    with tab.page.expect_request("**/api/greeting"):
        pass
    assert len(tab.asked("/api/greeting")) > count
    tab.button("Stop").click()
    expect(tab.page.get_by_text("Asking 10 times a second")).to_be_hidden()
    count = len(tab.asked("/api/greeting"))
    tab.page.clock.fast_forward(60_000)
    assert len(tab.asked("/api/greeting")) == count


@pytest.mark.parametrize(
    ("message", "direction"),
    [("مرحبا, from Service A!", "rtl"), ("שָׁלוֹם", "rtl"), ("Konnichiwa (こんにちは)", "ltr"), ("नमस्ते", "ltr")],
)
def test_greetings_run_in_the_direction_of_their_script(tab, expect, message, direction):
    greeting = {
        "id": "1",
        "service": "Service A",
        "message": message,
        "created": "2026-11-29T13:00:00Z",
        "hostname": "h",
    }
    tab.answers("/api/greeting", json={"greeting": [greeting]})
    tab.open()
    tab.ask()
    shown = tab.page.get_by_text(message)
    expect(shown).to_have_css("direction", direction)


def test_a_greeting_is_text_whatever_it_holds(tab, expect):
    hostile = "<img src=x onerror=alert(1)><script>alert(2)</script>{{constructor}}"
    greeting = dict.fromkeys(("id", "service", "message", "created", "hostname"), hostile)
    tab.answers("/api/greeting", json={"greeting": [greeting]})
    tab.open()
    tab.ask()
    expect(tab.page.locator("p.message")).to_have_text(hostile)
    assert tab.page.locator("img").count() == 0
