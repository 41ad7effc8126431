from __future__ import annotations

import warnings
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import polars as pl
import pytest

from leukoscope.bundles.bundle import Bundle
from leukoscope.bundles.ensemble_bundle import EnsembleBundle
from leukoscope.bundles.ensemble_card import EnsembleCard
from leukoscope.bundles.reference import Reference, first_cells
from leukoscope.drawn import reference_pictures
from leukoscope.ensembles.weighted import Weighted
from leukoscope.errors import LeukoscopeWarning
from leukoscope.evaluation.out_of_distribution import fit_out_of_distribution
from leukoscope.inference import predict, predict_patients_to_file, predict_to_file
from leukoscope.inference.cnmc_submission import write_cnmc_submission
from leukoscope.inference.flags import flag_columns, said_with_flags, strange_notices, strange_patients
from leukoscope.inference.predicting import predict_blocks
from leukoscope.inference.saying import said_of
from leukoscope.inference.sources import pictures_of
from leukoscope.models.cell_look import widths_of
from leukoscope.recipes.schema import TestTimeSettings as Views
from leukoscope.training.looks import looks_of


@cache
def framed(bundle: Bundle, number: int, seed: int) -> np.ndarray:
    return np.stack([bundle.framing.apply(picture) for picture in reference_pictures(40, number, seed=seed)])


@cache
def knowing(bundle: Bundle) -> Bundle:
    """Return the bundle with drawn training cells."""
    train, validation = (looks_of(bundle.model, framed(bundle, 60, seed), bundle.device) for seed in (1, 2))
    nobody = pl.Series([None] * 60, dtype=pl.String)
    fitted = fit_out_of_distribution(train, validation, nobody, widths_of(train))
    names = [f"c{number}" for number in range(60)]
    cells = first_cells(pl.DataFrame({"id": names, "patient": names, "label": ["hem"] * 60}), 20)
    return replace(bundle, reference=Reference(fitted, cells))


@pytest.fixture(scope="module")
def noise() -> np.ndarray:
    return np.random.default_rng(0).integers(0, 256, (40, 40, 3)).astype(np.uint8)


def whole(bundle: Bundle, folder: Path, batch: int = 64) -> pl.DataFrame:
    return pl.concat(list(predict_blocks(bundle, pictures_of(folder, bundle.classes), batch=batch, workers=2)))


def test_a_stranger_is_flagged_and_cells_are_not(bundle: Bundle, pictures: Path, noise: np.ndarray) -> None:
    cv2.imwrite(str(pictures / "noise.png"), noise[:, :, ::-1])
    (pictures / "nothing.png").write_bytes(b"")
    ready = knowing(bundle)
    table = whole(ready, pictures)
    assert table.columns[-3:] == ["distance", "out_of_distribution", "problem"]
    found = dict(table.select("id", "out_of_distribution").iter_rows())
    assert (found["noise"], found["nothing"]) == (True, None)
    assert sum(bool(flag) for name, flag in found.items() if name.startswith("below")) <= 1
    distance = dict(table.select("id", "distance").iter_rows())
    assert distance["nothing"] is None
    pixels = np.stack([ready.framing.apply(noise)])
    own = looks_of(ready.model, pixels, ready.device)
    assert ready.reference is not None
    assert distance["noise"] == pytest.approx(ready.reference.distances(own)[0], rel=1e-3)
    assert distance["noise"] > 1.5


def test_what_is_said_stays_the_same_and_batches_do_not_matter(bundle: Bundle, damaged: Path) -> None:
    plain, flagged, other = whole(bundle, damaged), whole(knowing(bundle), damaged), whole(knowing(bundle), damaged, 3)
    assert "distance" not in plain.columns
    assert flagged.drop("distance", "out_of_distribution").equals(plain)
    assert flagged["out_of_distribution"].equals(other["out_of_distribution"])
    assert (flagged["distance"] - other["distance"]).abs().max() < 1e-3  # type: ignore[operator]


@pytest.mark.parametrize("views", [{"rotations": 4}, {"crops": "five"}])
def test_with_several_views_the_whole_picture_counts(bundle: Bundle, views: dict[str, Any]) -> None:
    ready = knowing(bundle)
    several = replace(ready, card=replace(ready.card, test_time=Views.model_validate(views)))
    shown = [(one,) for one in framed(bundle, 5, 3)]
    one, many = said_with_flags(ready, shown), said_with_flags(several, shown)
    assert many["distance"].to_list() == pytest.approx(one["distance"].to_list(), rel=1e-3)
    assert many["logit"].to_list() == said_of(several, shown)["logit"].to_list() != one["logit"].to_list()


def test_of_several_models_the_majority_flags_and_the_median_is_said() -> None:
    distance, flag = flag_columns(np.array([[0.5, 2.0, 0.9, 3.0], [0.7, 3.0, 1.2, 4.0], [9.0, 0.2, 0.8, 5.0]]))
    assert distance.to_list() == [0.7, 2.0, 0.9, 4.0]
    assert flag.to_list() == [False, True, False, True]
    # Of two that disagree neither is the majority, and the distance says the same as the flag.
    disagreeing = flag_columns(np.array([[0.5, 3.0, 2.0], [3.0, 0.5, 1.5]]))
    assert [one.to_list() for one in disagreeing] == [[0.5, 0.5, 1.5], [False, False, True]]


