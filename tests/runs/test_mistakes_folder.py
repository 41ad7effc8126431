"""The errors of models as a folder: two drawn runs, tables of predictions, moved pictures."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from typer.testing import CliRunner

from leukoscope import analyse_errors, draw, train
from leukoscope.cli.main import app
from leukoscope.errors import DataError, SettingsError

TINY = ["stages=[{epochs: 1, batch: 16}]", "framing=[{resize: 16}]", "augmentation=[]", "model.weights=none"]


def contents(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def table(path: Path, seed: int, *, patients: bool = True) -> Path:
    """Write what a drawn model says of 80 cells of 16 patients, half of them in each part."""
    random = np.random.default_rng(seed)
    number = np.arange(80)
    truth = number // 5 % 2
    chance = np.clip(truth * 0.4 + 0.3 + random.normal(0, 0.25, 80), 0.01, 0.99)
    rows = pl.DataFrame(
        {
            "id": [f"c{one:02d}" for one in number],
            "part": ["test" if one < 40 else "validation" for one in number],
            "label": [("hem", "all")[one] for one in truth],
            "p_hem": 1 - chance,
            "p_all": chance,
        }
    )
    if patients:
        rows = rows.with_columns(patient=pl.Series([f"P{one // 5}" for one in number]))
    rows.write_csv(path)
    return path


@pytest.fixture(scope="module")
def two_runs(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """Two tiny runs on one split of drawn cells, which lie beside them in ``cells``."""
    folder = tmp_path_factory.mktemp("errors")
    cohort = draw(folder / "cells", patients=18, cells=5, size=48)
    for seed in (1, 2):
        train("quick", cohort, out=folder / f"run{seed}", changes=[*TINY, "split.seed=4"], seed=seed)
    return folder / "run1", folder / "run2"


def test_two_runs_give_tables_pictures_and_a_page(two_runs: tuple[Path, Path], tmp_path: Path) -> None:
    found = analyse_errors(two_runs, out=tmp_path / "errors", replicates=100)
    files = contents(tmp_path / "errors")
    assert {"errors.json", "errors.html", "missed.csv", "properties.csv", "figures/rates.svg"} <= set(files)
    missed, properties = found.table("missed"), found.table("properties")
    assert properties["area"].min() > 0
    assert set(missed["id"]) == set(properties["id"])
    shown = found.table("shown")
    assert {f"figures/{name}.png" for name in shown["sheet"]} <= set(files)
    page = files["errors.html"].decode()
    assert page.count("data:image/") == shown["sheet"].n_unique()
    assert "What 2 models get wrong" in page
    assert "Without pictures" not in page
    analyse_errors(two_runs, out=tmp_path / "errors", replicates=100)
    assert contents(tmp_path / "errors") == files
    assert [path.name for path in tmp_path.iterdir()] == ["errors"]


def test_the_verb_prints_how_many_miss_how_many(two_runs: tuple[Path, Path], tmp_path: Path) -> None:
    typed = ["errors", *map(str, two_runs), "--out", str(tmp_path / "e"), "--part", "validation", "--replicates", "100"]
    done = CliRunner().invoke(app, typed)
    assert done.exit_code == 0, done.output
    out = done.stdout
    missed = pl.read_csv(tmp_path / "e" / "missed.csv")["missed_by"]
    for number, words in enumerate(("none", "1 of 2", "2 of 2")):
        assert f"  missed by {words}: {(missed == number).sum()}\n" in out
    assert "caution: Epochs and thresholds were chosen on these cells: what is missed here is less than on" in out
    assert out.endswith(f"  page: {tmp_path / 'e' / 'errors.html'}\n")


def test_moved_pictures_are_named_or_found_again(two_runs: tuple[Path, Path], tmp_path: Path) -> None:
    cells = two_runs[0].parent / "cells"
    moved = cells.rename(cells.with_name("moved"))
    try:
        bare = analyse_errors(two_runs[:1], out=tmp_path / "bare", replicates=100)
        number = sum(len(bare.table(name)) > 0 for name in ("missed", "by_group"))
        again = analyse_errors(two_runs[:1], out=tmp_path / "again", data=moved, replicates=100)
    finally:
        moved.rename(cells)
    assert number == 2
    said = bare.record["pictures"]
    assert said.endswith(f" cannot be read under {cells}. Name the folder where the pictures are now: --data.")
    assert said.split(" cannot")[0] == "{0} pictures of {0}".format(said.split()[0])
    assert "Without pictures" in bare.page.read_text(encoding="utf-8")
    assert "Missed by the model" in again.page.read_text(encoding="utf-8")
    assert again.record["pictures"] is None


def test_tables_of_predictions_do_too_and_patients_may_be_unknown(tmp_path: Path) -> None:
    models = [table(tmp_path / f"m{seed}.csv", seed, patients=False) for seed in range(3)]
    found = analyse_errors(models, out=tmp_path / "out", replicates=100)
    assert found.record["pictures"] == "None of these models is a run, so nobody knows where the pictures are."
    assert found.record["patients"] is None
    assert found.table("by_group")["low"].null_count() == found.table("by_group").height
    assert "caution: The patients are not known." in repr(found)
    assert (tmp_path / "out" / "figures" / "pairs.svg").is_file()
    with pytest.raises(DataError) as raised:
        found.table("properties")
    assert str(raised.value).startswith("A table is missing.")


def test_a_leaking_split_is_marked_everywhere(tmp_path: Path) -> None:
    path = table(tmp_path / "m.csv", 0)
    marked = pl.read_csv(path).with_columns(leakage=pl.lit("as the paper did"))
    marked.write_csv(path)
    found = analyse_errors([path], out=tmp_path / "out", replicates=100)
    page = found.page.read_text(encoding="utf-8")
    assert "<strong>Leakage:</strong> as the paper did" in page
    assert "LEAKAGE: not a score on unseen patients" in page
    assert "LEAKAGE: as the paper did" in repr(found)


def test_a_folder_with_something_else_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("mine")
    model = table(tmp_path / "m.csv", 0)
    with pytest.raises(SettingsError) as raised:
        analyse_errors([model], out=tmp_path)
    assert str(raised.value) == (
        "This folder is not empty, and holds something else than an error analysis.\n"
        f"  where: {tmp_path}\n  what to do: Name another --out."
    )
    with pytest.raises(SettingsError) as part:
        analyse_errors([model], out=tmp_path / "new", part="train")  # type: ignore[arg-type]
    assert str(part.value) == "There are the parts validation and test; got 'train'."
    assert not (tmp_path / "new").exists()


def test_a_wrong_table_offers_the_nearest(tmp_path: Path) -> None:
    found = analyse_errors([table(tmp_path / "m.csv", 0)], out=tmp_path / "out", replicates=100)
    with pytest.raises(SettingsError) as raised:
        found.table("missing")
    assert str(raised.value).startswith("There is no table 'missing'.\n  what to do: Did you mean 'missed'?")
    assert json.loads((tmp_path / "out" / "errors.json").read_text())["interval"]["unit"] == "patient"
