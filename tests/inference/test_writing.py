from __future__ import annotations

import zipfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from leukoscope.bundles.bundle import Bundle
from leukoscope.bundles.saving import save_bundle
from leukoscope.cohort.cohort import Cohort
from leukoscope.errors import SettingsError
from leukoscope.inference import table_files
from leukoscope.inference.predicting import predict
from leukoscope.inference.sources import pictures_of
from leukoscope.inference.unfinished import part_of
from leukoscope.inference.writing import Summary, predict_to_file
from leukoscope.predictions.table import Predictions


@pytest.mark.parametrize("ending", [".csv", ".parquet"])
def test_every_picture_has_a_row_and_they_are_those_of_predict(
    bundle: Bundle, pictures: Path, tmp_path: Path, ending: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(table_files, "ROWS_A_PIECE", 4)  # so that there are several pieces
    out = tmp_path / f"said{ending}"
    summary = predict_to_file(bundle, pictures, out, batch=3)
    assert (summary.cells, summary.unreadable, summary.warnings) == (10, 0, ())
    said = Predictions.load(out, bundle.classes)
    own = predict(bundle, pictures)
    assert said.table["id"].equals(own.table["id"])
    assert said.table["called"].equals(own.table["called"])
    assert said.probabilities() == pytest.approx(own.probabilities(), abs=1e-6)


def test_the_unreadable_are_listed_in_the_same_file(bundle: Bundle, damaged: Path, tmp_path: Path) -> None:
    summary = predict_to_file(bundle, damaged, tmp_path / "said.csv", batch=2)
    table = pl.read_csv(tmp_path / "said.csv")
    assert table.height == 12
    assert table["problem"].drop_nulls().len() == summary.unreadable == 4
    assert summary.cells == 8
    assert summary.warnings[0].startswith("4 pictures could not be predicted. .hidden.jpg: ")
    assert repr(summary).startswith("8 cells predicted, 4 could not be (column 'problem'), in ")
    assert repr(summary).endswith("\n  note: Left out, not being pictures: 1 file (notes.txt).")


def test_a_folder_of_unreadable_pictures_is_still_listed(bundle: Bundle, tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a.png").write_bytes(b"")
    summary = predict_to_file(bundle, tmp_path / "in", tmp_path / "said.parquet")
    assert (summary.cells, summary.unreadable) == (0, 1)
    assert pl.read_parquet(tmp_path / "said.parquet").schema["p_all"] == pl.Float64


def test_another_ending_is_refused_before_anything_is_read(tmp_path: Path) -> None:
    with pytest.raises(SettingsError) as caught:
        predict_to_file(tmp_path / "no bundle", tmp_path, tmp_path / "said.xlsx")
    assert str(caught.value) == (
        f"The table of predictions must end in .csv or .parquet.\n  where: {tmp_path / 'said.xlsx'}"
    )


def test_the_tables_that_are_read_stay(bundle: Bundle, of_patients: Bundle, clinic: Path, tmp_path: Path) -> None:
    given = tmp_path / "said_patients.csv"
    given.write_text("path,patient\nclinic/P2/0.png,P2\n", encoding="utf-8")
    for ready, out in ((bundle, given), (bundle, tmp_path / "said.csv"), (of_patients, given)):
        with pytest.raises(SettingsError, match=r"^Predictions would be written over the table that they are made of"):
            predict_to_file(ready, given, out)
    with pytest.raises(SettingsError, match=r"^Predictions would be written over"):
        predict_to_file(of_patients, clinic, tmp_path / "facts.csv", facts=tmp_path / "facts.csv")
    assert given.read_text(encoding="utf-8").startswith("path,patient\n")


def test_what_is_broken_off_leaves_no_file(bundle: Bundle, pictures: Path, tmp_path: Path) -> None:
    with pytest.raises(SettingsError):
        predict_to_file(bundle, pictures, tmp_path / "out" / "said.csv", batch=0)
    assert list((tmp_path / "out").iterdir()) == []


def test_a_summary_speaks_of_cells() -> None:
    assert repr(Summary(Path("said.csv"), 1200, 0, 3.2)) == "1,200 cells predicted, in 3 s: said.csv"
    both = Summary(Path("said.csv"), 2, 1, 3.2, by_patient=Path("said_patients.csv"))
    assert repr(both).splitlines()[1:] == ["  by patient: said_patients.csv"]


def broken_off(bundle: Bundle, source: Path, out: Path, monkeypatch: pytest.MonkeyPatch, *, after: int) -> None:
    """Predict until so many pictures have been looked at, and then as if somebody pressed Ctrl-C."""
    seen, whole = list[Any](), bundle.model.forward

    def forward(pixels: Any) -> Any:
        seen.append(pixels)
        if len(seen) > after:
            raise KeyboardInterrupt
        return whole(pixels)

    with monkeypatch.context() as patch:
        patch.setattr(bundle.model, "forward", forward)
        with pytest.raises(KeyboardInterrupt):
            predict_to_file(bundle, source, out, batch=2)


@pytest.mark.parametrize("ending", [".csv", ".parquet"])
def test_what_was_broken_off_goes_on_and_is_the_same_in_the_end(
    bundle: Bundle, damaged: Path, tmp_path: Path, ending: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    predict_to_file(bundle, damaged, tmp_path / f"whole{ending}", batch=2)
    out = tmp_path / f"said{ending}"
    broken_off(bundle, damaged, out, monkeypatch, after=3)
    assert not out.exists()
    assert part_of(out).is_file()
    looked, whole = list[Any](), bundle.model.forward

    def forward(pixels: Any) -> Any:
        looked.append(pixels)
        return whole(pixels)

    monkeypatch.setattr(bundle.model, "forward", forward)
    summary = predict_to_file(bundle, damaged, out, batch=2, resume=True)
    assert len(looked) == 3  # of six batches three were known
    assert isinstance(summary, Summary)
    assert (summary.cells, summary.unreadable) == (8, 4)
    assert out.read_bytes() == (tmp_path / f"whole{ending}").read_bytes()
    assert sorted(path.name for path in tmp_path.glob("*said*")) == [out.name]


def test_one_goes_on_with_another_batch_but_not_with_another_bundle_or_source(
    bundle: Bundle, pictures: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "said.csv"
    broken_off(bundle, pictures, out, monkeypatch, after=2)
    card = replace(bundle.card, name="second")
    save_bundle(tmp_path / "second", bundle.model, card)
    with pytest.raises(SettingsError, match="The unfinished table was begun with another bundle: name first, sha256"):
        predict_to_file(tmp_path / "second", pictures, out, resume=True, device="cpu")
    with pytest.raises(SettingsError, match="The unfinished table was begun with another source: path "):
        predict_to_file(bundle, pictures / "below", out, resume=True)
    summary = predict_to_file(bundle, pictures, out, batch=5, resume=True)
    assert summary.notes == ("Left out, not being pictures: 1 file (notes.txt).",)
    assert pl.read_csv(out)["id"].to_list() == pictures_of(pictures, bundle.classes).table["id"].to_list()


def test_with_nothing_to_go_on_with_it_begins_and_says_so(bundle: Bundle, pictures: Path, tmp_path: Path) -> None:
    summary = predict_to_file(bundle, pictures / "below", tmp_path / "said.csv", resume=True)
    assert summary.notes == ("There was nothing to go on with: no unfinished table lay there.",)


def test_beside_the_cells_stand_their_patients(bundle: Bundle, pictures: Path, tmp_path: Path) -> None:
    names = [f"cell_{number}.png" for number in range(6)]
    table = pl.DataFrame({"id": names, "path": names, "patient": ["P", "Q", "P", "Q", "P", None], "label": "all"})
    cohort = Cohort.from_cells("c", pictures, table, bundle.classes)
    summary = predict_to_file(bundle, cohort, tmp_path / "said.csv", batch=2)
    assert isinstance(summary, Summary)
    assert summary.by_patient == tmp_path / "said_patients.csv"
    cells, patients = pl.read_csv(tmp_path / "said.csv"), pl.read_csv(tmp_path / "said_patients.csv")
    assert patients.select("id", "patient", "cells").rows() == [("P", "P", 3), ("Q", "Q", 2)]
    for row in patients.iter_rows(named=True):
        own = cells.filter(patient=row["patient"])
        assert row["p_all"] == pytest.approx(own["p_all"].mean())
        assert row["called"] == ("all" if row["p_all"] >= 0.5 else "hem")


def test_pictures_of_an_archive_and_of_a_table_get_what_the_files_get(
    bundle: Bundle, pictures: Path, tmp_path: Path
) -> None:
    with zipfile.ZipFile(tmp_path / "cells.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        for path in pictures.rglob("*.png"):
            archive.write(path, path.relative_to(pictures))
    own = predict(bundle, pictures).table
    (pictures / "cells.csv").write_text("\n".join(["path", *own["path"], "nowhere.png"]), encoding="utf-8")
    for source in (tmp_path / "cells.zip", pictures / "cells.csv", pictures / "**" / "*.png"):
        predict_to_file(bundle, source, tmp_path / "said.csv", batch=4)
        said = pl.read_csv(tmp_path / "said.csv")
        assert said["path"].to_list()[:10] == own["path"].to_list()
        assert said["p_all"].to_list()[:10] == pytest.approx(own["p_all"].to_list(), abs=1e-6)
        assert said["problem"].to_list()[10:] == (["The file is missing."] if source.suffix == ".csv" else [])


@pytest.mark.parametrize("packed", [False, True])
def test_a_path_is_no_formula_and_still_leads_to_its_picture(
    bundle: Bundle, pictures: Path, tmp_path: Path, *, packed: bool
) -> None:
    (pictures / "cell_0.png").rename(pictures / "=1+2.png")
    source = pictures
    if packed:
        source = tmp_path / "cells.zip"
        with zipfile.ZipFile(source, "w") as archive:
            archive.write(pictures / "=1+2.png", "=1+2.png")
    predict_to_file(bundle, source, tmp_path / "said.csv")
    row = pl.read_csv(tmp_path / "said.csv").filter(id="./=1+2").row(0, named=True)
    assert (row["path"], row["problem"]) == ("./=1+2.png", None)
    assert (pictures / row["path"]).is_file()


def test_ids_and_patients_that_are_given_stay_as_they_are(bundle: Bundle, pictures: Path, tmp_path: Path) -> None:
    (pictures / "cells.csv").write_text("path,id,patient\ncell_0.png,-7,+P\n", encoding="utf-8")
    predict_to_file(bundle, pictures / "cells.csv", tmp_path / "said.csv")
    assert pl.read_csv(tmp_path / "said.csv", infer_schema=False).select("id", "patient").row(0) == ("-7", "+P")
