from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import polars as pl
import pytest

from leukoscope.cohort.classes import Classes
from leukoscope.pictures.batches import CellData
from leukoscope.pictures.framing import parse_framing
from leukoscope.pictures.store import PixelStore
from leukoscope.pictures.store_index import StoreFiles
from leukoscope.pictures.store_writer import StoreWriter
from leukoscope.recipes.schema import BaggingSettings, BalanceSettings, StageSettings
from leukoscope.runs import balance
from leukoscope.runs.folder import RunFolder

RARE, COMMON = 2, 9


@pytest.fixture
def store(tmp_path: Path) -> PixelStore:
    framing = parse_framing([{"resize": 8}])
    writer = StoreWriter(StoreFiles(tmp_path / "store", framing))
    for number in range(RARE + COMMON):
        pixels = np.random.default_rng(number).integers(0, 256, (8, 8, 3), dtype=np.uint8)
        writer.add(hashlib.sha256(bytes([number])).hexdigest(), pixels)
    writer.flush()
    writer.close()
    return PixelStore(tmp_path / "store", framing)


@pytest.fixture
def drawn(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """What the sheet was asked to show."""
    found: list[Any] = []
    monkeypatch.setattr(balance, "balance_sheet", lambda cells, names, _: found.append((cells, names)))
    return found


def write(folder: Path, data: CellData, stages: Sequence[StageSettings] = (), **settings: Any) -> RunFolder:
    recipe = SimpleNamespace(balance=BalanceSettings(**settings), seed=0)
    intake = SimpleNamespace(cohort=SimpleNamespace(classes=Classes(("hem", "all"))))
    balance.write_balance(RunFolder(folder), SimpleNamespace(recipe=recipe, intake=intake), data, stages)  # type: ignore[arg-type]
    return RunFolder(folder)


def cells(store: PixelStore, rows: list[int]) -> CellData:
    labels = np.array([0] * RARE + [1] * COMMON, dtype=np.int64)
    return CellData(store, np.array(rows), [f"c{number}" for number in range(len(rows))], labels)


def test_the_sheet_is_of_the_class_with_the_most_copies(store: PixelStore, tmp_path: Path, drawn: list[Any]) -> None:
    data = cells(store, list(range(RARE + COMMON)))
    folder = write(tmp_path, data, sampling="subsample_and_augment")
    assert pl.read_csv(folder.composition).rows() == [("hem", 2, 2, 0, 3, 5), ("all", 9, 5, 4, 0, 5)]
    [(pictures, names)] = drawn
    # One of the two rare cells has two copies, the other one; those with the most are shown.
    [[name, *copies]], [[own, *turned]] = names, pictures
    assert name in {"c0", "c1"}
    assert len(copies) == len(turned) == 2
    assert np.array_equal(own, store.batch(data.rows[[int(name[1])]])[0])
    assert all(copy.startswith(("turned ", "mirrored")) for copy in copies)
    assert all(np.array_equal(np.sort(each, axis=None), np.sort(own, axis=None)) for each in turned)


def test_a_picture_that_stands_for_two_cells_is_not_shown(store: PixelStore, tmp_path: Path, drawn: list[Any]) -> None:
    write(tmp_path, cells(store, [0, 0, *range(2, 11)]), sampling="subsample_and_augment")
    assert drawn == []


@pytest.mark.parametrize("sampling", ["oversample", "class_balanced_batches"])
def test_cells_that_lie_as_they_are_need_no_sheet(
    store: PixelStore, tmp_path: Path, drawn: list[Any], sampling: str
) -> None:
    folder = write(tmp_path, cells(store, list(range(11))), sampling=sampling)
    assert folder.composition.is_file()
    assert drawn == []


def test_changed_copies_stand_beside_their_cells_though_a_part_holds_only_the_copy(
    store: PixelStore, tmp_path: Path, drawn: list[Any]
) -> None:
    data = cells(store, list(range(RARE + COMMON)))
    bagging = {"by": "cell", "copies": [{"noise": 0.2}]}
    folder = write(tmp_path, data, sampling="bagging_variation", bagging=bagging)
    assert pl.read_csv(folder.composition)["whole"].to_list() == [2, 5]
    assert pl.read_csv(folder.bagging)["whole"].to_list() == [2, 5, 0]
    [(pictures, names)] = drawn
    [[name, *copies]], [[own, *changed]] = names, pictures
    assert name in {"c0", "c1"}
    assert copies == ["changed", "changed again 1", "changed again 2", "changed again 3"]
    assert np.array_equal(own, store.batch(data.rows[[int(name[1])]])[0])
    assert all(each.shape == own.shape and not np.array_equal(each, own) for each in changed)


def test_where_nothing_is_copied_there_is_no_sheet(store: PixelStore, tmp_path: Path, drawn: list[Any]) -> None:
    equal = cells(store, list(range(RARE + COMMON))).subset(np.arange(2 * RARE))
    undivided = BaggingSettings.model_construct(parts=1)
    folder = write(tmp_path, equal, sampling="bagging_variation", bagging=undivided)
    assert pl.read_csv(folder.composition).select("whole", "copies").rows() == [(2, 0), (2, 0)]
    assert drawn == []


def of_stages(*sampling: Any) -> list[StageSettings]:
    return [StageSettings(epochs=1, sampling=one) for one in sampling]


def test_a_stage_that_samples_by_itself_has_a_composition_of_its_own(
    store: PixelStore, tmp_path: Path, drawn: list[Any]
) -> None:
    data, evenly = cells(store, list(range(11))), "class_balanced_batches"
    folder = write(tmp_path, data, of_stages(None, evenly, None, evenly))
    table = pl.read_csv(folder.composition)
    assert table.columns == ["stages", "class", "cells", "kept", "left_out", "copies", "seen"]
    assert table.rows() == [("2, 4", "hem", 2, 2, 0, 0, 6), ("2, 4", "all", 9, 9, 0, 0, 5)]
    assert drawn == []


def test_beside_a_stage_s_own_sampling_stands_that_of_the_others(
    store: PixelStore, tmp_path: Path, drawn: list[Any]
) -> None:
    data, stages = cells(store, list(range(11))), of_stages(None, "class_balanced_batches")
    folder = write(tmp_path, data, stages, sampling="to_number", cells_per_class=3)
    table = pl.read_csv(folder.composition)
    assert table["stages"].to_list() == [1, 1, 2, 2]
    assert table["seen"].to_list() == [3, 3, 6, 5]
    assert drawn == []


def test_nothing_is_written_where_nothing_is_balanced(store: PixelStore, tmp_path: Path, drawn: list[Any]) -> None:
    assert not write(tmp_path, cells(store, list(range(11)))).composition.exists()
    assert drawn == []
