"""How much may be sent: every request is cut off at its limit while it comes in, whatever its header says."""

from __future__ import annotations

import json
from collections.abc import Mapping

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from recommender.web.sent_table import LARGEST_BYTES

LARGEST = 1024 * 1024
# A form holds a little more than its file.
LARGER: Mapping[str, int] = {"/batches": LARGEST_BYTES + LARGEST, "/api/v1/batches": LARGEST_BYTES}


class TooLarge(Exception):
    """More was sent than is taken."""


class Limits:
    """Around the whole application."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        largest = LARGER.get(scope["path"].rstrip("/"), LARGEST)
        if declared(scope) > largest:
            await refuse(send)
            return
        received = 0
        answered = False

        async def counted() -> Message:
            nonlocal received
            message = await receive()
            received += len(message.get("body", b""))
            if received > largest:
                raise TooLarge
            return message

        async def watched(message: Message) -> None:
            nonlocal answered
            answered = answered or message["type"] == "http.response.start"
            await send(message)

        try:
            await self.app(scope, counted, watched)
        except Exception:
            # What is raised in there comes out in a group, or as something that was made of it.
            if received <= largest:
                raise
            if not answered:
                await refuse(send)


def declared(scope: Scope) -> int:
    """How long the request says that it is; 0 where it does not say."""
    lengths = [value for name, value in scope["headers"] if name == b"content-length"]
    return int(lengths[0]) if lengths and lengths[0].isdigit() else 0


async def refuse(send: Send) -> None:
    body = json.dumps({"detail": "more was sent than this desk takes"}).encode()
    headers = [(b"content-type", b"application/json"), (b"cache-control", b"no-store"), (b"connection", b"close")]
    await send({"type": "http.response.start", "status": 413, "headers": headers})
    await send({"type": "http.response.body", "body": body})
