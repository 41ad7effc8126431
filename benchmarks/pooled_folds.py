"""Scores of all folds of a study together: each cell stands in one test part.

Run: python benchmarks/pooled_folds.py STUDY

STUDY is the folder of a sweep over ``split.fold``. The test parts are put together and scored once, with intervals that
resample linked groups of patients; classes are called at each fold's own threshold for the first line, at 0.5 below it.
Probabilities of several networks stand in one ranking, so that the pooled ROC AUC is lower than the mean within folds.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import polars as pl
from sklearn.metrics import f1_score

from leukoscope.evaluation import evaluate
from leukoscope.predictions.table import Predictions
from leukoscope.studies import Study


def main() -> None:
    """Pool, score, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("study", type=Path, help="the folder of a sweep over split.fold")
    runs = Study(parser.parse_args().study).runs
    tables = [run.predictions("test").table.with_columns(threshold=pl.lit(run.threshold)) for run in runs]
    pooled, classes = pl.concat(tables), runs[0].predictions("test").classes
    if pooled["id"].is_duplicated().any():
        raise SystemExit("A cell stands in two test parts: these runs are no folds.")
    called = pooled[f"p_{classes.positive}"] >= pooled["threshold"]
    score = f1_score(pooled["label"] == classes.positive, called, average="weighted")
    print(f"weighted F1, each fold at its own threshold: {score:.3f}")
    print(evaluate(Predictions(pooled.drop("threshold"), classes)))


if __name__ == "__main__":
    main()
