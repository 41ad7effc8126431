from __future__ import annotations

import warnings
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import polars as pl
import pytest
import torch

from leukoscope.bundles.bundle import Bundle
from leukoscope.cohort.cohort import Cohort
from leukoscope.errors import DataError, LeukoscopeWarning, SettingsError
from leukoscope.inference.predicting import predict, predict_blocks
from leukoscope.inference.sources import pictures_of
from leukoscope.models.probabilities import probabilities
from leukoscope.pictures.decode import decode
from leukoscope.recipes.schema import TestTimeSettings as Views


def whole(bundle: Bundle, folder: Path, batch: int = 64) -> pl.DataFrame:
    return pl.concat(list(predict_blocks(bundle, pictures_of(folder, bundle.classes), batch=batch, workers=2)))


def directly(bundle: Bundle, path: Path) -> list[float]:
    """Return what the network says, without anything of the room that is tested."""
    framed = bundle.framing.apply(decode(path).pixels)
    pixels = torch.from_numpy(framed).permute(2, 0, 1)[None].float() / 255
    with torch.inference_mode():
        said: list[float] = probabilities(bundle.model(pixels), bundle.classes)[0].tolist()
    return said


def test_each_picture_gets_what_the_network_says_of_it(bundle: Bundle, pictures: Path) -> None:
    table = predict(bundle, pictures).table
    assert table["id"].to_list() == pictures_of(pictures, bundle.classes).table["id"].to_list()
    for row in table.iter_rows(named=True):
        assert [row["p_hem"], row["p_all"]] == pytest.approx(directly(bundle, pictures / row["path"]), abs=1e-6)
        assert row["p_all"] == pytest.approx(1 / (1 + np.exp(-row["logit"])), abs=1e-6)
        assert row["called"] == ("all" if row["p_all"] >= 0.5 else "hem")
    assert table["p_all"].max() - table["p_all"].min() > 0.05


@pytest.mark.parametrize("batch", [1, 3, 4])
def test_a_probability_does_not_depend_on_the_batch(bundle: Bundle, damaged: Path, batch: int) -> None:
    one, other = whole(bundle, damaged), whole(bundle, damaged, batch)
    assert one.drop("p_hem", "p_all", "logit").equals(other.drop("p_hem", "p_all", "logit"))
    assert (one["p_all"] - other["p_all"]).abs().max() < 1e-6


def test_every_unreadable_picture_is_listed_with_its_reason(bundle: Bundle, damaged: Path) -> None:
    table = whole(bundle, damaged, 2)
    assert table.columns == [
        "id", "path", "patient", "label", "called", "p_hem", "p_all", "logit", "problem",
    ]  # fmt: skip
    wrong = table.filter(pl.col("problem").is_not_null())
    assert wrong["path"].to_list() == [".hidden.jpg", "cell_1.png", "cell_3.png", "page.jpg"]
    assert wrong["problem"][1] == "The file is empty (0 bytes)."
    assert wrong.select("called", "p_hem", "p_all", "logit").null_count().row(0) == (4, 4, 4, 4)
    right = table.filter(pl.col("problem").is_null())
    assert right.height == 8
    assert right["p_all"].null_count() == 0


def test_a_picture_that_is_black_all_over_is_not_called(bundle: Bundle, pictures: Path) -> None:
    cv2.imwrite(str(pictures / "cell_2b.png"), np.zeros((40, 40, 3), dtype=np.uint8))
    table = whole(bundle, pictures, 2)
    black = table.filter(pl.col("path") == "cell_2b.png").row(0, named=True)
    assert black["problem"] == "The picture is black all over: there is no cell in it."
    assert black["called"] is None
    rest = table.filter(pl.col("path") != "cell_2b.png")
    assert rest["problem"].null_count() == rest.height > 2
    for row in rest.iter_rows(named=True):
        assert row["p_all"] == pytest.approx(directly(bundle, pictures / row["path"])[1], abs=1e-6)


def test_predict_warns_of_the_unreadable_and_gives_the_rest(bundle: Bundle, damaged: Path) -> None:
    with pytest.warns(LeukoscopeWarning, match=r"4 pictures could not be predicted\. \.hidden\.jpg: a hidden file"):
        predictions = predict(bundle, damaged)
    assert predictions.table.height == 8
    assert "problem" not in predictions.table.columns


