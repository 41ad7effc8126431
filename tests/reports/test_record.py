from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

from leukoscope.reports import record
from leukoscope.reports.tables import read_tables


def test_who_was_on_which_side_in_the_order_of_use(example: Callable[..., Path]) -> None:
    titles, rows = record.side_rows(read_tables(example()))
    assert titles == ["normal cell (HEM)", "leukaemic blast (ALL)"]
    assert [(row["title"], row["patients"], row["cells"], row["classes"]) for row in rows] == [
        ("Training part", 31, 1102, [413, 689]),
        ("Validation part", 8, 301, [110, 191]),
        ("Test part", 12, 427, [161, 266]),
    ]


def test_facts_of_a_run(example: Callable[..., Path]) -> None:
    tables = read_tables(example())
    data = dict(record.data_facts(tables))
    assert data["Cells"] == "2,200"
    assert data["Left out"] == "3 cells, each with its reason in cohort.parquet"
    assert data["Split"] == "holdout, kept together by patient, seed 0"
    assert data["Threshold"] == (
        "called positive from a probability of 0.430 on; chosen on validation: largest balanced accuracy on validation"
    )
    machine = dict(record.machine_facts(tables))
    assert (machine["Time for training"], machine["Most memory held"]) == ("6 min", "1.3 GiB")
    weights = dict(record.weights_facts(tables))
    assert (weights["Trained on"], weights["Licence"]) == ("ImageNet-1k", "MIT")


def test_views_that_are_spared_are_stated(example: Callable[..., Path]) -> None:
    folder = example()
    scores = json.loads((folder / "scores.json").read_text())
    test = {"cells": 1427, "views_per_cell": 2.66, "changed": 3}
    scores["adaptive_views"] = {"views": 8, "rule": {}, "parts": {"test": test}}
    (folder / "scores.json").write_text(json.dumps(scores))
    assert dict(record.data_facts(read_tables(folder)))["Views a cell"] == (
        "2.7 of 8 where a laboratory predicts with the bundle; 3 of 1,427 test cells are then called otherwise. The "
        "scores here are of all views."
    )


def test_a_run_that_is_still_at_work_tells_what_is_known(example: Callable[..., Path]) -> None:
    folder = example()
    run = json.loads((folder / "run.json").read_text()) | {"status": "running", "finished": None}
    del run["data"]["reader"]
    (folder / "run.json").write_text(json.dumps(run))
    tables = read_tables(folder)
    assert "Read by" not in dict(record.data_facts(tables))
    assert {"Status", "Finished"}.isdisjoint(dict(record.machine_facts(tables)))


def test_an_evaluation_has_no_facts(evaluation: Path) -> None:
    tables = read_tables(evaluation)
    assert record.data_facts(tables) == record.machine_facts(tables) == record.weights_facts(tables) == []
    assert record.side_rows(tables)[1] == []
    assert record.network_rows(tables) == ([], {})
    assert record.stage_rows(tables) == []
    assert record.history_table(tables) == ([], [])
    assert record.wrong_rows(tables) == []


def test_weights_whose_licence_is_not_stated_and_random_ones(example: Callable[..., Path]) -> None:
    folder = example()
    run = json.loads((folder / "run.json").read_text())
    run["weights"] = {"source": "resnet18.safetensors", "sha256": "ab", "licence": None, "trained_on": None}
    (folder / "run.json").write_text(json.dumps(run))
    facts = dict(record.weights_facts(read_tables(folder)))
    assert (facts["Licence"], facts["Trained on"]) == ("none stated", "not known")
    run["weights"] = {"source": "random", "sha256": None, "licence": None, "trained_on": None, "dropped": []}
    (folder / "run.json").write_text(json.dumps(run))
    assert record.weights_facts(read_tables(folder)) == [
        ("First weights", "random: nothing was learned before this run")
    ]


def test_parameters_are_added_up(example: Callable[..., Path]) -> None:
    rows, sums = record.network_rows(read_tables(example()))
    assert sums == {"trained": 17 * 24_576 + 1281, "frozen": 864 + 3 * 24_576}
    assert sum(row["parameters"] for row in rows) == sums["trained"] + sums["frozen"]


def test_each_stage_has_its_totals_and_the_epochs_that_it_ran(example: Callable[..., Path]) -> None:
    folder = example()
    rows = record.stage_rows(read_tables(folder))
    assert [(row["stage"], row["trained_parts"], row["trained"], row["epochs"]) for row in rows] == [
        (1, "head", 1281, 1),
        (2, "blocks.3..head", 17 * 24_576 + 1281, 5),
    ]
    (folder / "history.csv").unlink()
    assert [row["epochs"] for row in record.stage_rows(read_tables(folder))] == [0, 0]


def test_wrong_cells_by_title(example: Callable[..., Path]) -> None:
    first = record.wrong_rows(read_tables(example()))[0]
    assert first == {
        "id": "UID_H0_0_0_hem",
        "patient": "H0",
        "label": "normal cell (HEM)",
        "called": "leukaemic blast (ALL)",
        "probability": "0.990",
        "page": None,
    }


def test_thresholds_of_every_shape() -> None:
    assert record.threshold_words(None) is None
    assert record.threshold_words(0.5) == "0.500"
    assert record.threshold_words({"value": None}) is None
    assert record.threshold_words({"value": 0.25}) == "called positive from a probability of 0.250 on"


def test_what_was_learned_from_by_title(example: Callable[..., Path]) -> None:
    folder = example()
    assert record.composition_rows(read_tables(folder)) == []
    (folder / "composition.csv").write_text("class,cells,kept,left_out,copies,seen\nall,689,551,138,0,551\n")
    assert record.composition_rows(read_tables(folder)) == [
        {
            "class": "all",
            "title": "leukaemic blast (ALL)",
            "cells": 689,
            "kept": 551,
            "left_out": 138,
            "copies": 0,
            "seen": 551,
            "times": 1.0,
        }
    ]
