"""Swagger UI."""


def test_the_api_can_be_tried_out(tab, expect):
    answer, shown = tab.try_out()
    assert answer.status == 200
    expect(shown.locator(".response-col_status").filter(has_text="200").first).to_be_visible()
    expect(shown).to_contain_text("from Service A!")


def test_its_policy_lets_nothing_else_in(tab):
    response = tab.open("/docs/")
    policy = response.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    tab.page.locator(".opblock").first.wait_for()
