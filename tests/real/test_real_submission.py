from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from leukoscope.bundles.card import BundleCard
from leukoscope.bundles.saving import save_bundle
from leukoscope.cohort.classes import Classes
from leukoscope.cohort.readers import read_cohort
from leukoscope.facts.encoding import FactsEncoder
from leukoscope.inference import write_lyon_submission
from leukoscope.models.building import build_patient_model
from leukoscope.pictures.framing import parse_framing
from leukoscope.recipes.schema import BagSettings, FactsSettings, ModelSettings

INPUTS = {"age": "linear", "lymphocyte_count": "log", "sex": "category"}


@pytest.mark.filterwarnings("ignore::leukoscope.errors.LeukoscopeWarning")
def test_the_challenges_unlabelled_patients_are_all_there_in_its_order(real_data: Path, tmp_path: Path) -> None:
    cohort = read_cohort(real_data / "lyon", "lyon")
    settings = ModelSettings(backbone="test_resnet", cut="layer2")
    facts = FactsSettings.model_validate({"inputs": INPUTS, "fusion": "concatenate"})
    encoder = FactsEncoder.fit(cohort.patients, INPUTS)
    model, _ = build_patient_model(settings, BagSettings(), facts, 1, inputs=len(encoder.names))
    framing = parse_framing([{"center_crop": 112}, {"resize": 32}])
    classes = Classes(("reactive", "tumoral"))
    card = BundleCard("sick", classes, framing, settings, task="patients", facts=facts, encoder=encoder.as_json())
    save_bundle(tmp_path / "bundle", model, card)
    summary = write_lyon_submission(tmp_path / "bundle", cohort, tmp_path / "said.csv", device="cpu")
    table = pl.read_csv(real_data / "lyon" / "clinical_annotation.csv")
    asked = table.filter(pl.col("LABEL") == -1)["ID"].to_list()
    said = pl.read_csv(tmp_path / "said.csv")
    assert said["ID"].to_list() == asked
    assert set(said["Predicted"]) <= {0, 1}
    assert summary.patients == len(asked) == 10