def test_where_nothing_can_be_read_it_says_so(bundle: Bundle, tmp_path: Path) -> None:
    for name in ("a.png", "b.png"):
        (tmp_path / name).write_bytes(b"")
    with pytest.raises(DataError) as caught:
        predict(bundle, tmp_path)
    assert str(caught.value) == (
        "None of the 2 pictures can be read. The file is empty (0 bytes).\n  where: a.png (and 1 more)"
    )


def test_the_bundle_s_threshold_decides(bundle: Bundle, pictures: Path) -> None:
    table = predict(bundle, pictures).table
    middle = float(table["p_all"].sort()[7])
    strict = replace(bundle, card=replace(bundle.card, threshold=middle))
    assert (predict(strict, pictures).table["called"] == "all").sum() == 3


def test_more_classes_have_no_logit_and_the_largest_is_called(bundle_of_three: Bundle, pictures: Path) -> None:
    predictions = predict(bundle_of_three, pictures)
    assert "logit" not in predictions.table.columns
    largest = predictions.probabilities().argmax(axis=1)
    assert predictions.table["called"].to_list() == ["abc"[place] for place in largest]


def test_the_bundle_s_views_are_averaged(bundle: Bundle, pictures: Path, tmp_path: Path) -> None:
    turning = replace(bundle, card=replace(bundle.card, test_time=Views(rotations=4)))
    turned = tmp_path / "turned.png"
    picture = cv2.imread(str(pictures / "cell_0.png"))
    cv2.imwrite(str(turned), cv2.rotate(picture, cv2.ROTATE_90_CLOCKWISE))
    both = [pictures / "cell_0.png", turned]
    plain, viewed = predict(bundle, both).table["p_all"], predict(turning, both).table["p_all"]
    assert abs(plain[0] - plain[1]) > 1e-4
    assert viewed[0] == pytest.approx(viewed[1], abs=1e-5)


def test_by_its_rule_a_bundle_looks_at_fewer_views(bundle: Bundle, damaged: Path) -> None:
    views = Views(rotations=4, adaptive=True)
    whole_card = replace(bundle.card, test_time=views, threshold=0.5)
    full = whole(replace(bundle, card=whole_card), damaged)
    rule = {"after": [1], "shifts": [0.0], "margins": [float(np.quantile(full["logit"].drop_nulls().abs(), 0.5))]}
    table = whole(replace(bundle, card=replace(whole_card, view_rule=rule)), damaged, 3)
    assert "views" not in full.columns
    assert set(table["views"].drop_nulls()) == {1, 4}
    assert table.filter(pl.col("problem").is_not_null())["views"].null_count() == 4
    undecided = table["views"] == 4
    both = [one.filter(undecided)["p_all"].to_numpy() for one in (table, full)]
    assert both[0] == pytest.approx(both[1], abs=1e-6)
    once = whole(bundle, damaged).filter(table["views"] == 1)["p_all"].to_numpy()
    assert table.filter(pl.col("views") == 1)["p_all"].to_numpy() == pytest.approx(once, abs=1e-6)


def test_a_cohort_keeps_patients_and_labels(bundle: Bundle, pictures: Path) -> None:
    cells = pl.DataFrame(
        {"id": ["u", "v"], "path": ["cell_0.png", "cell_1.png"], "patient": ["P", "Q"], "label": ["all", "hem"]}
    )
    table = predict(bundle, Cohort.from_cells("c", pictures, cells, bundle.classes)).table
    assert table.select("id", "patient", "label").rows() == [("u", "P", "all"), ("v", "Q", "hem")]


def test_a_leaking_bundle_says_so(bundle: Bundle, pictures: Path) -> None:
    leaking = replace(bundle, card=replace(bundle.card, leakage="the paper's split"))
    with pytest.warns(LeukoscopeWarning, match=r"Marked with leakage \(column 'leakage'\): the paper's split"):
        predict(leaking, pictures)


def test_a_bundle_may_be_named_by_its_folder(bundle_folder: Path, bundle: Bundle, pictures: Path) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        named = predict(str(bundle_folder), pictures / "cell_0.png", device="cpu")
    assert named.table["p_all"][0] == pytest.approx(predict(bundle, pictures / "cell_0.png").table["p_all"][0])


def test_a_batch_of_nothing_is_refused(bundle: Bundle, pictures: Path) -> None:
    with pytest.raises(SettingsError, match=r"A batch needs at least 1 picture; got 0\."):
        predict(bundle, pictures, batch=0)
