from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from leukoscope.audit.shortcuts.order import file_order, row_order
from leukoscope.cohort.classes import Classes
from leukoscope.cohort.cohort import Cohort


def table(paths: list[str], labels: list[str] | None = None, source: str | None = None) -> pl.DataFrame:
    kinds = {"path": pl.String, "label": pl.String, "source": pl.String}
    columns = {"path": paths, "label": labels or [None] * len(paths), "source": [source] * len(paths)}
    return pl.DataFrame(columns, schema=kinds).with_columns(id=pl.col("path"))


def test_numbers_sort_as_numbers() -> None:
    cells = table(["p10/2.png", "p2/10.png", "p2/9.png"])
    assert file_order(cells).to_list() == pytest.approx([5 / 6, 3 / 6, 1 / 6])


def test_folders_that_name_the_class_do_not_count() -> None:
    paths = [f"{label}/{number}.png" for label in ("all", "hem") for number in range(3)]
    order = file_order(table(paths, ["all"] * 3 + ["hem"] * 3)).to_list()
    assert order[:3] == order[3:]


def test_file_names_that_say_the_class_do_not_count() -> None:
    paths = [f"fold/UID_1_{number}_all.bmp" for number in range(4)] + [f"fold/UID_H1_{n}_hem.bmp" for n in range(4)]
    assert file_order(table(paths, ["all"] * 4 + ["hem"] * 4)).to_list() == [None] * 8
    # Subtypes, two a class, name it too.
    paths = [f"{prefix}_{n}.jpg" for prefix in ("SNE", "BNE", "MY", "PMY") for n in range(3)]
    assert file_order(table(paths, ["neutrophil"] * 6 + ["ig"] * 6)).to_list() == [None] * 12


def test_patients_folders_count_although_each_has_one_class() -> None:
    paths = [f"P{patient:02d}/{number}.png" for patient in range(6) for number in range(3)]
    order = file_order(table(paths, ["all"] * 9 + ["hem"] * 9))
    assert order.is_sorted()
    assert order.n_unique() == 18


def test_each_source_has_its_own_order() -> None:
    one, other = table(["a1.png", "a2.png"], source="x"), table(["b1.png", "b2.png"], source="y")
    assert file_order(pl.concat([one, other])).to_list() == [0.25, 0.75, 0.25, 0.75]
    assert file_order(table([])).to_list() == []


def cohort(names: list[str]) -> Cohort:
    cells = pl.DataFrame({"id": names, "path": [f"{name}.png" for name in names]})
    return Cohort.from_cells("x", Path(), cells, Classes(("a", "b")))


def test_the_row_in_a_table_that_is_not_sorted_by_name() -> None:
    unsorted = cohort(["c", "a", "b"])
    cells = unsorted.cells.sort("id")
    assert row_order(cells, unsorted).to_list() == pytest.approx([3 / 6, 5 / 6, 1 / 6])
    assert row_order(cells, cohort(["a", "b", "c"])).to_list() == [None, None, None]
