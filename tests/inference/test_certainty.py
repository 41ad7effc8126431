from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import polars as pl
import pytest

from leukoscope.bundles.bundle import Bundle
from leukoscope.bundles.loading import load_bundle
from leukoscope.bundles.saving import save_bundle
from leukoscope.drawn import reference_pictures
from leukoscope.errors import LeukoscopeWarning
from leukoscope.evaluation import Calibrator, Confidence, carried_threshold, evaluate
from leukoscope.inference import predict, predict_to_file
from leukoscope.inference.cnmc_submission import write_cnmc_submission
from leukoscope.inference.predicting import predict_blocks
from leukoscope.inference.sources import pictures_of
from leukoscope.predictions.foreign import read_foreign


def sure(bundle: Bundle, **rule: Any) -> Bundle:
    """Return a bundle that calibrates, and refers about half of the cells."""
    names = bundle.classes.names
    kind = "platt" if bundle.classes.binary else "temperature"
    fitted = Calibrator(kind, names, 100, slope=0.5, offset=0.2 if kind == "platt" else 0.0)
    asked = {"least": 0.6, "notes": ()} | rule
    confidence = Confidence(0.9, asked["least"], 0.92, 0.5, 100, 8, names, asked["notes"])
    threshold = None
    if bundle.classes.binary:
        threshold = carried_threshold(0.3, fitted, bundle.classes).value
    card = replace(bundle.card, threshold=threshold, calibrator=fitted.as_json(), confidence=confidence.as_json())
    return replace(bundle, card=card)


@pytest.mark.filterwarnings("ignore::leukoscope.errors.LeukoscopeWarning")
def test_probabilities_are_calibrated_and_calls_stay(bundle: Bundle, pictures: Path) -> None:
    plain = predict(replace(bundle, card=replace(bundle.card, threshold=0.3)), pictures).table
    said = predict(sure(bundle), pictures).table
    assert said["called"].equals(plain["called"])
    assert said["raw_logit"].to_numpy() == pytest.approx(plain["logit"].to_numpy())
    share = 1 / (1 + np.exp(-(0.5 * plain["logit"].to_numpy() + 0.2)))
    assert said["p_all"].to_numpy() == pytest.approx(share)
    assert said["p_hem"].to_numpy() == pytest.approx(1 - share)
    assert said["logit"].to_numpy() == pytest.approx(0.5 * plain["logit"].to_numpy() + 0.2)


@pytest.mark.filterwarnings("ignore::leukoscope.errors.LeukoscopeWarning")
def test_a_cell_whose_class_is_less_probable_is_referred(bundle: Bundle, pictures: Path) -> None:
    first = predict(sure(bundle), pictures).table
    middle = float(first["confidence"].sort()[4] + first["confidence"].sort()[5]) / 2
    said = predict(sure(bundle, least=middle), pictures).table
    of_called = np.where(said["called"] == "all", said["p_all"].to_numpy(), said["p_hem"].to_numpy())
    assert said["confidence"].to_numpy() == pytest.approx(of_called)
    assert said["referred"].to_list() == (of_called < middle).tolist()
    assert said["referred"].sum() == 5


@pytest.mark.filterwarnings("ignore::leukoscope.errors.LeukoscopeWarning")
def test_columns_are_there_only_where_the_bundle_has_something_to_say(
    bundle: Bundle, bundle_of_three: Bundle, damaged: Path
) -> None:
    said = pl.concat(predict_blocks(sure(bundle), pictures_of(damaged, bundle.classes), batch=3))
    assert said.columns == [
        "id", "path", "patient", "label", "called", "p_hem", "p_all", "logit", "raw_logit", "confidence", "referred",
        "problem",
    ]  # fmt: skip
    wrong = said.filter(pl.col("problem").is_not_null())
    assert wrong.select("raw_logit", "confidence", "referred").null_count().row(0) == (4, 4, 4)
    calibrated = replace(bundle, card=replace(sure(bundle).card, confidence=None))
    assert {"confidence", "referred"}.isdisjoint(predict(calibrated, damaged).table.columns)
    three = predict(sure(bundle_of_three), damaged).table
    assert three["raw_logit"].null_count() == three.height
    largest = three.select(pl.max_horizontal("p_a", "p_b", "p_c")).to_series()
    assert three["confidence"].to_numpy() == pytest.approx(largest.to_numpy())


