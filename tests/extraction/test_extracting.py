from __future__ import annotations

import json
from pathlib import Path

import cv2
import numpy as np
import polars as pl
import pytest

import leukoscope as lk
from leukoscope.bundles.card import BundleCard
from leukoscope.bundles.saving import save_bundle
from leukoscope.errors import DataError, SettingsError
from leukoscope.extraction import Extraction, extract, extracting
from leukoscope.inference.sources import pictures_of
from leukoscope.models.building import build_model
from leukoscope.pictures.framing import parse_framing
from leukoscope.recipes.schema import ModelSettings


def picture(path: Path) -> np.ndarray:
    return np.asarray(cv2.imread(str(path)))


@pytest.fixture(scope="module")
def made(smears: Path, tmp_path_factory: pytest.TempPathFactory) -> Extraction:
    return extract(smears, tmp_path_factory.mktemp("out") / "cells", by_folder=True, workers=2)


def test_the_folder_holds_all_that_it_should(made: Extraction) -> None:
    assert sorted(path.name for path in made.folder.iterdir()) == [
        "cells.csv", "cells.png", "extract.json", "fields.csv", "fields.png", "pictures",
    ]  # fmt: skip
    assert (made.fields, made.cells, made.damaged) == (3, 3, 1)
    assert made.red_cell == pytest.approx(28, rel=0.2)
    assert made.size % 2 == 0
    assert made.size == pytest.approx(4 * made.red_cell, abs=2)
    record = json.loads((made.folder / "extract.json").read_text(encoding="utf-8"))
    assert (record["format"], record["cells"], record["size"]) == (1, 3, made.size)


def test_what_is_to_be_known_is_said(made: Extraction) -> None:
    assert len(made.warnings) == 1
    assert made.warnings[0].startswith("1 field could not be searched (fields.csv). P02/d.png: The picture is damaged")
    wide = f"{made.red_cell:.0f} px"
    assert made.notes == (f"Red cells are about {wide} wide, {wide} in the squares of {made.size} px.",)
    assert "3 white cells in 3 fields" in repr(made)
    assert "fields that could not be searched: 1 (fields.csv)" in repr(made)


def test_our_own_readers_take_it_as_a_cohort(made: Extraction) -> None:
    cohort = lk.read_cohort(made.table, "table", classes=["lymphoid", "other"])
    assert cohort.usable["id"].to_list() == ["P01/a_01", "P01/a_02", "P02/c_01"]
    assert cohort.usable["patient"].to_list() == ["P01", "P01", "P02"]
    assert cohort.usable["left"].dtype.is_integer()
    assert made.cohort(["lymphoid", "other"]).usable.equals(cohort.usable)
    for path in cohort.usable["path"]:
        assert picture(cohort.file(path)).shape == (made.size, made.size, 3)


def test_predict_takes_the_table_as_it_is(made: Extraction) -> None:
    found = pictures_of(made.table, lk.Classes(("lymphoid", "other")))
    assert found.table["problem"].null_count() == 3
    assert found.table["patient"].to_list() == ["P01", "P01", "P02"]


def test_labels_that_were_filled_in_come_along(made: Extraction, tmp_path: Path) -> None:
    table = pl.read_csv(made.table).with_columns(label=pl.Series(["lymphoid", "other", "other"]))
    table.with_columns(path=str(made.folder) + "/" + pl.col("path")).write_csv(tmp_path / "cells.csv")
    cohort = lk.read_cohort(tmp_path / "cells.csv", "table")
    assert cohort.labelled["label"].to_list() == ["lymphoid", "other", "other"]


def test_each_picture_is_the_part_of_the_field_that_the_table_names(made: Extraction, smears: Path) -> None:
    for row in pl.read_csv(made.table).iter_rows(named=True):
        field = picture(smears / f"{row['field']}.png")
        square = picture(made.folder / row["path"])
        top, left = row["square_top"], row["square_left"]
        box = field[row["top"] : row["bottom"], row["left"] : row["right"]]
        shown = square[row["top"] - top : row["bottom"] - top, row["left"] - left : row["right"] - left]
        assert np.array_equal(box, shown)


def test_a_second_time_replaces_the_first_and_gives_the_same_bytes(made: Extraction, smears: Path) -> None:
    before = {path.name: path.read_bytes() for path in made.folder.rglob("*") if path.is_file()}
    extract(smears, made.folder, by_folder=True, workers=1)
    assert {path.name: path.read_bytes() for path in made.folder.rglob("*") if path.is_file()} == before


