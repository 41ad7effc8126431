from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from leukoscope.errors import DataError
from leukoscope.files import write_json, write_table
from leukoscope.reports.study_folder import StudyFolder
from leukoscope.reports.study_page import write_study_page
from leukoscope.reports.words import NOTHING

VARIANTS = ("aggregator=max", "aggregator=<b>mean</b>")
SCORES = ("balanced_accuracy", "log_loss", "sensitivity")
PUBLISHED = {
    "validation_mean": 0.8123, "validation_deviation": 0.0456, "validation_min": 0.77, "validation_max": 0.86,
    "published_mean": 0.788, "published_deviation": None, "published_min": 0.7, "published_max": 0.8,
    "paper": "A paper", "protocol": "Ten best epochs (peeking).",
}  # fmt: skip


def row(variant: str, seed: int, status: str) -> dict[str, Any]:
    scores = dict.fromkeys(SCORES, 0.7 + seed / 10 if status == "finished" else None)
    return {
        "name": f"{variant}-seed{seed}",
        "variant": variant,
        "bag.aggregator": variant.partition("=")[2],
        "seed": seed,
        "status": status,
        "error": "No weights <here>." if status == "failed" else None,
        "leakage": None,
        "best_epoch": 3 if status == "finished" else None,
        "epochs": 5 if status == "finished" else None,
        "validation_metric": "roc_auc",
        "validation": 0.9 if status == "finished" else None,
        **scores,
    }


