from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from leukoscope.bundles.loading import load_bundle
from leukoscope.bundles.parts import hashes_of
from leukoscope.bundles.saving import save_bundle
from leukoscope.bundles.seals import seals_of
from leukoscope.errors import BundleError
from leukoscope.files import read_json, write_json
from leukoscope.models.bags import Bags

KINDS = ("pictures alone", "three classes", "gate", "concatenate")


@pytest.fixture
def saved_of_patients(of_patients: Any, tmp_path: Path) -> Path:
    save_bundle(tmp_path / "sick", of_patients.model, of_patients.card)
    return tmp_path / "sick"


def refusal(folder: Path) -> str:
    with pytest.raises(BundleError) as caught:
        load_bundle(folder)
    return str(caught.value)


def reseal(folder: Path, fields: dict[str, Any]) -> None:
    fields["files"] = hashes_of(folder)
    fields["seals"] = seals_of(fields)
    write_json(folder / "bundle.json", fields)


def test_drawn_patients_differ_and_one_has_a_single_cell_and_no_facts(saved_of_patients: Path) -> None:
    bags = read_json(saved_of_patients / "selftest" / "expected.json")["bags"]
    assert [len(bag["pictures"]) for bag in bags] == [4, 3, 1]
    assert bags[0]["facts"] == {"age": 20.0, "count": 4.5, "sex": "F"}
    assert bags[1]["facts"] == {"age": 90.0, "count": 90.0, "sex": "M"}
    assert bags[2]["facts"] == {"age": None, "count": None, "sex": None}
    assert len({name for bag in bags for name in bag["pictures"]}) == 8
    # A self-test whose patients all give the same could not fail.
    assert np.ptp([bag["logits"][0] for bag in bags]) > 0.05


@pytest.mark.parametrize("kind", KINDS)
def test_models_of_every_kind_come_back(kind: str, others_of_patients: Any, tmp_path: Path) -> None:
    made = others_of_patients[kind]
    save_bundle(tmp_path / "b", made.model, made.card)
    found = load_bundle(tmp_path / "b")
    assert found.card == made.card
    bags, pixels = Bags(torch.tensor([2, 1])), torch.rand(3, 3, 32, 32)
    facts = torch.rand(2, found.model.facts) if found.model.fusion is not None else None
    with torch.inference_mode():
        assert torch.allclose(found.model(pixels, bags, facts), made.model.eval()(pixels, bags, facts), atol=1e-5)


def test_a_bundle_of_patients_says_its_task_and_is_of_a_format_of_its_own(saved_of_patients: Path, saved: Path) -> None:
    fields = read_json(saved_of_patients / "bundle.json")
    assert (fields["format"], fields["task"], fields["bag"]["aggregator"]) == (2, "patients", "mean")
    cells = read_json(saved / "bundle.json")
    assert not {"task", "bag", "facts"} & set(cells)
    assert "\n  diagnoses patients: mean over pixels; with age, count, sex (late)\n" in repr(
        load_bundle(saved_of_patients)
    )


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("calibrator", "The probabilities would be other ones than the bundle's."),
        ("encoder", "A patient's facts would become other numbers than in training."),
        ("band", "Other patients would be referred than the bundle promises."),
    ],
)
def test_what_is_changed_by_hand_is_refused_by_name(saved_of_patients: Path, name: str, sentence: str) -> None:
    fields = read_json(saved_of_patients / "bundle.json")
    fields[name]["changed"] = 1
    write_json(saved_of_patients / "bundle.json", fields)
    assert refusal(saved_of_patients).startswith(
        f"The field {name!r} was changed after the bundle was saved. {sentence}\n"
    )


def test_a_lost_field_of_patients_is_named(saved_of_patients: Path) -> None:
    fields = read_json(saved_of_patients / "bundle.json")
    del fields["bag"], fields["band"]
    write_json(saved_of_patients / "bundle.json", fields)
    assert refusal(saved_of_patients).startswith("bundle.json lacks: bag, band.\n")


@pytest.mark.parametrize("change", ["encoder", "fusion", "calibrator"])
def test_whatever_changes_what_a_patient_is_told_fails_the_self_test(saved_of_patients: Path, change: str) -> None:
    fields = read_json(saved_of_patients / "bundle.json")
    if change == "encoder":
        fields["encoder"]["facts"][0]["mean"] += 30
    elif change == "fusion":
        fields["fusion"]["model"]["intercepts"] = [1.0]
    else:
        fields["calibrator"]["offset"] = 1.0
    reseal(saved_of_patients, fields)
    what = "probabilities" if change == "calibrator" else "logits"
    text = refusal(saved_of_patients)
    assert text.startswith(
        f"The bundle does not give the results that it was saved with: of drawn patient 1 one of the {what} is "
    )
    assert f"  where: {saved_of_patients / 'selftest' / 'expected.json'}\n" in text
    assert text.endswith("or this machine computes otherwise. Do not use it here.")


def test_facts_without_an_encoder_and_late_fusion_without_coefficients_are_refused(of_patients: Any) -> None:
    with pytest.raises(Exception, match="The bundle's facts have no encoder"):
        replace(of_patients.card, encoder=None)
    with pytest.raises(Exception, match="The bundle's late fusion has no coefficients"):
        replace(of_patients.card, fusion=None)


def test_every_aggregator_comes_back_with_its_weights(of_each_aggregator: Any, tmp_path: Path) -> None:
    save_bundle(tmp_path / "b", of_each_aggregator.model, of_each_aggregator.card)
    found, bags, pixels = load_bundle(tmp_path / "b"), Bags(torch.tensor([2, 1])), torch.rand(3, 3, 32, 32)
    with torch.inference_mode():
        assert torch.allclose(
            found.model(pixels, bags), of_each_aggregator.model.eval()(pixels, bags), rtol=1e-4, atol=1e-5
        )