def test_size_scale_and_bundle(smears: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    one = smears / "P01" / "a.png"
    assert extract(one, tmp_path / "a", size=50, scale=0.5).size == 50
    assert pl.read_csv(tmp_path / "a" / "cells.csv")["square_side"].to_list() == [100, 100]
    monkeypatch.setattr(extracting, "expected_side", lambda _: 90)
    of_bundle = extract(one, tmp_path / "b", bundle="bundle")
    assert of_bundle.size == 90
    assert of_bundle.notes[-1] == (
        "The bundle does not say how large cells are to be: its training pictures must show them as large as these "
        "squares do. --scale changes it."
    )
    assert extract(one, tmp_path / "c", bundle="bundle", size=40).size == 40
    monkeypatch.setattr(extracting, "expected_side", lambda _: None)
    whole = extract(one, tmp_path / "d", bundle="bundle", red_cell=28)
    assert whole.size == 112
    assert whole.notes[1] == "The bundle takes whole pictures, whatever their size; --size says how much is to be seen."


def test_fields_without_white_cells_give_an_empty_table(smears: Path, tmp_path: Path) -> None:
    found = extract(smears / "P01" / "b.png", tmp_path / "none")
    assert (found.cells, found.warnings) == (0, ("No white cell was found.",))
    assert pl.read_csv(tmp_path / "none" / "cells.csv").height == 0
    assert not (tmp_path / "none" / "cells.png").exists()


def test_where_none_can_be_searched_nothing_is_left(smears: Path, tmp_path: Path) -> None:
    with pytest.raises(DataError) as caught:
        extract(smears / "P02" / "d.png", tmp_path / "out")
    assert str(caught.value).startswith("None of the 1 field can be searched. The picture is damaged")
    assert list(tmp_path.iterdir()) == []


def test_other_folders_are_left_alone(smears: Path, tmp_path: Path) -> None:
    (tmp_path / "mine").touch()
    with pytest.raises(SettingsError) as caught:
        extract(smears, tmp_path)
    assert str(caught.value) == (
        f"This folder holds something else than extracted cells.\n  where: {tmp_path}\n"
        "  what to do: Name another --out."
    )
    with pytest.raises(SettingsError) as caught:
        extract(smears, tmp_path / "mine")
    assert str(caught.value) == (
        f"A folder is needed here, and this is a file.\n  where: {tmp_path / 'mine'}\n  what to do: Name another --out."
    )
    with pytest.raises(SettingsError) as caught:
        extract(smears, smears / "out")
    assert str(caught.value) == (
        f"The cells would be written among the fields that are searched.\n  where: {smears / 'out'}\n"
        "  what to do: Name an --out that lies elsewhere."
    )


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"size": 3}, "The squares have a side of 16 to 4,096 px, not 3."),
        ({"scale": -1.0}, "The scale is 1/64 to 64, not -1."),
        ({"red_cell": 0.0}, "A red cell is 1 px wide or more, not 0."),
        ({"red_cell": float("nan")}, "A red cell is 1 px wide or more, not nan."),
    ],
)
def test_wrong_values_are_refused_before_anything_is_read(
    smears: Path, tmp_path: Path, settings: dict[str, float], said: str
) -> None:
    with pytest.raises(SettingsError) as caught:
        extract(smears, tmp_path / "out", **settings)  # type: ignore[arg-type]
    assert str(caught.value) == said
    assert list(tmp_path.iterdir()) == []


def test_from_fields_to_classes_with_a_bundle(smears: Path, tmp_path: Path) -> None:
    settings = ModelSettings(backbone="test_resnet", cut="layer2")
    model, _ = build_model(settings, 1, seed=3)
    framing = parse_framing([{"center_crop": 80}, {"resize": 32}])
    save_bundle(tmp_path / "bundle", model, BundleCard("b", lk.Classes(("reactive", "tumoral")), framing, settings))
    found = extract(smears, tmp_path / "cells", bundle=tmp_path / "bundle", by_folder=True)
    assert found.size == 80
    said = lk.predict(tmp_path / "bundle", found.table, device="cpu").table
    assert said["id"].to_list() == ["P01/a_01", "P01/a_02", "P02/c_01"]
    assert said["patient"].to_list() == ["P01", "P01", "P02"]
