from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path

import polars as pl

from leukoscope.bundles.bundle import Bundle
from leukoscope.bundles.parts import hashes_of
from leukoscope.bundles.seals import SEALS, seals_of
from leukoscope.cohort.cohort import Cohort
from leukoscope.files import read_json, sha256
from leukoscope.inference.marks import PATIENT, PICTURE, Marks, mark_notices, marks_of
from leukoscope.inference.predicting import predict_blocks
from leukoscope.inference.sources import pictures_of
from leukoscope.inference.writing import predict_to_file


def having_seen(bundle: Bundle, folder: Path, *pictures: Path, sets: tuple[str, ...] = ()) -> Bundle:
    """Return a copy of a bundle that lists these pictures, and whose first weights saw these data sets."""
    shutil.copytree(bundle.folder, folder)
    (folder / "seen.txt").write_text("".join(f"{sha256(path)[:16]}\n" for path in pictures), encoding="ascii")
    card = read_json(folder / "bundle.json") | {"files": hashes_of(folder)}
    card["weights"] = {**card["weights"], "sets": list(sets)}
    card[SEALS] = seals_of(card)
    (folder / "bundle.json").write_text(json.dumps(card), encoding="utf-8")
    return replace(bundle, folder=folder)


def test_pictures_that_the_model_has_seen_are_marked_and_the_others_not(
    bundle: Bundle, pictures: Path, tmp_path: Path
) -> None:
    knowing = having_seen(bundle, tmp_path / "knowing", pictures / "cell_1.png")
    summary = predict_to_file(knowing, pictures, tmp_path / "said.csv", batch=2)
    said = pl.read_csv(tmp_path / "said.csv", infer_schema=False)
    assert said.filter(pl.col("leakage") == PICTURE)["path"].to_list() == ["cell_1.png"]
    assert said["leakage"].null_count() == said.height - 1
    assert summary.warnings == ("The model has seen 1 picture in training, which is no test of it (column 'leakage').",)


def test_a_data_set_that_the_first_weights_saw_marks_every_picture_of_it(
    bundle: Bundle, pictures: Path, tmp_path: Path
) -> None:
    knowing = having_seen(bundle, tmp_path / "knowing", pictures / "cell_1.png", sets=("matek", "pbc"))
    cells = pl.DataFrame({"id": ["u", "v"], "path": ["cell_0.png", "cell_1.png"], "source": [None, "pbc"]})
    found = pictures_of(Cohort.from_cells("c", pictures, cells, bundle.classes), bundle.classes)
    (table,) = predict_blocks(knowing, found)
    saw = "The model, or its first weights, saw or may have seen pictures of pbc in training."
    assert table["leakage"].to_list() == [saw, f"{saw}; {PICTURE}"]
    assert mark_notices(marks_of(knowing, found.sets), 0) == [f"Marked with leakage (column 'leakage'): {saw}"]


def test_a_bundle_that_has_seen_nothing_marks_nothing(bundle: Bundle) -> None:
    assert marks_of(bundle, frozenset({"pbc"})) == Marks()
    assert not Marks().possible
    assert Marks().column([False]) == []


def test_what_could_not_be_read_is_not_known() -> None:
    marks = Marks("why", frozenset({"ab" * 8}))
    assert [marks.seen(digest) for digest in (None, "ab" * 32, "cd" * 32)] == [False, True, False]
    assert marks.column([True, False], PATIENT)[0].to_list() == [f"why; {PATIENT}", "why"]
