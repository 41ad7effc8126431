from __future__ import annotations

import asyncio
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


async def _late() -> None:
    async with asyncio.timeout(0.05):
        await while_there(asking(Client()), asyncio.sleep(300))


def test_a_limit_around_it_holds() -> None:
    with pytest.raises(TimeoutError):
        asyncio.run(_late())
