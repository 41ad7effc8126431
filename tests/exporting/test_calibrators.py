from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import polars as pl
import pytest
import torch

from leukoscope.bundles.card import BundleCard
from leukoscope.cohort.classes import Classes
from leukoscope.evaluation.calibrators import Calibrator
from leukoscope.evaluation.calling import decide
from leukoscope.evaluation.confidence import Confidence
from leukoscope.evaluation.conformal import Band
from leukoscope.exporting.calibrators import CalibratorInGraph, calibrator_in_graph, levels_of, log_odds
from leukoscope.models.probabilities import probabilities
from leukoscope.pictures.framing import parse_framing
from leukoscope.predictions.table import Predictions, probability_column
from leukoscope.recipes.schema import BagSettings, FactsSettings, ModelSettings

TWO, REVERSED, THREE = Classes(("hem", "all")), Classes(("all", "hem"), positive="all"), Classes(("a", "b", "c"))
KNOTS = ((-2.0, 0.05), (-0.5, 0.05), (0.0, 0.4), (1.5, 0.9))


def both(calibrator: Calibrator, logits: np.ndarray, classes: Classes) -> tuple[np.ndarray, np.ndarray]:
    """Return what a calibrator says of logits, in a graph and by itself."""
    shares = probabilities(torch.from_numpy(logits), classes)
    columns = {"id": [str(place) for place in range(len(logits))]}
    columns |= {probability_column(name): shares[:, place].tolist() for place, name in enumerate(classes.names)}
    columns |= {"logit": logits[:, 0].tolist()} if classes.binary else {}
    said = calibrator.apply(Predictions(pl.DataFrame(columns), classes)).probabilities()
    found = CalibratorInGraph(calibrator, classes)(shares.float(), torch.from_numpy(logits).float())
    return found.numpy(), said


@pytest.mark.parametrize("classes", [TWO, REVERSED], ids=["positive last", "positive first"])
@pytest.mark.parametrize(
    "calibrator",
    [
        Calibrator("none", (), 0),
        Calibrator("platt", (), 9, slope=0.6, offset=-0.3),
        Calibrator("temperature", (), 9, slope=0.4),
        Calibrator("isotonic", (), 9, knots=KNOTS),
        Calibrator("isotonic", (), 9, knots=KNOTS[:1]),
    ],
    ids=["none", "platt", "temperature", "isotonic", "one knot"],
)
def test_two_classes_are_calibrated_as_by_the_calibrator(calibrator: Calibrator, classes: Classes) -> None:
    fitted = Calibrator(**{**vars(calibrator), "classes": classes.names})
    logits = np.array([[-30.0], [-2.5], [-1.0], [-0.2], [0.0], [0.7], [1.5], [4.0], [30.0]])
    found, said = both(fitted, logits, classes)
    np.testing.assert_allclose(found, said, atol=2e-6)


def test_three_classes_have_a_temperature() -> None:
    logits = np.random.default_rng(0).normal(0, 4, (20, 3))
    found, said = both(Calibrator("temperature", THREE.names, 9, slope=1.8), logits, THREE)
    np.testing.assert_allclose(found, said, atol=2e-6)


def card_of(calibrator: Calibrator | None, **fields: Any) -> BundleCard:
    settings = ModelSettings.model_validate({"backbone": "test_resnet"})
    own = None if calibrator is None else calibrator.as_json()
    return BundleCard("card", TWO, parse_framing([{"resize": 32}]), settings, calibrator=own, **fields)


def test_a_card_without_calibrator_needs_none() -> None:
    assert calibrator_in_graph(card_of(None)) is None
    made = calibrator_in_graph(card_of(Calibrator("platt", TWO.names, 9, slope=2.0)))
    assert made is not None
    assert made.slope == 2.0


@pytest.mark.parametrize("logit", [-1.7, -0.9, 0.3, 1.2, 4.0], ids=str)
def test_a_threshold_in_the_midst_of_a_flat_step_parts_the_same_cells(logit: float) -> None:
    steps = Calibrator("isotonic", TWO.names, 9, knots=((-2.0, 0.1), (-0.5, 0.1), (0.0, 0.4), (1.5, 0.4), (2.0, 0.9)))
    _, exact = both(steps, np.array([[logit]]), TWO)
    card = card_of(steps, threshold=float(exact[0, 1]))
    logits = logit + np.array([[-3.0], [-0.1], [-0.01], [0.01], [0.1], [3.0]])
    module = calibrator_in_graph(card)
    assert module is not None
    found = module(probabilities(torch.from_numpy(logits), TWO).float(), torch.from_numpy(logits).float()).numpy()
    _, said = both(steps, logits, TWO)
    np.testing.assert_allclose(found, said, atol=1e-6)
    assert decide(found, TWO, card.threshold).tolist() == [0, 0, 0, 1, 1, 1]
    assert decide(said, TWO, card.threshold).tolist() == [0, 0, 0, 1, 1, 1]
    # As a client compares them, whose numbers are of float32.
    assert (found[:, 1] >= np.float32(card.threshold)).tolist() == [False] * 3 + [True] * 3


def test_a_level_that_all_or_none_reach_changes_nothing() -> None:
    steps = Calibrator("isotonic", TWO.names, 9, knots=KNOTS)
    for level in (0.001, 0.999):
        module = calibrator_in_graph(card_of(steps, threshold=level))
        assert module is not None
        far = torch.tensor([[-900.0], [900.0]])
        found = module(torch.zeros(2, 2), far)[:, 1]
        torch.testing.assert_close(found, torch.tensor([0.05, 0.9]))


def test_calls_and_referrals_change_at_levels() -> None:
    fitted = Confidence(0.95, 0.8, 0.96, 0.7, 40, 5, TWO.names)
    assert levels_of(card_of(None)) == [0.5]
    assert levels_of(card_of(None, threshold=0.3, confidence=fitted.as_json())) == pytest.approx([0.3, 0.8, 0.2])
    band = Band(0.9, "class", {"hem": 0.7, "all": 0.6}, {"hem": 12, "all": 13})
    bag, facts = BagSettings(), FactsSettings()
    of_patients = card_of(None, task="patients", bag=bag, facts=facts, band=band.as_json())
    assert levels_of(of_patients) == pytest.approx([0.5, 0.7, 0.4])
    unreached = replace(fitted, least=None)
    assert levels_of(card_of(None, confidence=unreached.as_json())) == [0.5]


def test_log_odds_keep_the_digits_of_both_shares() -> None:
    shares = torch.tensor([[1e-9, 1.0], [0.5, 0.5], [1.0, 0.0]])
    found = log_odds(shares, 1, 1e-12)
    torch.testing.assert_close(found, torch.tensor([[20.723266], [0.0], [-27.631021]]))
