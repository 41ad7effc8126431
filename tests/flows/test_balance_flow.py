"""Runs whose training part is balanced, on drawn cells that are cropped to what is not black."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from PIL import Image

from leukoscope.files import read_json
from leukoscope.pictures.batches import CellData

SETTINGS = [
    "drawn.patients=12", "drawn.cells=6", "drawn.size=48", "drawn.malignant_share=0.3", "stages.0.epochs=1",
    "model.backbone=test_resnet", "model.cut=null",
]  # fmt: skip
SQUARE = "framing=[{threshold_crop: exact}, {resize: 32}]"


def changed(*changes: str) -> list[str]:
    return [part for change in (*SETTINGS, *changes) for part in ("--set", change)]


def held_out(out: Path) -> set[str]:
    parts = pl.read_csv(out / "split.csv")
    return set(parts.filter(pl.col("part") != "train")["id"])


@pytest.mark.parametrize(
    "sampling",
    [
        "subsample_and_augment",
        pytest.param("oversample", marks=pytest.mark.torture),
        pytest.param("class_balanced_batches", marks=pytest.mark.torture),
    ],
)
def test_a_balanced_run(
    verb: Callable[..., tuple[int, str, str]], tmp_path: Path, sampling: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[list[str]] = []
    from leukoscope.training import steps  # noqa: PLC0415 - to listen

    batches = steps.batches

    def listened(data: CellData, *arguments: Any, **given: Any) -> Any:
        seen.append(data.ids)
        return batches(data, *arguments, **given)

    monkeypatch.setattr(steps, "batches", listened)
    out = tmp_path / "run"
    code, _, errors = verb("train", "drawn", "--out", out, *changed(SQUARE, f"balance.sampling={sampling}"))
    assert code == 0, errors
    table = pl.read_csv(out / "composition.csv")
    counts = read_json(out / "run.json")["split"]["counts"]["train"]["classes"]
    assert dict(table.select("class", "cells").iter_rows()) == counts
    assert (table["kept"] + table["left_out"]).to_list() == table["cells"].to_list()
    assert table["seen"].max() - table["seen"].min() <= 1  # type: ignore[operator]
    [ids] = seen
    assert len(ids) == table["seen"].sum()
    assert not {name.split(maxsplit=1)[0] for name in ids} & held_out(out)
    page = (out / "report.html").read_text()
    assert "What was learned from, class by class" in page
    copied = sampling == "subsample_and_augment"
    assert (out / "figures" / "balance.png").is_file() == ("Copies of the rarer cells" in page) == copied
    with Image.open(out / "figures" / "framing.png") as opened:
        assert np.asarray(opened).std() > 0


@pytest.mark.parametrize("by", ["patient", pytest.param("cell", marks=pytest.mark.torture)])
def test_two_bagged_models_see_all_of_the_training_part_between_them(
    verb: Callable[..., tuple[int, str, str]], tmp_path: Path, by: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[CellData] = []
    from leukoscope.training import steps  # noqa: PLC0415 - to listen

    batches = steps.batches

    def listened(data: CellData, *arguments: Any, **given: Any) -> Any:
        seen.append(data)
        return batches(data, *arguments, **given)

    monkeypatch.setattr(steps, "batches", listened)
    bagging = ["balance.sampling=bagging_variation", f"balance.bagging.by={by}"]
    bagging += ["balance.bagging.copies=[{flip: 0.5}, {contrast: 0.2}]", "balance.bagging.at_a_time=one"]
    tables = []
    for part in (0, 1):
        out = tmp_path / str(part)
        settings = changed("framing=[{resize: 32}]", *bagging, f"balance.bagging.part={part}")
        code, _, errors = verb("train", "drawn", "--out", out, *settings)
        assert code == 0, errors
        tables.append(pl.read_csv(out / "bagging.csv"))
        assert pl.read_csv(out / "composition.csv")["seen"].n_unique() == 1
        page = (out / "report.html").read_text()
        assert "What this model sees of the parts" in page
        assert "Changed copies" in page
        assert all((out / "figures" / name).is_file() for name in ("balance.png", "bagging.png", "bagging.svg"))
    code, _, errors = verb("ensemble", tmp_path / "0", tmp_path / "1", "--out", tmp_path / "both", "--rule", "average")
    assert code == 0, errors
    both = pl.read_csv(tmp_path / "both" / "bagging.csv", schema_overrides={"model": pl.String})
    own = [table.select(pl.lit(str(part)).alias("model"), pl.all()) for part, table in enumerate(tables)]
    assert both.equals(pl.concat(own))
    assert "What each model was shown" in (tmp_path / "both" / "ensemble.html").read_text()
    assert (tmp_path / "both" / "figures" / "ensemble_bagging.svg").is_file()
    whole = [{name for name in data.ids if " " not in name} for data in seen]
    split = pl.read_csv(tmp_path / "0" / "split.csv")
    assert whole[0] | whole[1] == set(split.filter(part="train")["id"])
    rows = [table.filter(pl.col("part").is_not_null()) for table in tables]
    assert rows[0]["cells"].to_list() == rows[1]["cells"].to_list() == (rows[0]["whole"] + rows[1]["whole"]).to_list()
    divided = whole[0] ^ whole[1]
    assert len(divided) == rows[0]["cells"].sum()
    groups = dict(split.select("id", "group").iter_rows())
    shared = {groups[name] for name in whole[0] & divided} & {groups[name] for name in whole[1] & divided}
    assert bool(shared) == (by == "cell")


def test_a_run_that_is_not_balanced_says_nothing_of_it(
    verb: Callable[..., tuple[int, str, str]], tmp_path: Path
) -> None:
    out = tmp_path / "run"
    code, _, errors = verb("train", "drawn", "--out", out, *changed("framing=[{resize: 32}]"))
    assert code == 0, errors
    assert not (out / "composition.csv").exists()
    page = (out / "report.html").read_text()
    assert "What was learned from, class by class" not in page
    assert "Copies of the rarer cells" not in page


def test_a_cropped_cell_without_a_size_is_refused_before_anything_is_trained(
    verb: Callable[..., tuple[int, str, str]], tmp_path: Path
) -> None:
    out = tmp_path / "run"
    code, _, errors = verb("train", "drawn", "--out", out, *changed("framing=[{threshold_crop: exact}]"))
    assert code == 2
    assert errors == (
        "Error: A pixel store needs pictures of one size; this framing gives none.\n"
        "  what to do: Add a step with a size to the framing, {resize: 128} or {center_crop: 300}.\n"
    )
    assert not (out / "history.csv").exists()
