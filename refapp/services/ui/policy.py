"""What a browser may do with an answer: the Content-Security-Policy, and what goes with it.

Source: W3C, "Content Security Policy Level 3"; a source that is not named is forbidden by `default-src 'none'`.
"""

from types import MappingProxyType

HEADERS = MappingProxyType(
    {
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "no-referrer",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Cross-Origin-Resource-Policy": "same-origin",
    }
)
"""What every answer has beside its policy."""

DATA = "default-src 'none'; base-uri 'none'; frame-ancestors 'none'; form-action 'none'"
"""The policy of what is no page: nothing."""


def page(api_origin: str = "") -> str:
    """The policy of a page of the app: its own scripts and styles, and requests to its origin and the API's.

    Args:
        api_origin: where the API is, if it is not at the origin of the page.
    """
    return _policy(api_origin, base="'self'")


def documentation(api_origin: str = "") -> str:
    """The policy of Swagger UI: as for the app, but it has no `<base>`."""
    return _policy(api_origin, base="'none'")


def _policy(api_origin: str, base: str) -> str:
    return "; ".join(
        (
            "default-src 'none'",
            "script-src 'self'",
            "style-src 'self'",
            f"connect-src 'self' {api_origin}".rstrip(),
            "img-src 'self' data:",
            f"base-uri {base}",
            "frame-ancestors 'none'",
            "form-action 'none'",
        )
    )
