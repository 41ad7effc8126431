from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from leukoscope import predict
from leukoscope.bundles import load_bundle
from leukoscope.cohort.classes import Classes
from leukoscope.errors import SettingsError
from leukoscope.evaluation import Calibrator, Threshold, carried_threshold, evaluate, fit_confidence
from leukoscope.evaluation.calling import called
from leukoscope.predictions.table import Predictions
from leukoscope.recipes.schema import ReferSettings
from leukoscope.runs.calibration_section import calibration_section
from leukoscope.runs.cell_referral import cell_referral, refuse_isotonic
from leukoscope.runs.learned import Said
from leukoscope.runs.run import Run


def said(classes: tuple[str, ...] = ("hem", "all"), *, patients: int = 30) -> Said:
    """Return what a model that is too sure of itself says of validation and test."""
    parts = []
    for seed in (0, 1):
        random = np.random.default_rng(seed)
        patient = np.repeat(np.arange(patients), 10)
        truth = patient % len(classes)
        logits = 8 * (np.eye(len(classes))[truth] * 1.2 + random.normal(0, 0.7, (len(truth), len(classes))))
        shares = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
        table = {"id": [str(row) for row in range(len(truth))], "patient": [f"{seed}P{one}" for one in patient]}
        table |= {"label": np.array(classes)[truth]}
        table |= {f"p_{name}": shares[:, place] for place, name in enumerate(classes)}
        parts.append(Predictions(pl.DataFrame(table), Classes(classes)))
    return Said(*parts, Threshold(0.6, "given", 0.0) if len(classes) == 2 else None)


def test_where_nothing_is_asked_for_nothing_is_added() -> None:
    found = cell_referral(ReferSettings(), said())
    assert (found.scores, found.card) == ({}, {})


def test_the_card_s_threshold_is_the_run_s_among_calibrated_probabilities() -> None:
    asked = said()
    found = cell_referral(ReferSettings(calibrate="platt", accuracy=0.95), asked)
    fitted = Calibrator.from_json(found.card["calibrator"])
    assert fitted.slope < 1
    after = fitted.apply(asked.test)
    assert called(after, found.card["threshold"]).equals(called(asked.test, 0.6))
    rule = fit_confidence(fitted.apply(asked.validation), 0.95, found.card["threshold"])
    assert found.card["confidence"] == rule.as_json()
    section = found.scores["referral"]
    assert (section["of"], section["wanted"], section["least"]) == ("cells", 0.95, rule.least)
    assert section["validation"] == {"reached": rule.reached, "kept": rule.kept, "cells": 300, "patients": 30}
    assert [row["wanted"] for row in section["levels"]] == [0.9, 0.95, 0.99]
    assert section["levels"][1]["accuracy"] == section["accuracy"]
    assert section["accuracy"]["value"] > section["accuracy_of_all"]["value"]
    gained = found.scores["calibration"]
    assert (gained["kind"], gained["fitted_on"], gained["cells"]) == ("platt", 300, 300)
    assert gained["log_loss"]["after"] < gained["log_loss"]["before"]
    of_bundle = evaluate(after, threshold=found.card["threshold"]).as_json()
    assert gained["bundle"]["ece"] == of_bundle["scores"]["ece"]
    assert gained["bundle"]["ece"]["value"] == pytest.approx(gained["ece"]["after"])
    assert gained["bundle"]["patient_scores"] == of_bundle["patient_scores"]


def test_the_bundle_s_calls_of_patients_are_scored_as_it_makes_them() -> None:
    """The mean of calibrated probabilities may lie on the other side of the threshold than that of the raw ones."""
    logits = {"all": (2.6, -2.9), "hem": (-2.0, -2.1)}
    rows = [
        {"id": f"{label}{patient}{cell}", "patient": f"{label}{patient}", "label": label, "logit": logit}
        for label, both in logits.items()
        for patient in range(6)
        for cell, logit in enumerate(both)
    ]
    share = 1 / (1 + np.exp(-pl.DataFrame(rows)["logit"].to_numpy()))
    test = Predictions(pl.DataFrame(rows).with_columns(p_hem=1 - share, p_all=share), Classes(("hem", "all")))
    shifting = Calibrator("platt", ("hem", "all"), 100, slope=1.0, offset=-1.0)
    threshold = carried_threshold(0.5, shifting, test.classes).value
    raw = evaluate(test, threshold=0.5, replicates=0).patient_scores
    said = calibration_section(shifting, test, threshold)["bundle"]["patient_scores"]
    assert raw is not None
    assert (raw["sensitivity"].value, said["sensitivity"]["value"]) == (0.0, 1.0)


