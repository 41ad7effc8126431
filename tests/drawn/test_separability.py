"""The two classes can be told apart on unseen patients by their morphology, not by their colour, and not perfectly."""

from __future__ import annotations

import cv2
import numpy as np
import polars as pl
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from leukoscope.drawn import draw_cohort


@pytest.fixture(scope="module")
def table(tmp_path_factory: pytest.TempPathFactory) -> pl.DataFrame:
    folder = draw_cohort(tmp_path_factory.mktemp("drawn") / "c", patients=20, cells=20, size=64)
    cells = pl.read_csv(folder / "cells.csv")
    measured = [measure(cv2.imread(str(folder / path))) for path in cells["path"]]
    return cells.with_columns(pl.DataFrame(measured))


def measure(picture: np.ndarray) -> dict[str, float]:
    cell, grey = picture.any(axis=2), picture.mean(axis=2)
    inside = cv2.erode(cell.astype(np.uint8), np.ones((3, 3), np.uint8), iterations=3) > 0
    fine = grey - cv2.GaussianBlur(grey, (0, 0), 1.5)
    colour = picture[cell].mean(axis=0)
    return {
        "blue": float(colour[0]),
        "green": float(colour[1]),
        "red": float(colour[2]),
        "area": float(cell.sum()),
        "contrast": float(grey[inside].std() / grey[cell].mean()),
        "grain": float(fine[inside].std() / grey[cell].mean()),
    }


def auc(table: pl.DataFrame, columns: list[str]) -> float:
    values, truth = table.select(columns).to_numpy(), (table["label"] == "all").to_numpy()
    patients, scores = table["patient"].to_numpy(), np.zeros(table.height)
    names = np.unique(patients)
    for fold in range(4):
        held = np.isin(patients, names[fold::4])
        model = make_pipeline(StandardScaler(), LogisticRegression()).fit(values[~held], truth[~held])
        scores[held] = model.predict_proba(values[held])[:, 1]
    return float(roc_auc_score(truth, scores))


def test_morphology_separates_unseen_patients_but_not_perfectly(table: pl.DataFrame) -> None:
    assert 0.8 < auc(table, ["area", "contrast", "grain"]) < 0.99


def test_colour_alone_does_not(table: pl.DataFrame) -> None:
    assert auc(table, ["red", "green", "blue"]) < 0.7


def test_size_alone_flatters_as_it_does_in_cnmc(table: pl.DataFrame) -> None:
    assert 0.7 < auc(table, ["area"]) < 0.93
