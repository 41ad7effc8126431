"""The sections of a patients' run, from drawn predictions: no network, no picture."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import polars as pl
import pytest
from scipy.special import expit

from leukoscope.cohort.classes import Classes
from leukoscope.evaluation import Band, Calibrator, called, evaluate
from leukoscope.facts import Offer
from leukoscope.predictions.table import Predictions
from leukoscope.recipes.loading import load_recipe
from leukoscope.recipes.schema import Recipe
from leukoscope.runs.patient_sections import PatientSections, patient_sections

pytestmark = pytest.mark.usefixtures("no_pages_in_module")

CLASSES = Classes(("reactive", "tumoral"), positive="tumoral")
PARTS = ["train"] * 60 + ["validation"] * 60 + ["test"] * 80
FACTS = {"facts.inputs": {"age": "linear", "count": "log"}}
OFFERED = (Offer("age", "linear", ""), Offer("count", "log", ""), Offer("row", None, ""), Offer("empty", "linear", ""))


@pytest.fixture(scope="module")
def people() -> pl.DataFrame:
    """200 patients: the count tells the label well, the age hardly; of one test patient the count is missing."""
    random = np.random.default_rng(5)
    tumoral = np.arange(200) % 2 == 0
    count = np.exp(random.normal(2, 0.6, 200) + 1.2 * tumoral)
    return pl.DataFrame(
        {
            "patient": [f"P{place}" for place in range(200)],
            "label": np.where(tumoral, "tumoral", "reactive"),
            "age": random.normal(60, 10, 200) + 3 * tumoral,
            "count": pl.Series(count).set(pl.Series([place == 199 for place in range(200)]), None),
            "row": np.arange(200),
            "empty": pl.Series([None] * 200, dtype=pl.Float64),
            "group": [f"g{place}" for place in range(200)],
        }
    )


def said(people: pl.DataFrame, part: str, strength: float, seed: int = 0) -> Predictions:
    chosen = people.filter(pl.Series(PARTS) == part)
    truth = (chosen["label"] == "tumoral").to_numpy()
    logits = np.random.default_rng([seed, len(part)]).normal(strength * (2 * truth - 1), 1.0) * 3
    columns = {"id": chosen["patient"], "label": chosen["label"], "group": chosen["group"], "logit": logits}
    likely = {"p_tumoral": expit(logits), "p_reactive": expit(-logits)}
    return Predictions(pl.DataFrame(columns | likely), CLASSES, unit="patient")


def recipe(changes: dict[str, Any] | None = None) -> Recipe:
    return load_recipe("drawn-patients", changes or {})


def sections(people: pl.DataFrame, asked: Recipe, strength: float = 1.5, **given: Any) -> PatientSections:
    train = people.filter(pl.Series(PARTS) == "train")["patient"].to_list()
    return patient_sections(
        patients=people,
        train=train,
        classes=CLASSES,
        recipe=asked,
        validation=said(people, "validation", strength),
        test=said(people, "test", strength),
        **{"threshold": 0.5, "seed": 0, **given},
    )


def test_pictures_alone_are_held_against_the_facts_that_the_cohort_offers(people: pl.DataFrame) -> None:
    found = sections(people, recipe(), offered=OFFERED).as_json()
    rows = {row["title"]: row for row in found["ablations"]}
    assert list(rows) == [
        "age alone",
        "count alone",
        "clinical only, logistic regression",
        "clinical only, gradient boosting",
        "images only",
    ]
    assert {row["patients"] for row in rows.values()} == {80}
    assert [row["model"] for row in rows.values()] == [False] * 4 + [True]
    ours, count = rows["images only"], rows["count alone"]
    assert ours["difference"] is None
    gain = count["difference"]["roc_auc"]
    assert gain["difference"] == pytest.approx(
        ours["scores"]["roc_auc"]["value"] - count["scores"]["roc_auc"]["value"], abs=1e-12
    )
    assert gain["low"] < gain["difference"] < gain["high"]
    assert count["threshold"] != 0.5
    assert found["unit"] == "patient"
    left_out = ["The fact 'empty' is left out: No training patient has the fact 'empty'."]
    assert found["facts"] == {
        "inputs": [],
        "left_out": left_out,
        "remarks": found["facts"]["remarks"],
        "circumstances": [],
    }
    assert {"patient": "P199", "fact": "count"}.items() <= next(
        one for one in found["facts"]["remarks"] if "missing" in one["text"]
    ).items()


def test_the_sections_are_plain_json_and_the_same_again(people: pl.DataFrame) -> None:
    asked = recipe({**FACTS, "facts.fusion": "late", "refer.coverage": 0.9, "refer.calibrate": "platt"})
    first, second = (sections(people, asked).as_json() for _ in range(2))
    assert json.dumps(first) == json.dumps(second)
    assert json.loads(json.dumps(first)) == first


def test_a_model_that_does_not_beat_the_count_alone_says_so(people: pl.DataFrame) -> None:
    weak = sections(people, recipe(FACTS), strength=0.1).as_json()["verdict"]
    assert weak["beats"] is False
    assert weak["against"] == "count alone"
    assert weak["sentence"].startswith("The model does not beat count alone: ROC AUC ")
    assert weak["sentence"].endswith("on the same 80 patients; paired test p = " + f"{weak['p']:.2g}.")
    strong = sections(people, recipe(FACTS), strength=1.5).as_json()["verdict"]
    assert strong["beats"] is True
    assert strong["p"] < 0.05


def test_where_facts_are_fused_the_pictures_alone_stand_beside_both(people: pl.DataFrame) -> None:
    images, before = (said(people, part, 0.5, seed=1) for part in ("test", "validation"))
    fused = recipe({**FACTS, "facts.fusion": "late"})
    found = sections(people, fused, images=images, images_validation=before).as_json()
    assert [row["title"] for row in found["ablations"]][-2:] == ["images only", "images and facts"]
    alone = found["ablations"][-2]
    assert alone["difference"]["balanced_accuracy"]["p"] < 0.05
    assert alone["scores"]["roc_auc"]["value"] == pytest.approx(evaluate(images)["roc_auc"].value)
    assert sections(people, fused, images=images).as_json()["ablations"][-2]["threshold"] == 0.5
    assert sections(people, fused).as_json()["ablations"][-2]["title"] == "clinical only, gradient boosting"


def test_without_any_fact_no_table_is_made(people: pl.DataFrame) -> None:
    found = sections(people, recipe()).as_json()
    assert (found["ablations"], found["verdict"], found["facts"]["remarks"]) == ([], None, [])


def test_a_circumstance_that_was_asked_for_is_said(people: pl.DataFrame) -> None:
    found = sections(people, recipe({"facts.inputs": {"row": "linear"}})).as_json()
    assert found["facts"]["circumstances"] == [
        "The input 'row' tells how the data were gathered, not what a patient is like; it was asked for by name."
    ]


def test_operating_points_are_chosen_on_validation_and_reached_on_test(people: pl.DataFrame) -> None:
    points = sections(people, recipe()).as_json()["operating_points"]
    assert [point["wanted"] for point in points] == [0.90, 0.95, 0.99]
    for point in points:
        assert point["validation"]["sensitivity"]["value"] >= point["wanted"]
        test = point["test"]["sensitivity"]
        assert test["low"] <= test["value"] <= test["high"]
    # Overconfident logits were made by a factor of three; the thresholds stand on what is given, uncalibrated here.
    assert points[0]["threshold"] >= points[2]["threshold"]


def test_calibration_and_referral_are_those_that_the_bundle_gets(people: pl.DataFrame) -> None:
    made = sections(people, recipe({"refer.coverage": 0.9, "refer.calibrate": "platt"}), strength=0.8, threshold=0.7)
    found = made.as_json()
    assert found["calibration"]["kind"] == "platt"
    assert found["calibration"]["patients"] == 80
    assert found["calibration"]["fitted_on"] == 60
    assert found["calibration"]["ece"]["after"] < found["calibration"]["ece"]["before"]
    refer = found["referral"]
    assert (refer["promised"], refer["patients"], refer["fitted_on"]) == (0.9, 80, {"reactive": 30, "tumoral": 30})
    assert refer["covered"]["count"] + 0 == round(refer["covered"]["value"] * 80)
    assert refer["covered"]["low"] < refer["covered"]["value"] < refer["covered"]["high"]
    assert refer["sensitivity"]["total"] + refer["specificity"]["total"] == 80 - refer["referred"]["count"]
    assert Calibrator.from_json(made.calibrator.as_json()) == made.calibrator
    assert made.band is not None
    assert Band.from_json(made.band.as_json()) == made.band


def test_the_calibrated_threshold_calls_as_the_given_one(people: pl.DataFrame) -> None:
    made = sections(people, recipe({"refer.calibrate": "platt"}), strength=0.8, threshold=0.7)
    test = said(people, "test", 0.8)
    assert made.referral.threshold is not None
    assert made.referral.threshold.value != 0.7
    calibrated = called(made.calibrator.apply(test), made.referral.threshold.value)
    assert calibrated.equals(called(test, 0.7))
    assert made.as_json()["referral"] is None


def test_a_promise_that_cannot_be_kept_is_a_note(people: pl.DataFrame) -> None:
    notes = sections(people, recipe({"refer.coverage": 0.99})).as_json()["referral"]["notes"]
    assert notes[0].startswith("99 % cannot be promised for 'reactive' with 30 validation patients")