def test_referred_cells_are_told(bundle: Bundle, pictures: Path, tmp_path: Path) -> None:
    with pytest.warns(LeukoscopeWarning) as caught:
        predict(sure(bundle, least=1.0), pictures)
    said = (
        "10 cells to be referred: the called class is less probable than 1.000 (column 'referred'). Validation cells "
        "from there on were called with an accuracy of 0.920."
    )
    assert [str(one.message) for one in caught] == [said]
    assert predict_to_file(sure(bundle, least=1.0), pictures, tmp_path / "said.csv").warnings == (said,)
    assert predict_to_file(sure(bundle, least=0.0), pictures, tmp_path / "said.csv").warnings == ()
    never = predict_to_file(sure(bundle, least=None), pictures, tmp_path / "said.csv").warnings
    assert never == ("10 cells to be referred: an accuracy of 0.9 cannot be reached (column 'referred').",)


@pytest.mark.filterwarnings("ignore::leukoscope.errors.LeukoscopeWarning")
@pytest.mark.parametrize("ending", [".csv", ".parquet"])
def test_a_written_table_is_evaluated_by_its_own_calls_and_says_how_many_are_referred(
    bundle: Bundle, pictures: Path, tmp_path: Path, ending: str
) -> None:
    out, ready = tmp_path / f"said{ending}", sure(bundle)
    own = predict(ready, pictures).table
    predict_to_file(ready, pictures, out)
    labels = tmp_path / "labels.csv"
    own.select("id", label=pl.Series(["hem", "all"] * 5)).write_csv(labels)
    read = read_foreign(out, labels=labels)
    assert read.table["called"].equals(own["called"])
    assert read.table["referred"].equals(own["referred"])
    notes = evaluate(read, replicates=0).notes
    away, right = own["referred"].to_numpy(), (own["called"] == pl.Series(["hem", "all"] * 5)).to_numpy()
    assert 0 < away.sum() < 10
    assert (
        f"{away.sum()} cells to be referred (column 'referred'): scored as called, like the others. "
        f"Of the other {(~away).sum()}, {100 * right[~away].mean():.1f} % are called rightly."
    ) in notes


def test_a_saved_bundle_keeps_both_and_says_them(bundle: Bundle, pictures: Path, tmp_path: Path) -> None:
    ready = sure(bundle)
    save_bundle(tmp_path / "bundle", bundle.model, ready.card)
    back = load_bundle(tmp_path / "bundle")
    assert back.card == ready.card
    lines = repr(back).splitlines()
    assert lines[1] == "  probabilities are calibrated (platt)"
    assert lines[2].startswith("  a cell is called from a probability of 0.600 on, and else referred: 50.0 % of")
    with pytest.warns(LeukoscopeWarning, match="to be referred"):
        assert predict(back, pictures).table["called"].null_count() == 0


def test_whoever_submits_is_told_of_referrals(bundle: Bundle, tmp_path: Path) -> None:
    (tmp_path / "final").mkdir()
    for number, pixels in enumerate(reference_pictures(40, 10, seed=1), start=1):
        cv2.imwrite(str(tmp_path / "final" / f"{number}.bmp"), pixels[:, :, ::-1])
    summary = write_cnmc_submission(sure(bundle, least=1.0), tmp_path / "final", tmp_path / "said.csv", expected=10)
    assert summary.warnings[0] == (
        "10 cells to be referred: the called class is less probable than 1.000 (column 'referred'). Validation cells "
        "from there on were called with an accuracy of 0.920."
    )
