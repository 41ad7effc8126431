from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest

import leukoscope
from leukoscope.bundles.bundle import Bundle
from leukoscope.bundles.ensemble_card import EnsembleCard
from leukoscope.bundles.ensemble_saving import save_ensemble
from leukoscope.bundles.loading import load_bundle
from leukoscope.bundles.opening import open_bundle
from leukoscope.cohort.cohort import Cohort
from leukoscope.ensembles.weighted import Weighted
from leukoscope.errors import DataError, SettingsError
from leukoscope.evaluation.confidence import Confidence
from leukoscope.files import read_json
from leukoscope.models.seen import seen_by_bundle, shortened
from leukoscope.predictions.table import Predictions
from leukoscope.reports.validation_folder import ValidationFolder
from leukoscope.runs.run import Run
from leukoscope.validation import Validation, validate


def kept(validated: Validation, bundle: Bundle) -> Predictions:
    return Predictions.load(ValidationFolder(validated.folder).predictions, bundle.classes)


def score(table: pl.DataFrame | None, name: str) -> dict[str, float]:
    assert table is not None
    return table.row(by_predicate=pl.col("score") == name, named=True)


def test_the_scores_are_those_of_evaluate_on_the_same_predictions(validated: Validation, bundle: Bundle) -> None:
    said = kept(validated, bundle)
    again = leukoscope.evaluate(said, threshold=bundle.threshold, replicates=200)
    assert again.as_json() == validated.scores.as_json()
    assert read_json(validated.folder / "scores.json")["parts"]["all"] == validated.scores.as_json()
    assert validated.scores.groups == 24
    assert validated.scores.interval.unit == "linked group of patients"


@pytest.mark.filterwarnings("ignore::leukoscope.errors.LeukoscopeWarning")
def test_the_predictions_are_those_of_predict(validated: Validation, bundle: Bundle, elsewhere: Cohort) -> None:
    said = leukoscope.predict(bundle, elsewhere).table.sort("id")
    assert kept(validated, bundle).table.sort("id")["p_all"].to_list() == pytest.approx(said["p_all"].to_list())


def test_the_drift_of_the_light_is_told(validated: Validation) -> None:
    rows = {row["name"]: row for row in validated.drift.to_dicts()}
    assert rows["brightness"]["gap"] > 2 * rows["brightness"]["test_gap"]
    assert rows["brightness"]["here_mean"] < rows["brightness"]["train_mean"]
    assert rows["brightness"]["judgement"] == "far otherwise"
    assert (rows["width"]["gap"], rows["width"]["judgement"]) == (0, "alike")
    assert rows["positive"]["gap"] > 0.25
    assert "brightness (far)" in str(validated)


def test_recalibration_repairs_what_the_lamp_has_spoiled(validated: Validation) -> None:
    found = validated.recalibration
    loss, right = score(found, "log_loss"), score(found, "balanced_accuracy")
    assert loss["after"] < loss["before"]
    assert loss["difference_high"] < 0
    assert right["after"] > right["before"]
    assert score(found, "roc_auc")["difference"] == pytest.approx(0, abs=1e-9)


def test_nobody_is_on_both_sides(validated: Validation) -> None:
    parts = pl.read_csv(validated.folder / "parts.csv", infer_schema=False)
    sides = parts.select("group", "part").unique()
    assert sides["group"].is_unique().all()
    assert sides["part"].n_unique() == 2
    assert parts.select("patient", "part").unique()["patient"].is_unique().all()


@pytest.mark.filterwarnings("ignore::leukoscope.errors.LeukoscopeWarning")
def test_the_bundle_says_of_the_rest_what_was_measured(
    validated: Validation, bundle: Bundle, elsewhere: Cohort
) -> None:
    assert validated.bundle is not None
    fresh = load_bundle(validated.bundle)
    rest = pl.read_csv(validated.folder / "parts.csv", infer_schema=False).filter(pl.col("part") == "rest")
    said = leukoscope.predict(fresh, elsewhere.select(rest["id"]))
    own = leukoscope.evaluate(said, threshold=fresh.threshold, replicates=200).scores
    for name in ("balanced_accuracy", "log_loss", "brier", "ece"):
        assert own[name].value == pytest.approx(score(validated.recalibration, name)["after"], abs=1e-9)
    assert kept(validated, bundle).table.height == 96


