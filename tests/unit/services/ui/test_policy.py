import pytest

from refapp.services.ui import policy


def directives(text):
    return {name: sources for name, *sources in (part.split() for part in text.split("; "))}


@pytest.mark.parametrize("made", [policy.page(), policy.documentation(), policy.DATA])
def test_what_is_not_allowed_is_forbidden(made):
    read = directives(made)
    assert read["default-src"] == ["'none'"]
    assert read["frame-ancestors"] == read["form-action"] == ["'none'"]
    assert "unsafe" not in made
    assert "*" not in made
    assert "http:" not in made


@pytest.mark.parametrize("make", [policy.page, policy.documentation])
def test_a_page_has_its_own_scripts_and_styles(make):
    read = directives(make())
    assert read["script-src"] == read["style-src"] == read["connect-src"] == ["'self'"]
    assert read["img-src"] == ["'self'", "data:"]


@pytest.mark.parametrize("make", [policy.page, policy.documentation])
def test_requests_may_go_to_the_api_beside(make):
    read = directives(make("https://api.example.com"))
    assert read["connect-src"] == ["'self'", "https://api.example.com"]
    assert read | {"connect-src": ["'self'"]} == directives(make())


def test_only_the_app_has_a_base():
    assert directives(policy.page())["base-uri"] == ["'self'"]
    assert directives(policy.documentation())["base-uri"] == ["'none'"]