def test_more_classes_get_a_temperature_and_no_threshold() -> None:
    found = cell_referral(ReferSettings(calibrate="platt", accuracy=0.9), said(("a", "b", "c")))
    assert found.card["calibrator"]["kind"] == "temperature"
    assert "threshold" not in found.card
    assert found.scores["referral"]["least"] > 1 / 3


def test_referring_needs_no_calibration_and_calibrating_no_referral() -> None:
    alone = cell_referral(ReferSettings(accuracy=0.9), said())
    assert (set(alone.card), set(alone.scores)) == ({"confidence"}, {"referral"})
    other = cell_referral(ReferSettings(calibrate="isotonic"), said())
    assert (set(other.card), set(other.scores)) == ({"calibrator", "threshold"}, {"calibration"})


def test_a_model_that_is_the_wrong_way_round_is_not_calibrated_and_the_section_says_so() -> None:
    asked = said()
    turned = [
        Predictions(part.table.rename({"p_hem": "p_all", "p_all": "p_hem"}), part.classes)
        for part in (asked.validation, asked.test)
    ]
    found = cell_referral(ReferSettings(calibrate="platt"), Said(*turned, asked.threshold))
    assert found.card == {}
    assert found.scores["calibration"]["kind"] == "none"
    assert found.scores["calibration"]["notes"][0].startswith("Nothing was calibrated: on validation, cells of class")


def test_a_class_without_validation_cell_leaves_probabilities_as_they_are_and_the_run_goes_on() -> None:
    asked = said(("a", "b", "c"))
    some = asked.validation.table.filter(pl.col("label") != "c")
    found = cell_referral(
        ReferSettings(calibrate="platt", accuracy=0.8), Said(Predictions(some, asked.test.classes), asked.test, None)
    )
    assert set(found.card) == {"confidence"}
    assert found.scores["calibration"]["notes"] == ["Probabilities cannot be calibrated: no cell here is labelled 'c'."]


def test_isotonic_steps_for_more_classes_are_refused_before_training() -> None:
    refuse_isotonic(ReferSettings(calibrate="isotonic"), Classes(("a", "b")))
    with pytest.raises(SettingsError) as caught:
        refuse_isotonic(ReferSettings(calibrate="isotonic"), Classes(("a", "b", "c")))
    assert str(caught.value) == (
        "Isotonic calibration (refer.calibrate: isotonic) needs two classes; there are 3.\n"
        "  where: refer.calibrate\n  what to do: Set refer.calibrate: temperature."
    )


@pytest.mark.filterwarnings("ignore::leukoscope.errors.LeukoscopeWarning")
def test_the_run_states_what_its_bundle_does(referring_run: Run) -> None:
    """Predicted again from the files, the test cells are called, calibrated and referred as ``scores.json`` says."""
    section, whole = referring_run.scores["referral"], referring_run.predictions("test")
    card = load_bundle(referring_run.bundle).card
    assert card.threshold is not None
    assert referring_run.threshold is not None
    table = predict(referring_run.bundle, referring_run.cohort.select(whole.table["id"]), device="cpu").table
    table = whole.table.select("id", raw="p_all").join(table, on="id", maintain_order="left")
    assert table["called"].equals(called(whole, referring_run.threshold))
    assert (~table["referred"]).sum() == section["called"]
    raw = 1 / (1 + np.exp(-table["raw_logit"].to_numpy()))
    assert raw == pytest.approx(table["raw"].to_numpy(), abs=1e-5)
    positive = table["called"] == "all"
    assert table["confidence"].to_numpy() == pytest.approx(
        np.where(positive, table["p_all"].to_numpy(), table["p_hem"].to_numpy())
    )
    assert "referred: " in str(referring_run)
    assert "accuracy of the rest (0.7 wanted): " in str(referring_run)


def test_scored_again_the_referral_may_be_another_and_the_predictions_stay(
    referring_run: Run, stricter_run: Run, plain_run: Run
) -> None:
    assert stricter_run.scores["referral"]["wanted"] == 0.9
    assert stricter_run.predictions().table.drop("run").equals(referring_run.predictions().table.drop("run"))
    card = load_bundle(plain_run.bundle).card
    assert (card.calibrator, card.confidence, card.threshold) == (None, None, plain_run.threshold)
    assert {"referral", "calibration"}.isdisjoint(plain_run.scores)
