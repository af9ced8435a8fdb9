"""Swagger UI."""


def test_the_api_can_be_tried_out(tab, expect):
    tab.open()
    tab.page.get_by_role("link", name="API").click()
    tab.page.wait_for_url("**/docs/")
    operation = tab.page.locator(".opblock", has_text="/api/greeting").first
    operation.locator(".opblock-summary-control").click()
    tab.button("Try it out").click()
    with tab.page.expect_response("**/api/greeting*") as answer:
        tab.button("Execute").click()
    assert answer.value.status == 200
    answered = operation.locator(".live-responses-table")
    expect(answered.locator(".response-col_status").filter(has_text="200").first).to_be_visible()
    expect(answered).to_contain_text("from Service A!")


def test_its_policy_lets_nothing_else_in(tab):
    response = tab.open("/docs/")
    policy = response.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    tab.page.locator(".opblock").first.wait_for()
