"""Models that are looked at together, and which rows of theirs count."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import polars as pl
import pytest

from leukoscope.cohort.classes import Classes
from leukoscope.cohort.cohort import Cohort
from leukoscope.cohort.storage import save_cohort
from leukoscope.errors import DataError
from leukoscope.files import write_json, write_table
from leukoscope.predictions.table import Predictions
from leukoscope.runs.folder import RunFolder
from leukoscope.runs.members import read_members

CLASSES = Classes(("hem", "all"))
PARTS = {"train": ["a", "b", "c", "d"], "validation": ["e", "f"], "test": ["g", "h"]}


def said(ids: list[str], part: str, likely: float) -> Predictions:
    table = pl.DataFrame({"id": ids, "patient": ids, "label": ["hem", "all"] * (len(ids) // 2)})
    return Predictions(table.with_columns(part=pl.lit(part), p_hem=1 - likely, p_all=likely), CLASSES)


def write_run(path: Path, likely: float, *, out_of_fold: bool, **parts: list[str]) -> Path:
    """Write of a finished run what its fellows are compared by."""
    folder, known = RunFolder(path), PARTS | parts
    record: dict[str, Any] = {"format": 1, "status": "finished", "out_of_fold": out_of_fold}
    write_json(folder.record, record)
    write_json(folder.scores, {"threshold": {"value": 0.5}})
    cells = [{"id": one, "path": "", "patient": one, "label": None} for ids in known.values() for one in ids]
    save_cohort(Cohort.from_cells("small", path, pl.DataFrame(cells), CLASSES), folder.cohort)
    rows = [{"id": one, "part": part} for part, ids in known.items() for one in ids]
    write_table(folder.split, pl.DataFrame(rows))
    learnt = [*known["train"], *known["validation"]] if out_of_fold else known["validation"]
    folder.predictions("test").parent.mkdir(parents=True, exist_ok=True)
    said(learnt, "validation", likely).save(folder.predictions("validation"))
    said(known["test"], "test", likely).save(folder.predictions("test"))
    return path


def test_of_predictions_out_of_fold_the_rows_count_that_a_network_did_not_learn_from(tmp_path: Path) -> None:
    head = write_run(tmp_path / "svm", 0.9, out_of_fold=True)
    network = write_run(tmp_path / "net", 0.2, out_of_fold=False)
    for order in ([head, network], [network, head]):
        members = read_members(order)
        together = members.part("validation")
        assert together.table["id"].to_list() == PARTS["validation"]
        assert together.probabilities[[path.name for path in order].index("svm"), :, 1].tolist() == [0.9, 0.9]
        assert {member.said["validation"].table.height for member in members.members} == {2}


def test_heads_that_are_all_fitted_at_once_keep_all_rows(tmp_path: Path) -> None:
    heads = [write_run(tmp_path / name, 0.9, out_of_fold=True) for name in ("svm", "forest")]
    assert read_members(heads).part("validation").table["id"].to_list() == list("abcdef")


def test_a_head_of_another_split_is_refused(tmp_path: Path) -> None:
    head = write_run(tmp_path / "svm", 0.9, out_of_fold=True, train=["a", "b"])
    network = write_run(tmp_path / "net", 0.2, out_of_fold=False)
    with pytest.raises(DataError, match=r"^'net' and 'svm' were trained on different splits"):
        read_members([head, network])
