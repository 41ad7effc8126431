from __future__ import annotations

import asyncio
import weakref
from typing import Any

import pytest
from starlette.requests import Request

from leukoscope.service.refusal import Refusal
from leukoscope.service.staying import while_there


class Client:
    """Whoever asks: they go away when told to, after an empty part of the body."""

    def __init__(self) -> None:
        self.goes, self.heard = asyncio.Event(), 0

    async def __call__(self) -> dict[str, Any]:
        self.heard += 1
        if self.heard == 1:
            return {"type": "http.request", "body": b"", "more_body": False}
        await self.goes.wait()
        return {"type": "http.disconnect"}


def asking(client: Client) -> Request:
    return Request({"type": "http", "method": "POST", "path": "/", "headers": []}, client)


async def _gone() -> tuple[str, int]:
    client, given_up = Client(), list[str]()

    async def answering() -> int:
        client.goes.set()
        try:
            await asyncio.sleep(300)
        except asyncio.CancelledError:
            given_up.append("work")
            raise
        return 1

    with pytest.raises(Refusal) as caught:
        await while_there(asking(client), answering())
    assert given_up == ["work"]
    return caught.value.what, caught.value.status


def test_whoever_goes_away_takes_the_work_along() -> None:
    assert asyncio.run(_gone()) == ("The client went away before it was answered.", 408)


async def _there(error: Exception | None = None) -> tuple[int, int]:
    client = Client()

    async def answering() -> int:
        await asyncio.sleep(0)
        if error is not None:
            raise error
        return 7

    answer = await while_there(asking(client), answering())
    return answer, len(asyncio.all_tasks())


def test_an_answer_is_given_and_no_task_is_left() -> None:
    assert asyncio.run(_there()) == (7, 1)


def test_an_error_comes_out_as_it_is() -> None:
    with pytest.raises(KeyError, match="own"):
        asyncio.run(_there(KeyError("own")))


class Sent:
    """What was sent with a request."""


async def _refused(held: list[weakref.ref[Sent]]) -> None:
    async def answering() -> None:
        sent = Sent()
        held.append(weakref.ref(sent))
        await asyncio.sleep(0)
        raise Refusal(422, "unreadable", f"{type(sent).__name__} cannot be read.")

    with pytest.raises(Refusal):
        await while_there(asking(Client()), answering())


@pytest.mark.usefixtures("without_gc")
def test_what_was_sent_with_a_refused_request_is_not_held_on_to() -> None:
    held = list[weakref.ref[Sent]]()
    asyncio.run(_refused(held))
    assert [one() for one in held] == [None]


async def _late() -> None:
    async with asyncio.timeout(0.05):
        await while_there(asking(Client()), asyncio.sleep(300))


def test_a_limit_around_it_holds() -> None:
    with pytest.raises(TimeoutError):
        asyncio.run(_late())