def test_the_bundle_differs_in_what_was_fitted_alone(validated: Validation, bundle: Bundle, elsewhere: Cohort) -> None:
    assert validated.bundle is not None
    fresh = load_bundle(validated.bundle)
    before, after = bundle.card.as_json(), fresh.card.as_json()
    changed = {name for name in after if after[name] != before.get(name)}
    assert changed == {"threshold", "calibrator", "confidence", "home", "recalibrated"}
    assert after["home"]["pictures"] == before["home"]["pictures"]
    assert after["home"]["answers"]["number"] == after["recalibrated"]["rest"]["cells"]
    assert Confidence.from_json(after["confidence"]).wanted == 0.8
    assert (validated.bundle / "weights.safetensors").read_bytes() == (
        bundle.folder / "weights.safetensors"
    ).read_bytes()
    assert re.fullmatch(
        r"recalibrated on 12 patients \(48 cells\) of 'drawn', a share of 0\.5: probabilities calibrated \(platt\), "
        r"the threshold 0\.\d{3} became 0\.\d{3}",
        after["recalibrated"]["statement"],
    )
    assert after["recalibrated"]["statement"] in repr(fresh)
    pictures = pl.read_parquet(validated.folder / "pictures.parquet")
    part = pl.read_csv(validated.folder / "parts.csv", infer_schema=False).filter(pl.col("part") == "recalibration")
    used = shortened(pictures.join(part, on="id", how="semi")["sha256"].to_list())
    assert seen_by_bundle(validated.bundle).pictures == seen_by_bundle(bundle.folder).pictures | used
    assert elsewhere.cells.height == pictures.height


def test_home_stands_beside_here(validated: Validation, home: Run) -> None:
    own = home.scores["parts"]["test"]["scores"]["balanced_accuracy"]
    row = score(validated.beside, "balanced_accuracy")
    assert (row["home"], row["home_low"], row["home_high"]) == (own["value"], own["low"], own["high"])
    assert row["difference"] == pytest.approx(row["here"] - row["home"])
    assert row["difference_low"] < row["difference"] < row["difference_high"]
    error = score(validated.beside, "ece")
    assert error["home"] == pytest.approx(home.scores["calibration"]["ece"]["after"])
    assert error["home_low"] < error["home_high"]


def test_of_a_recalibrated_bundle_only_the_ranks_stand_beside_those_at_home(
    validated: Validation, elsewhere: Cohort, tmp_path: Path
) -> None:
    assert validated.bundle is not None
    again = validate(validated.bundle, elsewhere, tmp_path / "again", recalibrate_share=0.5, replicates=100)
    assert again.beside["score"].to_list() == ["roc_auc"]
    assert any(note.startswith("The bundle was recalibrated after its run") for note in again.notes)
    assert again.bundle is not None
    first, second = (load_bundle(bundle).card.home for bundle in (validated.bundle, again.bundle))
    assert first is not None
    assert second is not None
    assert (second["pictures"], second["threshold"]) == (first["pictures"], first["threshold"])
    assert again.record["warnings"]  # it has seen the part that it was recalibrated on


def test_the_record_says_who_was_referred_and_what_is_strange(validated: Validation) -> None:
    record = read_json(validated.folder / "validation.json")
    assert record["referral"]["of"] == "cells"
    assert 0 <= record["referral"]["referred"]["value"] <= 1
    assert record["out_of_distribution"]["cells"] == 96
    assert record["recalibration"]["referral"]["after"]["wanted"] == 0.8
    assert record["whom"] == "96 cells of 24 patients"
    assert (record["absent"], record["left_out"], record["command"]) == ([], {}, "leukoscope evaluate")
    assert pl.read_csv(validated.folder / "unlike.csv").height == 12
    assert record["notes"] == []
    assert validated.record == record


def test_the_page_tells_it_all(validated: Validation) -> None:
    page = (validated.folder / "report.html").read_text(encoding="utf-8")
    for words in (
        "The bundle &#39;run&#39; was asked about 96 cells of 24 patients of another data set, &#39;drawn&#39;.",
        "<h2>At home and here</h2>", "<h2>Drift of pictures and answers</h2>", "<h2>Recalibration</h2>",
        "Recalibrated on 12 patients (48 cells) of &#39;drawn&#39;, a share of 0.5", "<h2>Confusion matrix</h2>",
    ):  # fmt: skip
        assert words in page, words
    assert {path.stem for path in (validated.folder / "figures").glob("*.svg")} >= {
        "drift_pictures", "drift_answers", "recalibration", "calibration",
    }  # fmt: skip


def test_pictures_that_the_model_has_seen_are_marked(bundle: Bundle, home: Run, tmp_path: Path) -> None:
    found = validate(bundle, home.cohort, tmp_path / "out", replicates=100)
    assert found.scores.leakage == "The model has seen this picture in training."
    assert any(text.startswith("The model has seen ") for text in found.warnings)
    assert "The bundle has seen pictures here before" in (found.folder / "report.html").read_text(encoding="utf-8")


def test_other_names_of_classes_need_a_map(bundle: Bundle, elsewhere: Cohort, tmp_path: Path) -> None:
    names = {"hem": "healthy", "all": "sick"}
    label = pl.col("label").replace(names)
    classes = replace(elsewhere.classes, names=("healthy", "sick"), titles=("healthy", "sick"), positive="sick")
    cells, patients = elsewhere.cells.with_columns(label), elsewhere.patients.with_columns(label)
    other = replace(elsewhere, cells=cells, patients=patients, classes=classes).select(elsewhere.cells["id"][:40])
    with pytest.raises(SettingsError) as raised:
        validate(bundle, other, tmp_path / "out")
    assert str(raised.value) == (
        "No class of 'drawn' (healthy, sick) has the name of one here (hem, all).\n"
        "  what to do: Name a class map: which of their classes is which of ours."
    )
    found = validate(bundle, other, tmp_path / "out", class_map={"sick": "all"}, replicates=100)
    sick = int((other.cells["label"] == "sick").sum())
    assert found.scores.cells == sick
    assert found.record["absent"] == ["hem"]
    assert not [text for text in found.warnings if "could not be predicted" in text]
    assert found.notes[:2] == (
        "Of the bundle's 2 classes 1 class cannot be measured here, none being there: hem.",
        f"Left out, of no class that the bundle knows: {40 - sick} cells.",
    )