def test_members_that_cannot_tell_are_passed_over(bundle: Bundle, ensemble_of: Callable[..., EnsembleBundle]) -> None:
    shown = [(one,) for one in framed(bundle, 4, 3)]
    alone = said_with_flags(knowing(bundle), shown)
    together = said_with_flags(ensemble_of(knowing(bundle), bundle), shown)
    assert together["distance"].to_list() == pytest.approx(alone["distance"].to_list(), rel=1e-6)
    assert "distance" not in said_with_flags(ensemble_of(bundle, bundle), shown).columns


@pytest.fixture
def ensemble_of() -> Callable[..., EnsembleBundle]:
    def make(*members: Bundle) -> EnsembleBundle:
        names = tuple(f"m{number}" for number in range(len(members)))
        fitted = Weighted(names, tuple(1 / len(names) for _ in names))
        card = EnsembleCard("both", members[0].classes, "average", fitted.as_json(), names, threshold=0.5)
        return EnsembleBundle(Path(), card, members, fitted)

    return make


def test_whoever_predicts_is_told(bundle: Bundle, pictures: Path, noise: np.ndarray, tmp_path: Path) -> None:
    cv2.imwrite(str(pictures / "noise.png"), noise)
    ready = knowing(bundle)
    summary = predict_to_file(ready, pictures, tmp_path / "said.csv")
    number = int(pl.read_csv(tmp_path / "said.csv")["out_of_distribution"].sum())
    assert number >= 1
    sentence = strange_notices(number, 11)[0]
    assert sentence in summary.warnings
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always", LeukoscopeWarning)
        predict(ready, pictures)
    assert sentence in [str(one.message) for one in told]


def test_whoever_submits_is_told(bundle: Bundle, noise: np.ndarray, tmp_path: Path) -> None:
    (tmp_path / "final").mkdir()
    for number, pixels in enumerate((*reference_pictures(40, 4, seed=3), noise), start=1):
        cv2.imwrite(str(tmp_path / "final" / f"{number}.bmp"), pixels[:, :, ::-1])
    ready = knowing(bundle)
    number = int(whole(ready, tmp_path / "final")["out_of_distribution"].sum())
    assert 1 <= number < 5
    summary = write_cnmc_submission(ready, tmp_path / "final", tmp_path / "said.csv", expected=5)
    assert summary.warnings[0] == strange_notices(number, 5)[0]


def test_the_sentence_counts() -> None:
    assert strange_notices(0, 5) == []
    learned, trusted = "that the model learned from (column", "what it says of it is not to be trusted."
    assert strange_notices(1, 5) == [f"1 of 5 pictures is unlike the cells {learned} 'out_of_distribution'): {trusted}"]
    assert strange_notices(1200, 5000)[0].startswith("1,200 of 5,000 pictures are unlike")
    table = pl.DataFrame({"cells": [5, 7], "strange_cells": [0, 2]})
    assert "".join(strange_patients(table)) == (
        f"2 of 12 cells, of 1 patient, are unlike those {learned} 'strange_cells'); they count for the diagnosis all "
        "the same."
    )
    assert strange_patients(table.drop("strange_cells")) == strange_patients(table[:1]) == []


def test_a_patient_s_row_counts_strange_cells_and_each_cell_has_its_flag(
    of_patients: Bundle, clinic: Path, noise: np.ndarray, tmp_path: Path
) -> None:
    cv2.imwrite(str(clinic / "P2" / "noise.png"), noise)
    ready = knowing(of_patients)
    out = tmp_path / "said.csv"
    summary = predict_patients_to_file(ready, clinic, out, batch=2)
    rows, cells = pl.read_csv(out), pl.read_csv(tmp_path / "said_cells.csv")
    strange = dict(rows.select("patient", "strange_cells").iter_rows())
    assert strange["P2"] >= 1
    assert strange["P4"] == 0
    flags = cells.filter(pl.col("path") == "P2/noise.png")["out_of_distribution"].to_list()
    assert flags == [True]
    assert cells.columns[-3:] == ["distance", "out_of_distribution", "problem"]
    assert cells.filter(pl.col("path") == "P1/1.png")["distance"].to_list() == [None]
    assert cells.group_by("patient").agg(pl.col("out_of_distribution").sum()).sort("patient")[
        "out_of_distribution"
    ].to_list() == [strange[name] for name in ("P1", "P2", "P3")]
    assert any("(column 'strange_cells')" in one for one in summary.warnings)
    plain = predict_patients_to_file(of_patients, clinic, tmp_path / "plain.csv")
    assert plain.patients == summary.patients
    assert rows.drop("strange_cells").columns == pl.read_csv(tmp_path / "plain.csv").columns
