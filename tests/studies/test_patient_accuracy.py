from __future__ import annotations

from pathlib import Path
from typing import Any

import polars as pl
import pytest

from leukoscope.files import read_json, read_table, remove
from leukoscope.reports.study_folder import StudyFolder
from leukoscope.studies import Study
from leukoscope.studies.patient_accuracy import (
    COLUMNS,
    OF_PATIENTS,
    best_runs,
    patient_accuracy_table,
    patient_rows,
    write_patient_accuracy,
)
from leukoscope.studies.table import HEAD


def table(*rows: tuple[str, str, float | None]) -> pl.DataFrame:
    """Return a study's table of (variant, metric, value on validation)."""
    made = [
        {"name": f"{variant}-{place}", "variant": variant, "status": "finished", "validation_metric": metric,
         "validation": value}
        for place, (variant, metric, value) in enumerate(rows)
    ]  # fmt: skip
    return pl.DataFrame([{name: row.get(name) for name in HEAD} for row in made], schema=HEAD)


def part(*patients: dict[str, Any], positive: str | None = "all") -> dict[str, Any]:
    rest = {"low": None, "high": None, "called": "all", "score": None}
    return {
        "classes": ["hem", "all"],
        "titles": ["normal", "leukaemic"],
        "positive": positive,
        "by_patient": [rest | one | {"share_right": one["right"] / one["cells"]} for one in patients],
    }


def test_the_best_run_is_the_best_on_validation_whichever_way_the_metric_goes() -> None:
    found = best_runs(
        table(
            ("a", "roc_auc", 0.8), ("b", "loss", 0.3), ("a", "roc_auc", 0.9), ("b", "loss", 0.2), ("a", "roc_auc", 0.9)
        )
    )
    assert [row["name"] for row in found] == ["a-2", "b-3"]


def test_a_run_without_validation_or_end_is_never_the_best() -> None:
    unfinished = table(("a", "roc_auc", 0.9)).with_columns(status=pl.lit("failed"))
    assert best_runs(pl.concat([unfinished, table(("b", "roc_auc", None))])) == []


def test_the_worst_patient_comes_first_and_the_negative_class_is_marked() -> None:
    rows = patient_rows(
        part(
            {"patient": "H2", "label": "hem", "cells": 4, "right": 4},
            {"patient": "9", "label": "all", "cells": 4, "right": 1},
            {"patient": "H1", "label": "hem", "cells": 2, "right": 1},
            {"patient": "3", "label": None, "cells": 2, "right": 1},
        )
    )
    assert rows.schema == OF_PATIENTS
    assert rows.select("patient", "negative", "title").rows() == [
        ("9", False, "leukaemic"), ("3", None, None), ("H1", True, "normal"), ("H2", True, "normal"),
    ]  # fmt: skip


def test_without_a_positive_class_none_is_negative_and_patients_as_rows_have_no_cells() -> None:
    (row,) = patient_rows(part({"patient": "1", "label": "hem", "cells": 1, "right": 1}, positive=None)).to_dicts()
    assert row["negative"] is None
    assert patient_rows(part() | {"by_patient": None}).is_empty()


def test_a_study_s_patients_are_those_of_the_best_runs(study: Study) -> None:
    found = read_table(study.place.patients)
    assert list(found.columns) == list(COLUMNS)
    assert found["variant"].unique(maintain_order=True).to_list() == list(
        study.summary["variant"].unique(maintain_order=True)
    )
    best = study.table.sort("validation", descending=True, maintain_order=True)["name"][0]
    assert found.filter("best")["name"].unique().to_list() == [best]
    said = read_json(study.place.run(best) / "scores.json")["parts"]["test"]
    own = found.filter("best")
    assert own["cells"].sum() == said["cells"]
    right = sum(said["confusion"][place][place] for place in range(2))
    assert own["right"].sum() == right
    assert own["share_right"].is_sorted()
    assert set(own.filter("negative")["label"]) == {"hem"}


def test_the_best_of_the_study_is_among_those_chosen_alike(study: Study) -> None:
    rates = study.summary["variant"].unique(maintain_order=True).to_list()
    first = pl.when(pl.col("variant") == rates[0])
    mixed = study.table.with_columns(validation_metric=first.then(pl.lit("roc_auc")).otherwise(pl.lit("loss")))
    found = patient_accuracy_table(study.place, mixed)
    assert set(found.filter("best")["variant"]) == {rates[0]}


def test_where_nothing_is_finished_nothing_is_written(copied: Path) -> None:
    place = StudyFolder(copied)
    remove(place.patients)
    write_patient_accuracy(place, table())
    assert not place.patients.exists()
    with pytest.raises(FileNotFoundError):
        place.patients.stat()
