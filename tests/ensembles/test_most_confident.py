"""The surest model decides."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from leukoscope.cohort.classes import Classes
from leukoscope.ensembles import MostConfident, Rows, SurestModel, out_of_fold
from leukoscope.ensembles.rows import Floats
from leukoscope.errors import DataError, SettingsError

MakeRows = Callable[..., Rows]
NAMES = ("a", "b", "c", "d")


def brute_force(probabilities: Floats) -> Floats:
    """Return the rule's answer, row by row and model by model."""
    models, rows, _ = probabilities.shape
    found = []
    for row in range(rows):
        best = 0
        for model in range(1, models):
            if max(probabilities[model, row]) > max(probabilities[best, row]):
                best = model
        found.append(probabilities[best, row])
    return np.array(found)


@given(
    models=st.integers(1, 4), rows=st.integers(1, 12), classes=st.integers(2, 4), seed=st.integers(0, 999),
    steps=st.sampled_from([4, 1000]),
)  # fmt: skip
def test_it_is_what_a_loop_over_rows_and_models_finds(
    models: int, rows: int, classes: int, seed: int, steps: int
) -> None:
    # Few steps make ties between models.
    parts = np.random.default_rng(seed).integers(1, steps, (models, rows, classes)).astype(np.float64)
    said = parts / parts.sum(axis=2, keepdims=True)
    fitted = SurestModel(NAMES[:models], Classes(NAMES[:classes]))
    found = fitted.combine(said)
    assert (found == brute_force(said)).all()
    assert (found.max(axis=1) == said.max(axis=(0, 2))).all()
    # The order of the rows does not matter, and that of the models only between equally sure ones.
    assert (fitted.combine(said[:, ::-1]) == found[::-1]).all()
    assert (fitted.combine(said[::-1]).max(axis=1) == found.max(axis=1)).all()


def test_of_equally_sure_models_the_first_decides() -> None:
    said = np.array([[[0.25, 0.75]], [[0.75, 0.25]]])
    fitted = SurestModel(("a", "b"), Classes(("hem", "all")))
    assert fitted.combine(said).tolist() == [[0.25, 0.75]]
    assert fitted.combine(said[::-1]).tolist() == [[0.75, 0.25]]


def test_it_says_who_decided_how_often(make_rows: MakeRows) -> None:
    rows = make_rows(members=2)
    fitted = MostConfident().fit(rows, seed=0)
    first = float(np.mean(rows.probabilities[0].max(axis=1) >= rows.probabilities[1].max(axis=1)))
    assert fitted.as_json() == {"calibrators": None, "decided": {"net-0": first, "net-1": 1 - first}}


@pytest.mark.parametrize(
    ("kind", "classes", "of_kind"), [("platt", 2, "platt"), ("isotonic", 2, "isotonic"), ("platt", 3, "temperature")]
)
def test_each_model_is_calibrated_first_where_that_is_asked_for(
    kind: str, classes: int, of_kind: str, make_rows: MakeRows
) -> None:
    rows = make_rows(classes=classes, rows=240, groups=60)
    plain, fitted = MostConfident().fit(rows, seed=0), MostConfident(calibrate=kind).fit(rows, seed=0)  # type: ignore[arg-type]
    assert fitted.calibrators is not None
    assert {one.kind for one in fitted.calibrators} == {of_kind}
    # The drawn models are too sure of themselves: calibrated they are less so.
    assert fitted.combine(rows.probabilities).max(axis=1).mean() < plain.combine(rows.probabilities).max(axis=1).mean()
    again = SurestModel.from_json(fitted.as_json(), rows.members, rows.classes)
    assert again == fitted
    assert (again.combine(rows.probabilities) == fitted.combine(rows.probabilities)).all()


def test_what_is_fitted_on_nothing_comes_back_from_json_too(make_rows: MakeRows) -> None:
    rows = make_rows()
    fitted = MostConfident().fit(rows, seed=0)
    assert MostConfident.restored(fitted.as_json(), members=rows.members, classes=rows.classes) == fitted
    assert MostConfident.restored({}, members=rows.members, classes=rows.classes).combine(
        rows.probabilities
    ) == pytest.approx(brute_force(rows.probabilities))


def test_what_was_fitted_on_other_models_is_refused(make_rows: MakeRows) -> None:
    rows = make_rows(members=2)
    with pytest.raises(DataError) as caught:
        SurestModel.from_json(MostConfident().fit(rows, seed=0).as_json(), ("net-0", "other"), rows.classes)
    assert str(caught.value) == "The surest of net-0, other is asked for; found: net-0, net-1."


def test_it_learns_only_where_it_calibrates(make_rows: MakeRows) -> None:
    rows = make_rows(rows=90)
    assert not MostConfident().learns
    assert out_of_fold(MostConfident(), rows, seed=0).folds == 0
    calibrating = MostConfident(calibrate="platt")
    assert calibrating.learns
    assert out_of_fold(calibrating, rows, seed=0).folds == 5


def test_a_model_that_tells_nothing_is_left_alone_without_a_warning(make_rows: MakeRows) -> None:
    rows = make_rows()
    turned = Rows(rows.members, rows.classes, rows.probabilities[:, :, ::-1], rows.truth, rows.groups)
    fitted = MostConfident(calibrate="platt").fit(turned, seed=0)
    notes = [found["notes"] for found in fitted.as_json()["calibrators"].values()]
    assert all(
        one and one[0].startswith("Nothing was calibrated: on validation, cells of class 'all'") for one in notes
    )


def test_what_cannot_be_calibrated_is_refused(make_rows: MakeRows) -> None:
    with pytest.raises(SettingsError) as refused:
        MostConfident(calibrate="isotonic").fit(make_rows(classes=3), seed=0)
    assert str(refused.value) == (
        "Isotonic calibration needs two classes.\n  what to do: Take temperature scaling: temperature."
    )
    rows = make_rows()
    with pytest.raises(DataError) as caught:
        MostConfident(calibrate="platt").fit(rows.take(rows.truth == 0), seed=0)
    assert str(caught.value) == (
        "Probabilities cannot be calibrated: no cell here is labelled 'all'.\n"
        "  what to do: Take a larger validation part, or one with each class."
    )
