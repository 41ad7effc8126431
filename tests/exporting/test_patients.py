from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch

from leukoscope.bundles.opening import open_bundle
from leukoscope.evaluation.calibrators import Calibrator
from leukoscope.exporting.answers import answer_of
from leukoscope.exporting.exporting import graph_of
from leukoscope.exporting.facts import raw_facts
from leukoscope.exporting.trials import Trial
from leukoscope.facts.encoding import FactsEncoder
from leukoscope.models.aggregators import AGGREGATORS
from leukoscope.recipes.schema import TestTimeSettings as TimeSettings

PLATT = Calibrator("platt", ("hem", "all"), 30, slope=0.7, offset=0.2).as_json()
KINDS: dict[str, dict[str, Any]] = {
    "late fusion, calibrated": {"fusion": "late", "calibrator": PLATT, "threshold": 0.4},
    "gate over features": {"fusion": "gate", "bag": {"order": "features"}},
    "concatenate": {"fusion": "concatenate"},
    "experts": {"fusion": "experts"},
    "three classes": {"names": ("a", "b", "c")},
    "three classes, attention over features": {
        "names": ("a", "b", "c"),
        "aggregator": "attention",
        "bag": {"order": "features", "instances": "cells"},
    },
    "views": {"test_time": TimeSettings(rotations=4, flips="horizontal")},
    "mean of probabilities": {"test_time": TimeSettings(rotations=4, mean="probabilities")},
    "measures": {"bag": {"instances": "cells"}, "model": {"measures": ["log_cell_area"]}, "fusion": "late"},
    "measures of turned cells": {
        "bag": {"instances": "cells"},
        "model": {"measures": ["log_cell_area"]},
        "test_time": TimeSettings(rotations=3),
    },
}


@pytest.mark.parametrize("kind", KINDS)
def test_the_module_says_what_the_bundle_says(maker: Any, agree: Any, kind: str) -> None:
    agree(open_bundle(maker.patients(**KINDS[kind])))


@pytest.mark.parametrize("aggregator", sorted(AGGREGATORS))
def test_each_aggregator_and_its_evidence(maker: Any, agree: Any, aggregator: str) -> None:
    order = "features" if aggregator == "mean_and_spread" else "logits"
    graph = agree(open_bundle(maker.patients(aggregator=aggregator, bag={"order": order})))
    names = [one.name for one in graph.outputs]
    assert ("evidence" in names) == (aggregator not in {"noisy_or", "log_sum_exp"})
    if "evidence" not in names:
        return
    for cells in (1, 5):
        pictures = torch.from_numpy(np.random.default_rng(cells).integers(0, 256, (cells, 40, 32, 3), dtype=np.uint8))
        with torch.inference_mode():
            _, logits, evidence = graph.module(pictures)
        assert evidence.shape == (cells,)
        torch.testing.assert_close(evidence.sum(), logits[0, 0], atol=1e-4, rtol=1e-4)


def test_of_three_classes_each_has_its_evidence(maker: Any) -> None:
    graph = graph_of(open_bundle(maker.patients(names=("a", "b", "c"))))
    with torch.inference_mode():
        _, logits, evidence = graph.module(torch.full((4, 32, 32, 3), 90, dtype=torch.uint8))
    assert graph.outputs[2].shape == ("n", 3)
    torch.testing.assert_close(evidence.sum(dim=0), logits[0])


def test_where_facts_join_within_the_network_there_is_no_evidence(maker: Any) -> None:
    graph = graph_of(open_bundle(maker.patients("gate")))
    assert [one.name for one in graph.outputs] == ["probabilities", "logits"]


def test_cells_are_told_how_far_they_are(maker: Any, agree: Any, knowing: Any) -> None:
    for card in ({}, {"test_time": TimeSettings(crops="five", mean="probabilities")}):
        graph = agree(knowing(open_bundle(maker.patients(**card))))
        assert [one.name for one in graph.outputs][-2:] == ["distance", "features"]


def test_a_large_bag_is_as_good_as_a_small_one(maker: Any) -> None:
    bundle = open_bundle(maker.patients("late", aggregator="bn_sigmoid"))
    module = graph_of(bundle).module
    pictures = np.random.default_rng(1).integers(0, 256, (100, 32, 32, 3), dtype=np.uint8)
    said = answer_of(bundle, Trial(pictures, {"age": 60.0, "sex": "F"}))
    raw = raw_facts(FactsEncoder(module.encoder.facts), {"age": 60.0, "sex": "F"})
    with torch.inference_mode():
        shares = module(torch.from_numpy(pictures), torch.from_numpy(raw))[0]
    np.testing.assert_allclose(shares, said.probabilities, atol=1e-5)


def test_what_the_facts_are_is_said_in_words(maker: Any) -> None:
    facts = graph_of(open_bundle(maker.patients("late"))).inputs[1]
    assert (facts.name, facts.shape) == ("facts", (1, 3))
    assert facts.meaning == (
        "The patient's facts, in this order: age (a number), count (a number above 0), sex (0 F, 1 M, -1 any other); "
        "NaN where one is missing."
    )
