from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from leukoscope.cohort.classes import Classes
from leukoscope.evaluation.calibrators import Calibrator
from leukoscope.evaluation.uncalibrated import uncalibrated
from leukoscope.predictions.table import Predictions

NAMES = ("a", "b", "c")


def said(classes: Classes, *, logit: bool = False) -> Predictions:
    shares = np.random.default_rng(2).dirichlet([1.0] * len(classes), 20)
    columns = {f"p_{name}": shares[:, place] for place, name in enumerate(classes.names)}
    if logit:
        place = classes.index(str(classes.positive))
        columns["logit"] = np.log(shares[:, place]) - np.log(1 - shares[:, place])
    return Predictions(pl.DataFrame({"id": [str(row) for row in range(20)], **columns}), classes)


@pytest.mark.parametrize("positive", ["hem", "all"])
@pytest.mark.parametrize("kind", ["platt", "isotonic", "temperature"])
def test_two_classes_are_as_before(kind: str, positive: str) -> None:
    before = said(Classes(("hem", "all"), positive=positive), logit=True)
    knots = ((-9.0, 0.1), (9.0, 0.7)) if kind == "isotonic" else ()
    fitted = Calibrator(kind, ("hem", "all"), 40, slope=0.5, offset=0.3, knots=knots)  # type: ignore[arg-type]
    after = fitted.apply(before)
    assert np.abs(after.probabilities() - before.probabilities()).max() > 0.05
    again = uncalibrated(after, fitted)
    assert again.probabilities() == pytest.approx(before.probabilities(), abs=1e-9)
    assert again.table["logit"].to_numpy() == pytest.approx(before.table["logit"].to_numpy(), abs=1e-9)
    assert "raw_logit" not in again.table.columns


def test_several_classes_are_as_before() -> None:
    before, fitted = said(Classes(NAMES)), Calibrator("temperature", NAMES, 40, slope=0.4)
    assert uncalibrated(fitted.apply(before), fitted).probabilities() == pytest.approx(before.probabilities(), abs=1e-9)


def test_what_was_not_calibrated_stays() -> None:
    before = said(Classes(NAMES))
    assert uncalibrated(before, Calibrator("none", NAMES, 0)) is before
    assert uncalibrated(before, Calibrator("temperature", NAMES, 0, slope=0.4)) is before
