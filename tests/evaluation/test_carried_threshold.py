from __future__ import annotations

from collections.abc import Callable

import numpy as np
import polars as pl
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from leukoscope.cohort.classes import Classes
from leukoscope.evaluation import Calibrator, carried_threshold, choose_threshold, fit_calibrator
from leukoscope.evaluation.calling import called
from leukoscope.predictions.table import Predictions

Draw = Callable[..., Predictions]
PAIR = Classes(("hem", "all"))


@pytest.mark.filterwarnings("ignore::leukoscope.errors.LeukoscopeWarning")
@settings(deadline=None, max_examples=40)
@given(
    seed=st.integers(0, 10_000),
    kind=st.sampled_from(["none", "platt", "isotonic", "temperature"]),
    threshold=st.floats(0.02, 0.98) | st.sampled_from([0.0, 0.5]),
)
def test_nobody_is_called_otherwise(draw: Draw, seed: int, kind: str, threshold: float) -> None:
    """Whatever rises keeps each call: on the cells that the calibrator was fitted on, and on new ones."""
    fitted = fit_calibrator(draw(seed=seed, skill=3.0), kind)
    other = draw(seed=seed + 1, skill=3.0)
    assume(not np.isclose(other.table["p_all"].to_numpy(), threshold, rtol=0, atol=1e-9).any())
    moved = carried_threshold(threshold, fitted, PAIR)
    assert called(fitted.apply(other), moved.value).equals(called(other, threshold))
    assert moved.achieved == threshold


def test_float32_probabilities_of_a_network_that_is_very_sure_keep_their_calls() -> None:
    """A run keeps float32: probabilities next to 1 then lie on a coarse grid."""
    random = np.random.default_rng(0)
    logits = np.concatenate([random.normal(12, 5, 500), random.normal(-12, 5, 500)]).astype(np.float32)
    share = (1 / (1 + np.exp(-logits, dtype=np.float32))).astype(np.float32)
    table = {"id": [str(row) for row in range(1000)], "label": ["all"] * 500 + ["hem"] * 500, "logit": logits}
    said = Predictions(pl.DataFrame(table | {"p_hem": 1 - share, "p_all": share}), PAIR)
    threshold = choose_threshold(said).value
    for slope in (0.1, 1.0, 4.0):
        map_ = Calibrator("platt", PAIR.names, 1000, slope=slope, offset=-0.3)
        assert called(map_.apply(said), carried_threshold(threshold, map_, PAIR).value).equals(called(said, threshold))


def test_the_positive_class_may_stand_first() -> None:
    classes = Classes(("all", "hem"), positive="all")
    steep = Calibrator("platt", classes.names, 40, slope=2.0)
    assert carried_threshold(0.25, steep, classes).value == pytest.approx(0.1)
    assert carried_threshold(0.0, steep, classes).value == 0
