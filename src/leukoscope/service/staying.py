"""An answer is worked on as long as its client is there: whoever goes away takes the work along."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

from starlette.requests import Request

from leukoscope.service.refusal import Refusal

Answer = TypeVar("Answer")


async def while_there(request: Request, answering: Coroutine[Any, Any, Answer]) -> Answer:
    """Return an answer; where the client goes away first it is given up, and so are its jobs before the network.

    Args:
        request: A request whose body was received.
        answering: What makes the answer.

    Raises:
        Refusal: the client went away.
    """
    made, gone = asyncio.create_task(answering), asyncio.create_task(_gone(request))
    try:
        await asyncio.wait((made, gone), return_when=asyncio.FIRST_COMPLETED)
        if made.done():
            return made.result()
        raise Refusal(408, "gone", "The client went away before it was answered.")
    finally:
        made.cancel()
        gone.cancel()
        await asyncio.gather(made, gone, return_exceptions=True)
        del made, gone  # else an error holds this frame, which holds the error, and with it what was sent


async def _gone(request: Request) -> None:
    while (await request.receive())["type"] != "http.disconnect":
        pass
