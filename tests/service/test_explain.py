from __future__ import annotations

import base64
from collections.abc import Callable
from typing import Any

import cv2
import numpy as np
import pytest
from starlette.testclient import TestClient

from leukoscope.explanation.seeing.methods import METHODS

Files = Callable[..., Any]


def seen(uri: str) -> np.ndarray:
    kind, _, coded = uri.partition(";base64,")
    assert kind in {"data:image/png", "data:image/jpeg"}
    return cv2.imdecode(np.frombuffer(base64.b64decode(coded), np.uint8), cv2.IMREAD_COLOR)


@pytest.mark.parametrize("method", METHODS)
def test_a_cell_is_explained_by_each_method(method: str, asked: TestClient, pictures: Files) -> None:
    assert asked.get("/v1/bundle").json()["methods"] == list(METHODS)
    found = asked.post(
        "/v1/explain", files=pictures(1, field="picture"), data={"method": method, "class": "hem"}
    ).json()
    assert (found["shown"], found["method"]) == ("hem", method)
    picture, over = seen(found["picture"]), seen(found["map"])
    assert picture.shape == over.shape == (32, 32, 3)
    assert not np.array_equal(picture, over)
    assert found["what"].startswith(METHODS[method].meaning)


def test_its_classes_its_likes_and_its_flag(asked: TestClient, pictures: Files) -> None:
    cell = asked.post("/v1/cells", files=pictures(1)).json()["cells"][0]
    found = asked.post("/v1/explain", files=pictures(1, field="picture")).json()
    assert found["shown"] == "all"
    assert {one["name"]: one["probability"] for one in found["classes"]} == cell["probabilities"]
    assert found["classes"][0]["probability"] >= found["classes"][1]["probability"]
    assert found["classes"][0]["title"] in {"normal cell", "leukaemic blast"}
    assert (found["distance"], found["flagged"]) == (cell["distance"], cell["out_of_distribution"])
    assert {one["label"] for one in found["nearest"]} == {"hem", "all"}
    assert found["nearest"][0]["distance"] <= found["nearest"][1]["distance"]
    assert seen(found["nearest"][0]["picture"]).shape == (32, 32, 3)


def test_of_patients_it_is_one_who_had_this_cell_alone(asked_of_patients: TestClient, pictures: Files) -> None:
    data = {"facts": '{"age": 61, "count": 7.5, "sex": "M"}'}
    patient = asked_of_patients.post("/v1/patients", files=pictures(1), data=data).json()["patient"]
    found = asked_of_patients.post("/v1/explain", files=pictures(1, field="picture"), data=data).json()
    assert {one["name"]: one["probability"] for one in found["classes"]} == patient["probabilities"]
    assert found["method"] == "evidence"
    assert found["what"].endswith("As of a patient who had this cell alone.")
    assert seen(found["map"]).shape == (32, 32, 3)


@pytest.mark.parametrize(
    ("data", "what"),
    [
        ({"class": "al"}, "The bundle has no class 'al'."),
        ({"method": "gradcam"}, "The bundle makes no maps by the method 'gradcam'."),
        ({"facts": '{"age": 3}'}, "The bundle takes no fact 'age'."),
        ({"layer": "x"}, "The form has a field 'layer', which has no use here."),
    ],
)
def test_what_is_unknown_is_refused(data: dict[str, str], what: str, asked: TestClient, pictures: Files) -> None:
    answer = asked.post("/v1/explain", files=pictures(1, field="picture"), data=data)
    assert (answer.status_code, answer.json()["error"]["what"]) == (422, what)


def test_one_picture_at_a_time(asked: TestClient, pictures: Files) -> None:
    for files in (pictures(2, field="picture"), pictures(1)):
        answer = asked.post("/v1/explain", files=files)
        assert answer.json()["error"]["what"] == "One picture is explained at a time."
