from __future__ import annotations

import base64
from collections.abc import Callable
from typing import Any

import cv2
import numpy as np
import pytest
from starlette.testclient import TestClient

from leukoscope.drawn.look import draw_look
from leukoscope.drawn.whole_field import draw_field
from leukoscope.randomness import generator


@pytest.fixture(scope="module")
def field() -> bytes:
    """Return a PNG of a field with two white cells."""
    look = draw_look(0, "P01", "smear")
    drawn = draw_field(["segmented_neutrophil"] * 2, size=240, look=look, generator=generator(1, "field"), field=60.0)
    return cv2.imencode(".png", drawn.pixels[:, :, ::-1])[1].tobytes()


def test_its_white_cells_are_cut_out_and_can_be_sent_on(asked: TestClient, field: bytes) -> None:
    files = [("pictures", ("smear/F1.png", field)), ("pictures", ("broken.png", b"\x89PNG\r\n"))]
    answer = asked.post("/v1/fields", files=files)
    assert answer.status_code == 200
    found = answer.json()
    assert [cell["name"] for cell in found["cells"]] == ["smear/F1_01.png", "smear/F1_02.png"]
    assert found["notes"][0].startswith("broken.png: The picture is damaged or cut off")
    contents = [base64.b64decode(cell["picture"].partition(",")[2]) for cell in found["cells"]]
    for cell, content in zip(found["cells"], contents, strict=True):
        assert 0 <= cell["left"] < cell["right"] <= 240
        assert 0 <= cell["top"] < cell["bottom"] <= 240
        # The bundle cuts 48 px out of the middle.
        assert cv2.imdecode(np.frombuffer(content, np.uint8), cv2.IMREAD_COLOR).shape == (48, 48, 3)
    sent_on = asked.post("/v1/cells", files=[("pictures", ("cell.png", content)) for content in contents])
    assert [cell["problem"] for cell in sent_on.json()["cells"]] == [None, None]


def test_no_two_cells_have_the_same_name(asked: TestClient, field: bytes) -> None:
    names = ("A/x.png", "A/x.jpg", "y.png", "y.png", ".")
    answer = asked.post("/v1/fields", files=[("pictures", (name, field)) for name in names])
    assert [cell["name"] for cell in answer.json()["cells"]][::2] == [
        "A/x.png_01.png",
        "A/x.jpg_01.png",
        "y.png_01.png",
        "y.png_2_01.png",
        "._01.png",
    ]


def test_fields_that_cannot_be_searched_are_refused(asked: TestClient, pictures: Callable[..., Any]) -> None:
    answer = asked.post("/v1/fields", files=[("pictures", ("a.png", b"x")), ("pictures", ("b.png", b""))])
    assert (answer.status_code, answer.json()["error"]["where"]) == (422, "a.png")
    assert answer.json()["error"]["what"].startswith("None of the 2 fields can be searched. This is no picture")
    many = asked.post("/v1/fields", files=pictures(25))
    assert (many.status_code, many.json()["error"]["what"]) == (413, "A request may hold 24 pictures at most.")


def test_a_field_that_the_memory_does_not_hold_is_only_a_note(
    asked: TestClient, field: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    def greedy(*_: object) -> None:
        raise MemoryError

    monkeypatch.setattr("leukoscope.service.fields.search_pixels", greedy)
    error = asked.post("/v1/fields", files=[("pictures", ("a.png", field))]).json()["error"]
    assert error["code"] == "unreadable"
    assert error["what"].endswith("can be searched. There is not enough memory to decode the picture.")


def test_cells_cut_out_take_room_until_they_are_answered(asked: TestClient, field: bytes) -> None:
    served = asked.app_state["served"]
    found = asked.post("/v1/fields", files=[("pictures", ("a.png", field))]).json()["cells"]
    size = sum(len(cell["picture"]) for cell in found)
    for free, status in ((size, 200), (size - 1, 429)):
        served.places.take(taken := served.places.most - free)
        try:
            assert asked.post("/v1/fields", files=[("pictures", ("a.png", field))]).status_code == status
            assert served.places.taken == taken
        finally:
            served.places.give(taken)
