"""What the server adds to Streamlit's answers."""

import asyncio

import pytest
from starlette.types import Message, Receive, Scope, Send

from app.server import FrontDoor

PAGE = b"<html><head><title>t</title></head></html>"


def answer(kind: bytes, *parts: bytes, scope: Scope | None = None) -> tuple[Scope, list[Message]]:
    """Return what the application behind the door saw, and what came out."""
    seen: list[Scope] = []
    sent: list[Message] = []

    async def behind(scope: Scope, _: Receive, send: Send) -> None:
        seen.append(scope)
        length = str(sum(map(len, parts))).encode()
        headers = [(b"content-type", kind), (b"content-length", length)]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        for number, part in enumerate(parts, start=1):
            more = number < len(parts)
            await send({"type": "http.response.body", "body": part, "more_body": more})

    async def receive() -> Message:
        return {"type": "http.request"}

    async def send(message: Message) -> None:
        sent.append(message)

    given = scope or {"type": "http", "headers": [(b"accept", b"text/html")]}
    asyncio.run(FrontDoor(behind)(given, receive, send))
    return seen[0], sent


def body(sent: list[Message]) -> bytes:
    return b"".join(message.get("body", b"") for message in sent)


def headers(sent: list[Message]) -> dict[bytes, bytes]:
    return dict(sent[0]["headers"])


def test_page_is_told_where_its_server_is() -> None:
    """Without it every opened link logs two failed requests."""
    _, sent = answer(b"text/html; charset=utf-8", PAGE)
    assert b"BACKEND_BASE_URL" in body(sent)


def test_page_that_comes_in_pieces_is_put_together() -> None:
    _, sent = answer(b"text/html", PAGE[:9], PAGE[9:])
    assert b"BACKEND_BASE_URL" in body(sent)


def test_length_of_the_page_is_that_of_what_is_sent() -> None:
    _, sent = answer(b"text/html", PAGE)
    assert int(headers(sent)[b"content-length"]) == len(body(sent))


def test_page_is_asked_for_uncompressed() -> None:
    scope: Scope = {
        "type": "http",
        "headers": [(b"accept", b"text/html,*/*"), (b"accept-encoding", b"gzip")],
    }
    seen, _ = answer(b"text/html", PAGE, scope=scope)
    assert b"accept-encoding" not in dict(seen["headers"])


def test_other_answers_pass_as_they_are() -> None:
    _, sent = answer(b"text/javascript", b"<head>")
    assert body(sent) == b"<head>"


@pytest.mark.parametrize("kind", [b"text/html", b"text/javascript"])
def test_every_answer_carries_the_policy(kind: bytes) -> None:
    _, sent = answer(kind, PAGE)
    assert b"default-src 'self'" in headers(sent)[b"content-security-policy"]


def test_websockets_pass_untouched() -> None:
    seen, _ = answer(b"", scope={"type": "websocket", "headers": []})
    assert seen["type"] == "websocket"
