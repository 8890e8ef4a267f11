"""The server behind `batchgate serve`: Streamlit with a strict policy and links that open cleanly.

Streamlit's own server sends no content security policy, and its front end looks for the server
below the address of a page first: every opened link would log two failed requests.
"""

from pathlib import Path

import streamlit as st
from starlette.middleware import Middleware
from starlette.types import ASGIApp, Message, Receive, Scope, Send

Headers = list[tuple[bytes, bytes]]

# Even if a text of the data became a remote image some day, the browser would not ask for it.
# Streamlit's front end is built with inline styles and evaluated Plotly code.
POLICY = "; ".join(
    (
        "default-src 'self'",
        "script-src 'self' 'unsafe-inline' 'unsafe-eval' blob:",
        "style-src 'self' 'unsafe-inline'",
        "img-src 'self' data: blob:",
        "font-src 'self' data:",
        "worker-src 'self' blob:",
        "object-src 'none'",
        "base-uri 'self'",
        "form-action 'self'",
        "frame-ancestors 'self'",
    )
)
SECURITY: Headers = [
    (b"content-security-policy", POLICY.encode()),
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
]
HERE = b"<script>window.__streamlit={BACKEND_BASE_URL:location.origin}</script>"
_CHANGED = (b"content-length", b"etag", b"last-modified", b"accept-ranges")


class FrontDoor:
    """Adds the policy to every answer, and to the page where its server is."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        headers: Headers = scope["headers"]
        if any(name == b"accept" and b"text/html" in value for name, value in headers):
            # A compressed page could not be completed; it is small.
            plain = [pair for pair in headers if pair[0] != b"accept-encoding"]
            scope = {**scope, "headers": plain}
        await self.app(scope, receive, _Completed(send))


class _Completed:
    """Passes an answer on, a page only when it is whole."""

    def __init__(self, send: Send) -> None:
        self.send = send
        self.page: Message | None = None
        self.body = b""

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            headers: Headers = [*message["headers"], *SECURITY]
            message = {**message, "headers": headers}
            if any(n == b"content-type" and v.startswith(b"text/html") for n, v in headers):
                self.page = message
                return
        if self.page is None:
            await self.send(message)
            return
        self.body += message.get("body", b"")
        if not message.get("more_body"):
            await self._send_page(self.page)

    async def _send_page(self, page: Message) -> None:
        # An answer to HEAD has no body, and none may be added to it.
        body = self.body.replace(b"<head>", b"<head>" + HERE, 1)
        kept = [pair for pair in page["headers"] if pair[0] not in _CHANGED or not body]
        length = [(b"content-length", str(len(body)).encode())] if body else []
        await self.send({**page, "headers": [*kept, *length]})
        await self.send({"type": "http.response.body", "body": body})


app = st.App(Path(__file__).with_name("main.py"), middleware=[Middleware(FrontDoor)])
