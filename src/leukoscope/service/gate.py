"""What surrounds every request: its number, who may ask, the headers, the measures, the log, the end of its body."""

from __future__ import annotations

import asyncio
import logging
import secrets
import time

from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from leukoscope.service.doors import refuse_strangers
from leukoscope.service.logs import say
from leukoscope.service.refusal import Refusal, failed, stopping
from leukoscope.service.served import Served, State

CSP = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:; connect-src 'self'; "
    "form-action 'none'; base-uri 'none'; frame-ancestors 'none'"
)
HEADERS = {
    "Content-Security-Policy": CSP,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
}
DRAINED_SECONDS, DRAINED_TIMES = 5.0, 4
"""The rest of a refused body is taken in for so long, and so many times a body's size, so that the answer arrives."""
OTHER = "other"


class Gate:
    """Surrounds an application.

    Args:
        app: The application.
        served: The bundle that it serves.
    """

    def __init__(self, app: ASGIApp, served: Served) -> None:
        self.app, self.served = app, served

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request; whatever goes wrong is an answer, too."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        passing = Passing(scope, receive, send)
        self.served.running += 1
        try:
            await self._answered(passing)
        finally:
            self.served.running -= 1
            route = passing.route
            seconds = time.monotonic() - passing.began
            self.served.metrics.request(route, passing.status, seconds)
            counts = scope["state"].get("counts", {})
            number = scope["state"]["request_id"]
            milliseconds = round(1000 * seconds, 1)
            say("request", request=number, route=route, status=passing.status, milliseconds=milliseconds, **counts)

    async def _answered(self, passing: Passing) -> None:
        try:
            refused = self._refusal(Request(passing.scope))
            if refused is not None:
                answer = await refusal_answer(passing, refused, self.served)
                await answer(passing.scope, passing.receive, passing.send)
                return
            await self.app(passing.scope, passing.receive, passing.send)
        except Exception as error:
            say("error", logging.ERROR, error=error, request=passing.scope["state"]["request_id"])
            if not passing.status:
                answer = await refusal_answer(passing, failed(), self.served)
                await answer(passing.scope, passing.receive, passing.send)

    def _refusal(self, request: Request) -> Refusal | None:
        """Return why a request is refused before anything of it is looked at; None where it is not."""
        try:
            refuse_strangers(request, self.served.settings)
            if self.served.state is State.STOPPING and request.url.path.startswith("/v1/"):
                raise stopping()
        except Refusal as refusal:
            return refusal
        return None


class Passing:
    """A request on its way: what of its body came, and what was answered.

    Args:
        scope: Of ASGI.
        receive: Likewise.
        send: Likewise.
    """

    def __init__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.scope, self._receive, self._send = scope, receive, send
        self.began, self.status, self.whole = time.monotonic(), 0, False
        scope["state"] = dict(scope.get("state", {})) | {"request_id": secrets.token_hex(8), "passing": self}

    @property
    def route(self) -> str:
        """The path as it is declared, so that nothing of what was asked for is logged."""
        return str(getattr(self.scope.get("route"), "path", OTHER))

    async def receive(self) -> Message:
        """Give the next part of the body."""
        message = await self._receive()
        if message["type"] != "http.request" or not message.get("more_body", False):
            self.whole = True
        return message

    async def send(self, message: Message) -> None:
        """Send a part of the answer, its head with the headers of all answers."""
        if message["type"] == "http.response.start":
            self.status = message["status"]
            headers = MutableHeaders(scope=message)
            for name, value in {**HEADERS, "X-Request-ID": self.scope["state"]["request_id"]}.items():
                headers.setdefault(name, value)
        await self._send(message)

    @property
    def body_left(self) -> bool:
        """Whether a part of the body is still to come."""
        headers = dict(self.scope["headers"])
        return not self.whole and (b"content-length" in headers or b"transfer-encoding" in headers)

    async def drain(self, most: int) -> None:
        """Take in the rest of the body and forget it: a client who still sends may not hear the answer else.

        Args:
            most: So many bytes at most.
        """
        if b"expect" in dict(self.scope["headers"]):
            return  # the client waits until it may send
        taken = 0
        try:
            async with asyncio.timeout(DRAINED_SECONDS):
                while self.body_left and taken < most:
                    taken += len((await self.receive()).get("body", b""))
        except TimeoutError:
            return


async def refusal_answer(passing: Passing, refusal: Refusal, served: Served) -> JSONResponse:
    """Return the answer to a request that is refused, once what is left of its body was taken in.

    Args:
        passing: The request.
        refusal: Why.
        served: The bundle that is served.
    """
    if refusal.status != 408:  # noqa: PLR2004 - whoever is too slow is not waited for
        await passing.drain(DRAINED_TIMES * served.settings.limits.bytes)
    headers = {} if refusal.after is None else {"Retry-After": str(refusal.after)}
    headers |= {"WWW-Authenticate": "Bearer"} if refusal.status == 401 else {}  # noqa: PLR2004 - RFC 9110
    headers |= {"Connection": "close"} if passing.body_left else {}
    return JSONResponse(refusal.as_json(), refusal.status, headers)
