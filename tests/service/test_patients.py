from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from starlette.testclient import TestClient

from leukoscope.bundles.bundle import Bundle
from leukoscope.inference.patients import predict_patients

Files = Callable[..., Any]
KNOWN = {"age": 61, "count": 7.5, "sex": "F"}


def test_a_patient_is_said_as_predict_says_them(
    asked_of_patients: TestClient, patients: Bundle, pictures: Files, tmp_path: Path
) -> None:
    files = pictures(4)
    (tmp_path / "P7").mkdir()
    for _, (name, content, _) in files:
        (tmp_path / "P7" / Path(name).name).write_bytes(content)
    facts = pl.DataFrame({"patient": ["P7"], **KNOWN})
    with pytest.warns(match="unlike those that the model learned from"):
        told = predict_patients(patients, tmp_path, facts=facts).table.row(0, named=True)
    broken = ("pictures", ("broken.png", b"\x89PNG\r\n\x1a\n"))
    answer = asked_of_patients.post(
        "/v1/patients", files=[*files, broken], data={"facts": json.dumps(KNOWN), "patient": "P7"}
    )
    assert answer.status_code == 200
    found = answer.json()
    patient = found["patient"]
    assert (patient["name"], patient["called"], patient["threshold"]) == ("P7", told["called"], 0.4)
    assert patient["probabilities"]["all"] == pytest.approx(told["p_all"], abs=1e-6)
    assert (patient["cells"], patient["unreadable"], patient["strange_cells"]) == (4, 1, told["strange_cells"])
    assert (patient["remarks"], patient["band"], patient["referred"], patient["problem"]) == ([], None, None, None)
    interval = patient["interval"]
    assert interval["low"] <= patient["probabilities"]["all"] <= interval["high"]
    assert (interval["level"], interval["of"]) == (0.95, "all")
    assert found["explained"] == "all"
    assert [cell["evidence"] is None for cell in found["cells"]] == [False] * 4 + [True]
    assert found["cells"][4]["problem"].startswith("The picture is damaged or cut off")
    assert [cell["name"] for cell in found["cells"]][:2] == ["folder/0.png", "folder/1.png"]


def test_what_the_patient_is_called_changes_nothing_else(asked_of_patients: TestClient, pictures: Files) -> None:
    both = [
        asked_of_patients.post("/v1/patients", files=pictures(3), data={"patient": name}).json() for name in ("A", "B")
    ]
    assert [each["patient"].pop("name") for each in both] == ["A", "B"]
    assert both[0] == both[1]
    assert both[0]["patient"]["remarks"] == [
        "age: missing; the training patients' median, 50, stands in.",
        "count: missing; the training patients' median, 8, stands in.",
        "sex: missing; it is taken as none of the training patients' words.",
    ]


def test_one_cell_has_no_interval(asked_of_patients: TestClient, pictures: Files) -> None:
    assert asked_of_patients.post("/v1/patients", files=pictures(1)).json()["patient"]["interval"] is None


def test_a_bundle_of_cells_takes_the_mean_of_its_cells(asked: TestClient, pictures: Files) -> None:
    cells = asked.post("/v1/cells", files=pictures(5)).json()["cells"]
    found = asked.post("/v1/patients", files=pictures(5), data={"facts": ""}).json()
    shares = [cell["probabilities"]["all"] for cell in cells]
    patient = found["patient"]
    assert patient["probabilities"]["all"] == pytest.approx(np.mean(shares))
    assert patient["called"] == ("all" if np.mean(shares) >= 0.4 else "hem")
    assert patient["interval"]["low"] <= np.mean(shares) <= patient["interval"]["high"]
    assert patient["shares_called"]["all"] == np.mean([cell["called"] == "all" for cell in cells])
    for cell, share in zip(found["cells"], shares, strict=True):
        assert 1 / (1 + np.exp(-cell["evidence"])) == pytest.approx(share, abs=1e-6)
    assert found["explained"] == "all"
    assert found["notes"][0].startswith("The model judges single cells: the patient's probability is the mean")


def test_of_many_classes_the_shares_called_are_said(serve: Any, three: Bundle, pictures: Files) -> None:
    with serve(three) as client:
        found = client.post("/v1/patients", files=pictures(4)).json()
        why = client.post("/v1/explain", files=pictures(1, field="picture"), data={"class": "b"}).json()
    patient = found["patient"]
    assert found["explained"] == patient["called"]
    assert sum(patient["shares_called"].values()) == pytest.approx(1)
    for cell in found["cells"]:
        assert cell["evidence"] == cell["probabilities"][patient["called"]]
    assert why["shown"] == "b"
    assert [one["probability"] for one in why["classes"]] == sorted(
        (one["probability"] for one in why["classes"]), reverse=True
    )


def test_a_field_that_has_no_use_is_refused(asked_of_patients: TestClient, pictures: Files) -> None:
    answer = asked_of_patients.post("/v1/patients", files=pictures(1), data={"fact": "{}"})
    assert answer.status_code == 422
    assert answer.json()["error"]["what"] == "The form has a field 'fact', which has no use here."
    assert answer.json()["error"]["do"] == "Known: facts, patient."
