from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import polars as pl
import pytest
from scipy.special import expit, logit

from leukoscope.bundles.network import encoder_of
from leukoscope.bundles.verdicts import fused_logits, verdicts
from leukoscope.facts.late import LateFusion

LOGITS = np.array([[-2.0], [0.1], [3.0]])
TABLE = pl.DataFrame({"patient": ["P", "Q", "R"], "age": [0, 150, None], "count": [None, 8.0, 50], "sex": list("FMF")})


def test_fusion_comes_first_then_calibration_then_the_threshold(of_patients: Any) -> None:
    card = of_patients.card
    facts = encoder_of(card).encode(TABLE)
    fused = LateFusion.from_json(card.fusion).logits(LOGITS, facts)
    assert np.array_equal(fused_logits(card, LOGITS, facts), fused)
    assert np.abs(fused - LOGITS).max() > 0.1
    said = verdicts(card, ["P", "Q", "R"], LOGITS, facts)
    share = expit(0.7 * fused[:, 0] + 0.2)
    assert said.table["p_all"].to_numpy() == pytest.approx(share)
    assert said.table["raw_logit"].to_numpy() == pytest.approx(fused[:, 0])
    assert said.table["logit"].to_numpy() == pytest.approx(logit(share))
    assert said.table["called"].to_list() == ["all" if value >= 0.4 else "hem" for value in share]
    assert said.unit == "patient"


def test_the_band_holds_what_is_within_its_limits_and_refers_the_rest(
    others_of_patients: Any, of_patients: Any
) -> None:
    bare = replace(others_of_patients["pictures alone"].card, band=of_patients.card.band)
    # hem within 0.5 of nonconformity, all within 0.6: between 0.4 and 0.5 both are in the band.
    logits = logit(np.array([[0.2], [0.45], [0.9]]))
    said = verdicts(bare, ["P", "Q", "R"], logits, None).table
    assert said["band"].to_list() == ["hem", "hem or all", "all"]
    assert said["referred"].to_list() == [False, True, False]
    # A called class that the band rules out is no call to act on.
    eager = verdicts(replace(bare, threshold=0.1), ["P", "Q", "R"], logits, None).table
    assert eager.select("called", "band", "referred").row(0) == ("all", "hem", True)
    strict = replace(bare, band={**bare.band, "limits": {"hem": 0.1, "all": 0.1}})
    empty = verdicts(strict, ["P"], logit(np.array([[0.5]])), None).table
    assert empty.select("band", "referred").row(0) == ("none", True)


def test_a_card_of_pictures_alone_passes_the_logits_on(others_of_patients: Any) -> None:
    said = verdicts(others_of_patients["pictures alone"].card, ["P", "Q", "R"], LOGITS, None).table
    assert said["logit"].to_list() == LOGITS[:, 0].tolist()
    assert {"raw_logit", "band", "referred"}.isdisjoint(said.columns)


def test_three_classes_have_no_logit(others_of_patients: Any) -> None:
    said = verdicts(others_of_patients["three classes"].card, ["P"], np.array([[0.0, 2.0, 1.0]]), None)
    assert said.table["called"].to_list() == ["b"]
    assert "logit" not in said.table.columns
