"""Whatever is wrong with somebody's data: one clear message, or a row that stays with its reason."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from PIL import Image

from leukoscope import draw
from leukoscope.cli.main import main
from leukoscope.cohort.storage import load_cohort

Command = Callable[..., tuple[int, str, str]]
FAST = ["--set", "stages.0.epochs=1", "--set", "model.backbone=test_resnet", "--set", "model.cut=null"]
TINY = [*FAST, "--set", "framing=[{resize: 32}]", "--set", "split.test=0.3"]


@pytest.fixture
def command(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Command:
    """Run the command line in this process; returns exit code, standard output, standard error."""

    def run(*arguments: str | Path) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["leukoscope", *map(str, arguments)])
        with pytest.raises(SystemExit) as stopped:
            main()
        printed = capsys.readouterr()
        assert "Traceback" not in printed.err
        return int(stopped.value.code or 0), printed.out, printed.err

    return run


@pytest.fixture(scope="module")
def cells(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("drawn") / "cells"
    draw(folder, patients=12, cells=6, size=32)
    return folder


def as_table(cells: Path, folder: Path) -> pl.DataFrame:
    """Return the drawn cells as a table of their own, with absolute paths, to spoil."""
    folder.mkdir(exist_ok=True)
    table = pl.read_csv(cells / "cells.csv", infer_schema=False).select("id", "path", "label", "patient")
    return table.with_columns(path=pl.lit(f"{cells}/") + pl.col("path"))


def spoilt(cells: Path, folder: Path) -> dict[str, str]:
    """Write the table with damaged pictures in place of the first ones; returns id to what was done."""
    table = as_table(cells, folder)
    whole = Path(table["path"][0]).read_bytes()
    picture = Image.fromarray(np.full((40, 40, 3), 90, np.uint8))
    picture.save(folder / "whole.jpg")
    jpeg = (folder / "whole.jpg").read_bytes()
    damaged = {
        "cut.jpg": jpeg[: len(jpeg) // 2],
        "zero.png": b"",
        "page.jpg": b"<!doctype html><p>404",
        "gone.png": None,
    }
    odd = {"misnamed.jpg": whole}
    for name, content in (damaged | odd).items():
        if content is not None:
            (folder / name).write_bytes(content)
    names = [*damaged, *odd]
    paths = [str(folder / name) for name in names] + table["path"].to_list()[len(names) :]
    table.with_columns(pl.Series("path", paths)).write_csv(folder / "cells.csv")
    return dict(zip(table["id"][: len(names)], names, strict=True))


def test_damaged_pictures_stay_as_rows_with_their_reason_and_the_rest_is_trained_on(
    command: Command, cells: Path, tmp_path: Path
) -> None:
    done = spoilt(cells, tmp_path)
    code, out, err = command(
        "train", "drawn", "--data", tmp_path / "cells.csv", "--reader", "table", "--out", tmp_path / "run", *TINY
    )
    assert code == 0, err
    assert "roc auc" in out
    cohort = load_cohort(tmp_path / "run" / "cohort.parquet")
    assert cohort.cells.height == 72
    reasons = {done[name]: reason for name, reason in cohort.cells.select("id", "excluded").iter_rows() if name in done}
    assert {name for name, reason in reasons.items() if reason} == {"cut.jpg", "zero.png", "page.jpg", "gone.png"}
    assert reasons["misnamed.jpg"] is None
    split = pl.read_csv(tmp_path / "run" / "split.csv", infer_schema=False)
    assert not set(split["id"]) & {name for name, file in done.items() if reasons[file]}


def test_predict_lists_what_it_cannot_read(command: Command, cells: Path, tmp_path: Path) -> None:
    assert command("train", "drawn", "--data", cells, "--reader", "drawn", "--out", tmp_path / "run", *TINY)[0] == 0
    spoilt(cells, tmp_path / "odd")
    (tmp_path / "odd" / "cells.csv").unlink()
    out = tmp_path / "said.csv"
    code, _, err = command("predict", tmp_path / "run" / "bundle", tmp_path / "odd", "--out", out)
    assert code == 0, err
    said = pl.read_csv(out)
    assert said.filter(pl.col("problem").is_not_null()).height == 3
    assert said.filter(pl.col("problem").is_null())["p_all"].is_between(0, 1).all()
    assert said.filter(pl.col("problem").is_null()).height == 2


def write(folder: Path, table: pl.DataFrame) -> Path:
    path = folder / "cells.csv"
    table.write_csv(path)
    return path


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (lambda table: table.drop("path"), "No row of this table can be used. The first: "),
        (lambda table: pl.concat([table, table.head(1)]), "The id 'P01-0001' stands on two rows."),
        (lambda table: table.with_columns(label=pl.lit("all")), "At least two classes are needed"),
    ],
    ids=["a missing column", "a repeated id", "one class only"],
)
def test_a_table_with_a_fault_is_one_message(
    command: Command, cells: Path, tmp_path: Path, spoil: Callable[[pl.DataFrame], pl.DataFrame], message: str
) -> None:
    path = write(tmp_path, spoil(as_table(cells, tmp_path)))
    code, _, err = command("train", "drawn", "--data", path, "--reader", "table", "--out", tmp_path / "run", *TINY)
    assert code == 2
    assert err.count("Error:") == 1
    assert message in err
    assert not (tmp_path / "run" / "report.html").exists()


def test_a_label_that_is_no_number_leaves_its_row_out(command: Command, cells: Path, tmp_path: Path) -> None:
    table = as_table(cells, tmp_path)
    labels = ["NaN", *table["label"].to_list()[1:]]
    path = write(tmp_path, table.with_columns(pl.Series("label", labels)))
    code, _, err = command("train", "drawn", "--data", path, "--reader", "table", "--out", tmp_path / "run", *TINY)
    assert code == 0, err
    assert load_cohort(tmp_path / "run" / "cohort.parquet").cells["excluded"].drop_nulls().len() == 1


def test_a_class_with_one_cell_is_one_message_or_a_warning(command: Command, cells: Path, tmp_path: Path) -> None:
    table = as_table(cells, tmp_path)
    labels = ["rare", *["hem"] * (table.height - 1)]
    path = write(tmp_path, table.with_columns(pl.Series("label", labels)))
    code, _, err = command("train", "drawn", "--data", path, "--reader", "table", "--out", tmp_path / "run", *TINY)
    assert code == 2
    assert "rare" in err


def test_a_patient_in_two_classes_is_found_by_the_audit(command: Command, cells: Path, tmp_path: Path) -> None:
    table = as_table(cells, tmp_path)
    own = pl.col("label").mode().sort().first().over("patient")
    odd = pl.when(pl.col("id") == table["id"][0]).then(pl.lit("all")).otherwise(own)
    unmixed = table.filter(pl.col("patient") != table["patient"][0]).with_columns(label=own)
    first = table.filter(pl.col("patient") == table["patient"][0]).with_columns(label=pl.lit("hem"))
    path = write(tmp_path, pl.concat([first.with_columns(label=odd), unmixed]))
    code, out, _ = command("audit", path, "--reader", "table")
    assert code == 0
    assert "1 patient" in out
    assert "both classes" in out or "two classes" in out or "several classes" in out


def test_an_empty_folder_and_a_missing_one_are_each_one_message(command: Command, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    for folder in (tmp_path / "empty", tmp_path / "missing"):
        code, _, err = command("audit", folder)
        assert code == 2
        assert err.count("Error:") == 1


def test_a_run_that_failed_can_be_tried_again_in_its_folder(command: Command, cells: Path, tmp_path: Path) -> None:
    common = ["train", "drawn", "--data", cells, "--reader", "drawn", "--out", tmp_path / "run", *TINY]
    assert command(*common, "--set", "split.by=cell")[0] == 2
    assert command(*common)[0] == 0


@pytest.mark.parametrize("name", ["mine", "data", "pixels"])
def test_somebody_s_folder_is_not_touched(command: Command, cells: Path, tmp_path: Path, name: str) -> None:
    (tmp_path / name).mkdir()
    (tmp_path / name / "mine.txt").write_text("mine", encoding="utf-8")
    for data in ([], ["--data", cells, "--reader", "drawn"]):
        code, _, err = command("train", "drawn", *data, "--out", tmp_path, *TINY)
        assert code == 2
        assert err.startswith("Error: This folder is not empty, and holds no run.")
        assert [str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*")] == [name, f"{name}/mine.txt"]


def test_a_class_that_validation_lacks_is_said_before_anything_trains(
    command: Command, cells: Path, tmp_path: Path
) -> None:
    table = as_table(cells, tmp_path)
    rare = table["patient"].unique(maintain_order=True)[:2].implode()
    label = pl.when(pl.col("patient").is_in(rare)).then(pl.lit("rare")).otherwise(pl.lit("hem"))
    path = write(tmp_path, table.with_columns(label=label))
    code, _, err = command("train", "drawn", "--data", path, "--reader", "table", "--out", tmp_path / "run", *TINY)
    assert code == 2
    assert "The part 'validation' holds cells of the class" in err
    assert not (tmp_path / "run" / "history.csv").exists()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["draw", "OUT", "--set", "size=abc"], "size: should be a valid integer"),
        (["draw", "OUT", "--set", "nope=5"], "nope: there is no such setting."),
        (["split", "CELLS", "--out", "OUT.csv", "--set", "test=a"], "test: should be a valid number"),
        (["split", "CELLS", "--out", "OUT.csv", "--kind", "official", "--set", "places=3"], "places: "),
        (["split", "CELLS", "--out", "OUT.txt"], "A table must end in .csv or .parquet."),
    ],
)
def test_a_wrong_setting_is_one_message(
    command: Command, cells: Path, tmp_path: Path, arguments: list[str], message: str
) -> None:
    known = {"CELLS": str(cells), "OUT": str(tmp_path / "out")}
    given = [known.get(word, word.replace("OUT", str(tmp_path / "out"))) for word in arguments]
    code, _, err = command(*given)
    assert code == 2
    assert err.count("Error:") == 1
    assert message in err
