"""What surrounds every request: a limit on its size, and a count of the answers."""

import asyncio
import json
import time
from collections import Counter, deque
from collections.abc import Awaitable, Callable, MutableMapping
from dataclasses import dataclass, field
from typing import Any

from course_utils.serving.refusals import Refusal, SlowBody, TooLarge

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

DRAIN = 64_000_000  # bytes of a body that is too large, read and dropped


class BodyLimit:
    """Refuse a body over `limit` bytes, or one that takes over `seconds` to arrive.

    No more than `limit` bytes are ever held in memory. The rest is read and dropped,
    since a client that is still writing would not read the answer.

    Args:
        app: the ASGI application behind it.
        limit: bytes of a body.
        seconds: from the first byte to the last.
    """

    def __init__(self, app: App, limit: int, seconds: float = 10) -> None:
        self.app = app
        self.limit = limit
        self.seconds = seconds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] in ("GET", "HEAD"):
            await self.app(scope, receive, send)
            return
        try:
            async with asyncio.timeout(self.seconds):
                body = await self._read(receive)
        except TimeoutError:
            await _refuse(send, SlowBody(f"no whole body within {self.seconds:g} s."))
        except TooLarge as refusal:
            await _refuse(send, refusal)
        else:
            if body is not None:
                await self.app(scope, _replay(body, receive), send)

    async def _read(self, receive: Receive) -> bytes | None:
        """Return the body, or None if the client has gone."""
        parts, size, more = [], 0, True
        while more and size <= DRAIN:
            message = await receive()
            if message["type"] == "http.disconnect":
                return None
            size += len(message.get("body", b""))
            if size <= self.limit:
                parts.append(message.get("body", b""))
            more = message.get("more_body", False)
        if size > self.limit:
            raise TooLarge(f"the body is over {self.limit:,} bytes: send less.")
        return b"".join(parts)


def _replay(body: bytes, receive: Receive) -> Receive:
    pending = [{"type": "http.request", "body": body, "more_body": False}]

    async def replay() -> MutableMapping[str, Any]:
        return pending.pop() if pending else await receive()

    return replay


async def _refuse(send: Send, refusal: Refusal) -> None:
    body = json.dumps({"detail": str(refusal)}).encode()
    headers = [
        (b"content-type", b"application/json"),
        (b"content-length", str(len(body)).encode()),
        (b"connection", b"close"),
    ]
    start = {"type": "http.response.start", "status": refusal.status}
    await send(start | {"headers": headers})
    await send({"type": "http.response.body", "body": body})


@dataclass
class Tally:
    """How often each status was sent, and the seconds of the last 1,000 summaries."""

    started: float = field(default_factory=time.time)
    statuses: Counter[int] = field(default_factory=Counter)
    seconds: deque[float] = field(default_factory=lambda: deque(maxlen=1000))

    def as_dict(self) -> dict[str, Any]:
        """Return the counts and the percentiles, in seconds."""
        ordered = sorted(self.seconds)

        def percentile(share: float) -> float | None:
            return (
                round(ordered[int(share * (len(ordered) - 1))], 4) if ordered else None
            )

        return {
            "uptime_seconds": round(time.time() - self.started, 1),
            "requests": self.statuses.total(),
            "statuses": {str(k): n for k, n in sorted(self.statuses.items())},
            "p50_seconds": percentile(0.5),
            "p95_seconds": percentile(0.95),
        }


class Counted:
    """Count the answers of one path in a tally."""

    def __init__(self, app: App, path: str, tally: Tally) -> None:
        self.app = app
        self.path = path
        self.tally = tally

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope.get("path") != self.path:
            await self.app(scope, receive, send)
            return
        start = time.perf_counter()

        async def counted(message: MutableMapping[str, Any]) -> None:
            if message["type"] == "http.response.start":
                self.tally.statuses[message["status"]] += 1
                if message["status"] == 200:
                    self.tally.seconds.append(time.perf_counter() - start)
            await send(message)

        await self.app(scope, receive, counted)