def test_a_bundle_of_patients_that_knows_nothing_of_its_home(
    of_patients: Path, elsewhere: Cohort, tmp_path: Path
) -> None:
    found = validate(of_patients, elsewhere, tmp_path / "out", recalibrate_share=0.5, replicates=100)
    assert found.scores.unit == "patient"
    assert found.scores.cells == 24
    assert found.drift["judgement"].null_count() == found.drift.height
    assert found.notes[0].startswith("The bundle was saved before bundles kept what their pictures and answers are")
    assert found.bundle is not None
    assert load_bundle(found.bundle).card.task == "patients"
    assert "How far the pictures have moved is not known." in repr(found)


def test_several_models_get_a_threshold_alone_and_are_saved_whole(
    bundle: Bundle, elsewhere: Cohort, tmp_path: Path
) -> None:
    names, rule = ("first", "second"), Weighted(("first", "second"), (0.5, 0.5))
    card = EnsembleCard("both", bundle.classes, "average", rule.as_json(), names, threshold=0.5)
    save_ensemble(tmp_path / "both", dict.fromkeys(names, bundle.folder), card)
    found = validate(tmp_path / "both", elsewhere, tmp_path / "out", recalibrate_share=0.5, replicates=100)
    assert found.bundle is not None
    fresh = open_bundle(found.bundle)
    assert (fresh.card.name, fresh.card.recalibrated is not None) == ("both", True)
    assert fresh.threshold == found.record["recalibration"]["threshold"]["value"] != 0.5
    assert score(found.recalibration, "log_loss")["difference"] == 0
    assert score(found.recalibration, "balanced_accuracy")["after"] > 0.5
    light = found.drift.row(by_predicate=pl.col("name") == "brightness", named=True)
    assert light["judgement"] == "far otherwise"  # the members' cards tell of the pictures
    assert found.drift.row(by_predicate=pl.col("name") == "positive", named=True)["judgement"] is None
    parts = pl.read_csv(tmp_path / "out" / "parts.csv", infer_schema=False)
    used = parts.filter(pl.col("part") == "recalibration")["id"].to_list()
    with pytest.warns(match="The model has seen 48 pictures in training"):
        said = leukoscope.predict(found.bundle, elsewhere, device="cpu").table
    marked = said.filter(pl.col("leakage").is_not_null())
    assert sorted(marked["id"]) == sorted(used)


@pytest.mark.parametrize("share", [0.0, 1.0, -2.0])
def test_a_share_that_is_none_is_refused(bundle: Bundle, elsewhere: Cohort, tmp_path: Path, share: float) -> None:
    few = elsewhere.select(elsewhere.cells["id"][:8])
    with pytest.raises(SettingsError) as raised:
        validate(bundle, few, tmp_path / "out", recalibrate_share=share)
    assert str(raised.value) == (
        f"The share to recalibrate on must lie between 0 and 1, both excluded; got {share:g}.\n  where: recalibrate"
    )
    assert not (tmp_path / "out").exists()


def test_too_few_patients_are_refused_before_anything_is_predicted(
    bundle: Bundle, elsewhere: Cohort, tmp_path: Path
) -> None:
    names = elsewhere.patients["patient"].unique().sort()[:6]
    few = elsewhere.select(elsewhere.cells.filter(pl.col("patient").is_in(names.implode()))["id"])
    with pytest.raises(DataError) as raised:
        validate(bundle, few, tmp_path / "out", recalibrate_share=0.5)
    assert re.fullmatch(
        r"With a share of 0\.5 the part has \d linked groups? of hem, all and the rest has \d linked groups? of hem, "
        r"all; recalibration needs 5 linked groups or more, and two classes, on either side\.\n"
        r"  what to do: Take another share or seed, or a larger cohort\.",
        str(raised.value),
    )


def test_a_folder_of_something_else_is_left_alone(bundle: Bundle, elsewhere: Cohort, tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("mine", encoding="utf-8")
    with pytest.raises(SettingsError) as raised:
        validate(bundle, elsewhere, tmp_path)
    assert str(raised.value) == (
        "This folder holds something else than an external validation.\n"
        f"  where: {tmp_path}\n"
        "  what to do: Name another --out."
    )
    with pytest.raises(SettingsError, match=r"^A folder is needed here, and this is a file\."):
        validate(bundle, elsewhere, tmp_path / "notes.txt")