@pytest.fixture
def place(tmp_path: Path) -> StudyFolder:
    """A study of four runs: two finished, one failed, one not begun."""
    place = StudyFolder(tmp_path / "study")
    statuses = ("finished", "failed", "finished", "not begun")
    runs = [row(VARIANTS[number % 2], number // 2, status) for number, status in enumerate(statuses)]
    changes = [{key: run[key] for key in ("name", "variant", "seed")} for run in runs]
    record = {
        "format": 1,
        "name": "study",
        "recipe": "grisi2021",
        "purpose": "To see.",
        "paper": "A paper",
        "protocol": "Ten best epochs (peeking).",
        "task": "patients",
        "started": "2026-11-21T10:00:00+00:00",
        "versions": {"leukoscope": "0.1.0"},
        "seeds": [0, 1],
        "grid": {"bag.aggregator": ["max", "<b>mean</b>"]},
        "split_seed": "run",
        "data": {"name": "lyon", "cells": 1600},
        "options": {"weights": "/weights", "store": None},
        "command": "leukoscope sweep grisi2021",
        "variants": [
            {"variant": VARIANTS[0], "published": {"balanced_accuracy": {"mean": 0.788, "min": 0.7, "max": 0.8}}},
            {"variant": VARIANTS[1], "published": {}},
        ],
        "runs": [{**run, "changes": {"bag.aggregator": run["variant"].partition("=")[2]}} for run in changes],
    }
    summary = [
        {
            "variant": variant, "score": score, "planned": 2, "failed": place_of, "runs": 2 - 2 * place_of,
            **({"mean": 0.75, "deviation": 0.07, "min": 0.7, "max": 0.8, "low": 0.11, "high": 1.0,
                "patients_low": 0.6, "patients_high": 0.9} if not place_of else dict.fromkeys(
                ("mean", "deviation", "min", "max", "low", "high", "patients_low", "patients_high"))),
            **(PUBLISHED if (place_of, score) == (0, "balanced_accuracy") else {}),
        }
        for place_of, variant in enumerate(VARIANTS)
        for score in SCORES
    ]  # fmt: skip
    write_json(place.record, record)
    write_table(place.table, pl.DataFrame(runs, infer_schema_length=None))
    write_table(place.summary, pl.DataFrame(summary, infer_schema_length=None))
    write_table(place.timings, pl.DataFrame({"name": [runs[0]["name"]], "seconds": [1234.4]}))
    return place


def text_of(page: Path) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", page.read_text(encoding="utf-8").split("</style>")[1]).split())


def test_the_page_needs_nothing_else_and_is_the_same_again(place: StudyFolder) -> None:
    page = write_study_page(place.path)
    before = page.read_bytes()
    assert not re.search(r"<script|<link|<img|https?://(?!www\.w3\.org)|@import", before.decode())
    assert write_study_page(place.path).read_bytes() == before
    assert {path.name for path in place.figures.iterdir()} == {"variants_1.svg", "variants_1.png"}


def test_what_failed_is_never_hidden_and_nothing_is_taken_for_markup(place: StudyFolder) -> None:
    page = write_study_page(place.path)
    said = text_of(page)
    assert "2 of 4 runs are finished, 1 failed." in said
    assert "1 run failed and is missing from every mean." in said
    assert "No weights &lt;here&gt;." in said
    assert "not finished yet: aggregator=&lt;b&gt;mean&lt;/b&gt;-seed1" in said
    assert "<b>mean</b>" not in page.read_text(encoding="utf-8")
    assert "0 of 2" in said


def test_every_number_stands_in_a_table(place: StudyFolder) -> None:
    said = text_of(write_study_page(place.path))
    assert (
        "aggregator=max 2 of 2 0.750 0.070 0.700 to 0.800 0.110 to 1.000 0.600 to 0.900 0.7880 (0.7000 to 0.8000)"
        in said
    )
    assert "max 0 finished 0.700 0.700 1,234 3 of 5 0.900 (roc_auc)" in said
    assert "Published for aggregator=max: A paper. Protocol: Ten best epochs (peeking). peeking" in said
    assert "As published, and honestly" not in said


def test_of_several_classes_accuracy_and_macro_f1_come_first_beside_what_a_run_costs(place: StudyFolder) -> None:
    names = {"balanced_accuracy": "accuracy", "log_loss": "macro_f1", "sensitivity": "roc_auc"}
    write_table(place.summary, pl.read_csv(place.summary).with_columns(pl.col("score").replace(names)))
    runs = pl.read_csv(place.table).rename(names)
    write_table(place.table, runs)
    costs = {"seconds": 61.24, "epoch_seconds": 7.15, "parameters": 0.0123, "peak_memory_mb": 1312.4}
    write_table(place.timings, pl.DataFrame([{"name": runs["name"][0], **costs}]))
    said = text_of(write_study_page(place.path))
    summary = said.split("From the worst run to the best")[0]
    assert summary.index("Accuracy Variant Runs") < summary.index("Macro F1 Variant Runs")
    assert summary.index("Macro F1 Variant Runs") < summary.index("Further scores") < summary.index("ROC AUC Variant")
    assert (
        "Seed Status Accuracy Macro F1 Seconds Seconds an epoch Parameters (millions) Memory (MiB) Best epoch" in said
    )
    assert "max 0 finished 0.700 0.700 61 7.2 0.012 1,312 3 of 5 0.900 (roc_auc)" in said


def test_the_spread_stands_beside_the_published_one(place: StudyFolder) -> None:
    said = text_of(write_study_page(place.path))
    table = "0.7000 0.7500 ± 0.0700 0.8000 0.7700 0.8123 ± 0.0456 0.8600 0.7000 0.7880 0.8000"
    assert f"Test Validation chosen there Published peeking min mean ± sd max {'min mean ± sd max ' * 2}" in said
    assert (
        f"aggregator=max Balanced accuracy {table} Sensitivity 0.7000 0.7500 ± 0.0700 0.8000{f' {NOTHING}' * 6}" in said
    )
    # The variant without a finished run has none.
    assert said.count("Sensitivity 0.7000") == 1


def test_a_study_without_published_figures_has_no_column_for_them(place: StudyFolder) -> None:
    without = pl.read_csv(place.summary).with_columns(published_mean=pl.lit(None))
    write_table(place.summary, without)
    said = text_of(write_study_page(place.path)).split("From the worst run to the best")[1]
    assert "Published" not in said
    assert "Test Validation chosen there min" in said


def test_curves_are_drawn_nine_metrics_a_figure(place: StudyFolder) -> None:
    metrics = [f"metric_{number}" for number in range(10)]
    rows = [
        {"variant": VARIANTS[1], "metric": metric, "epoch": epoch, "runs": 2, "mean": 0.5, "deviation": 0.1}
        for metric in metrics
        for epoch in (1, 2)
    ]
    write_table(place.curves, pl.DataFrame(rows))
    page = write_study_page(place.path)
    names = {path.name for path in place.figures.glob("curves_*")}
    assert names == {"curves_1.svg", "curves_1.png", "curves_2.svg", "curves_2.png"}
    html = page.read_text(encoding="utf-8")
    assert html.index("Metric 8") < html.index("Further metrics") < html.index("Metric 9")
    assert "further variants" not in html
    assert "<b>mean</b>" not in html


def test_classes_say_what_is_not_defined_and_that_accuracy_flatters_a_rare_one(place: StudyFolder) -> None:
    head = {"variant": VARIANTS[0], "class": "ig", "title": "immature granulocyte", "support": 4, "finished": 2}
    known = {"runs": 2, "mean": 0.98, "deviation": 0.01, "min": 0.97, "max": 0.99}
    none = {"runs": 0, **dict.fromkeys(("mean", "deviation", "min", "max"))}
    rows = [
        {**head, "score": "precision", **none},
        *({**head, "score": score, **known} for score in ("recall", "f1", "accuracy")),
    ]
    write_table(place.classes, pl.DataFrame(rows, infer_schema_length=None))
    said = text_of(write_study_page(place.path))
    assert (
        "n/a : not defined in any run, precision because nothing was called so, the others because no patient of the "
        "test part is of the class." in said
    )
    assert "Accuracy is near 1 for a rare class even if none is found: read recall." in said
    assert "Class Support Precision Recall F1 Accuracy immature granulocyte 4 n/a 0.98 ± 0.01" in said


def test_more_variants_than_can_be_drawn_are_told(place: StudyFolder) -> None:
    head = {"metric": "loss", "epoch": 1, "runs": 1, "mean": 0.5, "deviation": None}
    rows = [{"variant": f"v{number}", **head} for number in range(14)]
    write_table(place.curves, pl.DataFrame(rows, infer_schema_length=None))
    assert "2 further variants are not drawn; they stand in the table." in text_of(write_study_page(place.path))


@pytest.mark.parametrize("negative", [True, None])
def test_the_best_run_s_patients_are_shown_and_the_negative_ones_marked(
    place: StudyFolder, negative: bool | None
) -> None:
    head = {"seed": 0, "validation_metric": "roc_auc", "validation": 0.9}
    share = {"label": "hem", "title": "normal", "cells": 4, "low": 0.1, "high": 0.9, "called": "hem"}
    rows = [
        {"variant": variant, "name": f"{variant}-seed0", **head, "best": best, "patient": patient, **share,
         "negative": negative, "right": 3, "share_right": 0.75}
        for variant, best in zip(VARIANTS, (True, False), strict=True)
        for patient in ("H1", "H2")
    ]  # fmt: skip
    write_table(place.patients, pl.DataFrame(rows, infer_schema_length=None))
    said = text_of(write_study_page(place.path))
    assert "The test patients of the best run, aggregator=max-seed0: of all runs" in said
    assert "the best value on validation, 0.900 (ROC AUC)." in said
    assert ("A ring marks those of the negative class, 2 of 2." in said) == bool(negative)
    assert {path.name for path in place.figures.glob("patients_*")} == {"patients_1.svg", "patients_1.png"}


def test_peeking_is_marked_wherever_it_is_shown(place: StudyFolder) -> None:
    peeked = {f"peeking_{name}": 0.9 for name in ("mean", "deviation", "low", "high")}
    honest = {f"honest_{name}": 0.7 for name in ("mean", "low", "high", "patients_low", "patients_high")}
    counts = {"peeking_runs": 2, "peeking_values": 10, "honest_runs": 2}
    rows = [{"variant": VARIANTS[0], "metric": name, **peeked, **honest, **counts} for name in (*SCORES, "loss")]
    write_table(place.peeking_summary, pl.DataFrame(rows))
    page = write_study_page(place.path)
    assert page.read_text(encoding="utf-8").count('<strong class="leak">peeking</strong>') == len(SCORES)
    assert "Peeking. The figures under" in text_of(page)
    assert "Runs of each variant: 2 peeking, the mean of the best 10 values of each; 2 honest" in text_of(page)


def test_a_leaking_split_alarms(place: StudyFolder) -> None:
    table = pl.read_csv(place.table).with_columns(leakage=pl.lit("as the paper did"))
    write_table(place.table, table)
    said = text_of(write_study_page(place.path))
    assert "Leakage: as the paper did" in said


def test_a_folder_without_a_study_is_told(tmp_path: Path) -> None:
    with pytest.raises(DataError) as caught:
        write_study_page(tmp_path)
    assert str(caught.value) == (
        f"This folder holds no study.\n  where: {tmp_path}\n  what to do: Name the --out of a sweep."
    )
