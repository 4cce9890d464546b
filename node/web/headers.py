"""The headers that keep a page to itself: nothing is loaded, framed or sent anywhere else.

Rules:
- `default-src 'none'`; only our own style, script, pictures and manifest are let in, never inline ones, so that text
  which slips through escaping still can't run.
- The policy goes on every answer that doesn't bring its own, errors and the API's included.

Source: Content Security Policy Level 3; Referrer Policy; Fetch standard, "nosniff".

Tests: tests/node/web/test_routes.py
"""

from aiohttp import web

CONTENT_SECURITY_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
    "manifest-src 'self'; worker-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)

SECURITY_HEADERS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=(), payment=()",
}


async def add_security_headers(_request: web.Request, response: web.StreamResponse) -> None:
    """Add the headers as an answer leaves (aiohttp's `on_response_prepare`)."""
    if response.status == 101:  # a WebSocket of another node: no page
        return
    for name, value in SECURITY_HEADERS.items():
        response.headers.setdefault(name, value)
