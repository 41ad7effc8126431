from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from starlette.testclient import TestClient

from leukoscope.bundles.bundle import Bundle
from leukoscope.bundles.ensemble_bundle import AnyBundle
from leukoscope.inference.predicting import predict

Files = Callable[..., Any]


def test_cells_are_said_in_order_as_predict_says_them(
    asked: TestClient, cells: Bundle, pictures: Files, tmp_path: Path
) -> None:
    files = pictures(3)
    for _, (name, content, _) in files:
        (tmp_path / Path(name).name).write_bytes(content)
    with pytest.warns(match="unlike the cells"):
        told = predict(cells, [tmp_path / f"{place}.png" for place in range(3)]).table
    answer = asked.post("/v1/cells", files=[*files, ("pictures", ("drawing.jpg", b"<svg></svg>"))])
    assert answer.status_code == 200
    found = answer.json()
    assert [cell["name"] for cell in found["cells"]] == ["folder/0.png", "folder/1.png", "folder/2.png", "drawing.jpg"]
    assert [cell["number"] for cell in found["cells"]] == [1, 2, 3, 4]
    assert [cell["called"] for cell in found["cells"][:3]] == told["called"].to_list()
    shares = [cell["probabilities"]["all"] for cell in found["cells"][:3]]
    np.testing.assert_allclose(shares, told["p_all"].to_numpy(), atol=1e-6)
    np.testing.assert_allclose([cell["distance"] for cell in found["cells"][:3]], told["distance"], rtol=1e-4)
    assert found["cells"][3] == {
        "number": 4,
        "name": "drawing.jpg",
        "called": None,
        "probabilities": None,
        "problem": "This is a drawing (SVG), not a picture made of pixels.",
    }
    assert found["threshold"] == 0.4
    assert found["notes"][0] == "1 picture could not be read."
    assert "research use only" in found["research_use_only"]


def test_a_cell_is_said_the_same_alone_and_in_a_crowd(asked: TestClient, pictures: Files) -> None:
    def told(files: Any) -> list[dict[str, Any]]:
        answer = asked.post("/v1/cells", files=files)
        assert answer.status_code == 200
        return answer.json()["cells"]

    alone = {place: told(pictures(1, place))[0] for place in range(10)}
    with ThreadPoolExecutor(6) as pool:
        crowds = list(pool.map(told, [pictures(place % 5 + 1, place) for place in range(5)]))
        crowds.append(told(pictures(10)[::-1]))
    seen = [cell for crowd in crowds for cell in crowd]
    assert len(seen) == 25
    for cell in seen:
        # Equal to the last digit: whoever else is asked about leaves no trace.
        assert {**cell, "number": 1} == alone[int(Path(cell["name"]).stem)]


def test_of_several_models_they_speak_together(serve: Any, several: AnyBundle, pictures: Files) -> None:
    with serve(several) as client:
        cells = client.post("/v1/cells", files=pictures(2)).json()["cells"]
        about = client.get("/v1/bundle").json()
        why = client.post("/v1/explain", files=pictures(1, field="picture")).json()
    assert about["several_models"] is True
    assert all(sum(cell["probabilities"].values()) == pytest.approx(1) for cell in cells)
    assert why["what"].endswith("Of the first of 2 models: net3.")
    assert why["nearest"] == []


def test_a_bundle_of_patients_says_where_to_ask(asked_of_patients: TestClient, pictures: Files) -> None:
    answer = asked_of_patients.post("/v1/cells", files=pictures(1))
    assert answer.status_code == 422
    assert answer.json()["error"] == {
        "code": "other_task",
        "what": "This bundle diagnoses patients, not single cells.",
        "where": None,
        "do": "Send all pictures of one patient to /v1/patients.",
    }
