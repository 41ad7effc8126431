"""What each bagged model was shown, on the page of an ensemble: from a table that was written by hand."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import polars as pl

from leukoscope.files import write_table
from leukoscope.reports.ensemble_bagging import bagging_figure, bagging_rows
from leukoscope.reports.ensemble_folder import EnsembleFolder

RECORD: dict[str, Any] = {
    "leakage": None, "classes": {"names": ["0", "1"], "titles": ["normal", "<blast>"], "positive": "1"},
}  # fmt: skip
SHOWN = {
    "007": [("0", None, None, 1600, 1600, 900), ("1", 0, 9, 1250, 1250, 0), ("1", 1, 8, 1250, 0, 1250)],
    "B": [("0", None, None, 1600, 1600, 900), ("1", 0, 9, 1250, 0, 1250), ("1", 1, 8, 1250, 1250, 0)],
}


def written(path: Path) -> EnsembleFolder:
    columns = ["model", "class", "part", "groups", "cells", "whole", "copies"]
    rows = [(model, *row) for model, own in SHOWN.items() for row in own]
    write_table(EnsembleFolder(path).bagging, pl.DataFrame(rows, schema=columns, orient="row"))
    return EnsembleFolder(path)


def test_rows_stand_by_model_with_the_titles_of_the_classes(tmp_path: Path) -> None:
    found = bagging_rows(written(tmp_path), RECORD)
    assert list(found) == ["007", "B"]
    first, second, _ = found["007"]
    assert first == {"title": "normal", "part": None, "groups": None, "cells": 1600, "whole": 1600, "copies": 900}
    assert (second["title"], second["part"], second["groups"]) == ("<blast>", 0, 9)


def test_the_figure_has_a_group_a_model_and_says_it_in_words(tmp_path: Path) -> None:
    found = bagging_figure(written(tmp_path), RECORD)
    assert found is not None
    figure, alt = found
    assert [axes.get_title(loc="left") for axes in figure.axes] == ["007", "B"]
    assert alt == (
        "What each model was shown. 007: normal: 1,600 whole cells, 900 changed copies; <blast>, part 0: 1,250 whole "
        "cells, 0 changed copies; <blast>, part 1: 0 whole cells, 1,250 changed copies. B: normal: 1,600 whole cells, "
        "900 changed copies; <blast>, part 0: 0 whole cells, 1,250 changed copies; <blast>, part 1: 1,250 whole cells, "
        "0 changed copies."
    )


def test_without_a_table_there_is_nothing(tmp_path: Path) -> None:
    assert bagging_rows(EnsembleFolder(tmp_path), RECORD) == {}
    assert bagging_figure(EnsembleFolder(tmp_path), RECORD) is None
