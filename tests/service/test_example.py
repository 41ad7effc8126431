from __future__ import annotations

import base64
from dataclasses import replace

import cv2
import numpy as np
from starlette.testclient import TestClient

from leukoscope.bundles.bundle import Bundle
from leukoscope.service.example import background_of


def test_the_example_can_be_sent_as_it_is(asked_of_patients: TestClient) -> None:
    example = asked_of_patients.get("/v1/example").json()
    assert len(example["pictures"]) == 12
    assert set(example["facts"]) <= {"age", "sex", "count"}
    assert 0 < example["facts"]["age"] <= 90
    files = [
        ("pictures", (one["name"], base64.b64decode(one["data"].partition(",")[2]))) for one in example["pictures"]
    ]
    answer = asked_of_patients.post("/v1/patients", files=files, data={"facts": '{"sex": "F"}'})
    assert (answer.status_code, answer.json()["patient"]["cells"]) == (200, 12)
    assert asked_of_patients.get("/v1/example").json() == example


def test_it_is_drawn_on_black_where_the_training_cells_are(cells: Bundle, three: Bundle) -> None:
    assert (background_of(cells), background_of(three)) == ("smear", "smear")
    black = cv2.imencode(".jpg", np.zeros((32, 32, 3), np.uint8))[1].tobytes()
    assert cells.reference is not None
    assert background_of(replace(cells, reference=replace(cells.reference, pictures=(black,) * 3))) == "black"
