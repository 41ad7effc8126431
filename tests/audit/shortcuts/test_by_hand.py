"""The hand-crafted baseline: learnt where the network learnt, compared with it on the same cells."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from leukoscope.audit.shortcuts.by_hand import TITLE, by_hand, held_against, supported
from leukoscope.cohort.classes import Classes
from leukoscope.cohort.cohort import Cohort
from leukoscope.cohort.splits.split import Split
from leukoscope.pictures.handcrafted import NAMES
from leukoscope.predictions.table import Predictions

CLASSES = Classes(("hem", "all"), positive="all")
PARTS = ("train", "validation", "test")


@pytest.fixture
def cells() -> pl.DataFrame:
    """Thirty patients, half of them ill, ten in each part; nuclei of the ill are larger by twice their deviation."""
    drawn = np.random.default_rng(0)
    rows = [
        {
            "id": f"p{n:02d}_{cell}",
            "path": "none.png",
            "patient": f"p{n:02d}",
            "group": f"p{n:02d}",
            "part": PARTS[n // 10],
            "label": ("hem", "all")[n % 2],
            "nucleus_area": 4_000 + 800 * (n % 2) + 400 * drawn.normal(),
        }
        for n in range(30)
        for cell in range(8)
    ]
    return pl.DataFrame(rows)


def asked(cells: pl.DataFrame, sure: float) -> Predictions:
    """Return what a network says of the test part: the truth as far as ``sure`` says, and noise."""
    test = cells.filter(pl.col("part") == "test")
    noise = np.random.default_rng(1).uniform(0, 1, test.height)
    ill = np.clip(sure * (test["label"] == "all").to_numpy() + (1 - sure) * noise, 0.001, 0.999)
    said = test.select("id", "patient", "group", "part", "label").with_columns(p_hem=1 - ill, p_all=ill, logit=ill)
    return Predictions(said, CLASSES)


def learnt(cells: pl.DataFrame, network: Predictions, *, whole: bool = False) -> Predictions | None:
    cohort = Cohort.from_cells("bench", ".", cells.drop("group", "part", "nucleus_area"), CLASSES)
    measured = cells.select(
        "id", *(pl.col(name) if name == "nucleus_area" else pl.lit(0.0).alias(name) for name in NAMES)
    )
    return by_hand(
        cohort, measured, Split(cells.select("id", "group", "part"), "file", "patient"), network, whole=whole
    )


def test_the_rule_speaks_of_the_cells_that_the_network_was_asked_of(cells: pl.DataFrame) -> None:
    network = asked(cells, 0.0)
    rule = learnt(cells, network)
    assert rule is not None
    kept = ["id", "patient", "group", "part", "label"]
    assert rule.table.select(kept).equals(network.table.select(kept))
    assert "logit" not in rule.table.columns
    np.testing.assert_allclose(rule.probabilities().sum(axis=1), 1)


def test_a_network_that_guesses_does_not_beat_it_and_one_that_knows_does(cells: pl.DataFrame) -> None:
    guessing, knowing = asked(cells, 0.0), asked(cells, 1.0)
    rule = learnt(cells, guessing)
    assert rule is not None
    lost, won = held_against(guessing, rule), held_against(knowing, rule)
    assert lost["title"] == won["title"] == TITLE
    assert lost["scores"] == won["scores"]
    assert 0.8 < lost["scores"]["roc_auc"]["value"] < 1
    assert "brier" not in lost["scores"]
    assert (lost["beats"], won["beats"]) == ("no", "yes")
    assert lost["sentence"].startswith("Hand-crafted measures are not beaten: ROC AUC ")
    found = won["paired"]
    assert won["sentence"] == (
        f"Hand-crafted measures are beaten: ROC AUC 1.000 against {found['second']:.3f}, a difference of "
        f"{found['difference']:+.3f} ({found['low']:+.3f} to {found['high']:+.3f}, paired; 10 linked groups)."
    )


def test_a_small_difference_may_be_chance(cells: pl.DataFrame) -> None:
    rule = learnt(cells, asked(cells, 0.0))
    assert rule is not None
    # The ill patient's cell that the rule finds the least ill is all that the network does better.
    worst = rule.table.filter(pl.col("label") == "all").sort("p_all")["id"][0]
    better = pl.when(pl.col("id") == worst).then(0.999).otherwise("p_all")
    nudged = rule.table.with_columns(p_all=better).with_columns(p_hem=1 - pl.col("p_all"))
    entry = held_against(Predictions(nudged, CLASSES), rule)
    assert entry["paired"]["difference"] > 0
    assert entry["beats"] == "unclear"
    assert entry["sentence"].startswith("Hand-crafted measures are not clearly beaten: ROC AUC ")
    assert entry["sentence"].endswith("; chance may account for it.")


def test_labels_of_the_test_part_are_not_looked_at(cells: pl.DataFrame) -> None:
    network = asked(cells, 0.5)
    swapped = pl.when(pl.col("part") == "test").then(pl.lit("hem")).otherwise("label").alias("label")
    one, other = learnt(cells, network), learnt(cells.with_columns(swapped), network)
    assert one is not None
    assert other is not None
    assert one.table.equals(other.table)


def test_where_the_validation_part_was_learnt_from_the_rule_learns_from_it_too(cells: pl.DataFrame) -> None:
    network = asked(cells, 0.5)
    whole, joined = (
        learnt(cells, network, whole=True),
        learnt(cells.with_columns(part=pl.col("part").replace("validation", "train")), network),
    )
    assert whole is not None
    assert joined is not None
    assert whole.table.equals(joined.table)


def test_with_nothing_to_learn_from_or_one_class_to_tell_there_is_nothing_to_say(cells: pl.DataFrame) -> None:
    network = asked(cells, 0.5)
    assert learnt(cells.filter(pl.col("part") != "train"), network) is None
    rule = learnt(cells, network)
    assert rule is not None
    ill = [Predictions(one.table.filter(pl.col("label") == "all"), CLASSES) for one in (network, rule)]
    entry = held_against(*ill)
    assert entry["paired"] is None
    assert "sentence" not in entry


@pytest.mark.parametrize("classes", [2, 3])
def test_support_vectors_are_surest_of_the_class_that_lies_there(classes: int) -> None:
    drawn = np.random.default_rng(2)
    truth = np.repeat(np.arange(classes), 20)
    train = 4.0 * truth[:, None] + drawn.normal(size=(len(truth), 2))
    found = supported(train, truth, 4.0 * np.arange(classes)[:, None] * np.ones(2), classes)
    assert found.argmax(axis=1).tolist() == list(range(classes))
    np.testing.assert_allclose(found.sum(axis=1), 1)
