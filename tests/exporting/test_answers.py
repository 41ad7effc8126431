from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch

from leukoscope.bundles.opening import open_bundle
from leukoscope.evaluation.view_rule import ViewRule
from leukoscope.exporting.answers import answer_of
from leukoscope.exporting.trials import Trial
from leukoscope.inference import patient_rows, saying
from leukoscope.recipes.schema import TestTimeSettings as TimeSettings

PICTURES = np.random.default_rng(2).integers(0, 256, (6, 48, 48, 3), dtype=np.uint8)


def test_what_is_changed_in_predict_is_changed_in_what_graphs_are_held_beside(
    maker: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    cells, several, patients = map(open_bundle, (maker.cells(), maker.several(), maker.patients()))
    monkeypatch.setattr(saying, "view_logits", lambda _, pixels, **__: torch.zeros(len(pixels), 1))
    monkeypatch.setattr(patient_rows, "mean_of_views", lambda views, _: torch.zeros_like(views[0]))
    for bundle in (cells, several, patients):
        assert answer_of(bundle, Trial(PICTURES)).probabilities == pytest.approx(0.5)


def test_all_views_are_looked_at_where_predict_stops_at_fewer(maker: Any, agree: Any) -> None:
    rule = ViewRule((1,), (0.5,), (0.0,)).as_json()
    bundle = open_bundle(maker.cells(view_rule=rule, test_time=TimeSettings(rotations=4)))
    early = saying.said_of(bundle, [(bundle.framing.apply(picture),) for picture in PICTURES])
    assert set(early["views"]) == {1}
    assert np.abs(answer_of(bundle, Trial(PICTURES)).logits[:, 0] - early["logit"].to_numpy()).min() > 0.01
    agree(bundle)


def test_logits_are_those_that_predict_states(maker: Any) -> None:
    for made in (maker.cells(names=("a", "b", "c")), maker.patients(names=("a", "b", "c")), maker.several()):
        assert answer_of(open_bundle(made), Trial(PICTURES)).logits is None
    assert answer_of(open_bundle(maker.patients()), Trial(PICTURES)).logits.shape == (1, 1)
