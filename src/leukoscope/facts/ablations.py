"""What stands beside a model of pictures and facts: each fact alone, the facts, the pictures, all on one footing."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace

import polars as pl

from leukoscope.cohort.classes import Classes
from leukoscope.errors import DataError
from leukoscope.facts.clinical import clinical_logits, out_of_fold_logits
from leukoscope.facts.logistic import Floats
from leukoscope.facts.patients import rows_of
from leukoscope.facts.predicted import predicted
from leukoscope.predictions.table import Predictions

ALONE = " alone"
LOGISTIC, BOOSTING = "clinical only, logistic regression", "clinical only, gradient boosting"
IMAGES, BOTH = "images only", "images and facts"
Rule = Callable[[Mapping[str, str], str], Floats]


def ablations(
    patients: pl.DataFrame,
    inputs: Mapping[str, str],
    classes: Classes,
    *,
    train: Iterable[str],
    test: Iterable[str],
    seed: int,
    images: Predictions | None = None,
    both: Predictions | None = None,
) -> dict[str, Predictions]:
    """Return the predictions of the test patients by each fact alone, by all facts, by the pictures, by both.

    What is learnt here is learnt from the training patients alone.

    Args:
        patients: All patients: ``patient``, ``label``, the facts, ``group`` where known.
        inputs: Each fact and its scale, as in ``FactsEncoder.fit``; one or more.
        classes: The classes.
        train: The training patients' names; those of unknown label are left out.
        test: The test patients' names, none of them in training; those of unknown label are predicted too.
        seed: The seed.
        images: What the network says of the test patients (of others too, perhaps) by pictures alone.
        both: What it says by pictures and facts.

    Returns:
        Title to predictions, in the order of a table: ``age alone``, ..., ``clinical only, logistic regression``,
        ``clinical only, gradient boosting``, ``images only``, ``images and facts``. Every one has the same patients in
        the same order.

    Raises:
        DataError: a patient is in both parts, in no table, or without a prediction; see ``clinical_logits``.
    """
    asked = list(test)
    learnt = rows_of(patients, list(train))
    twice = learnt.filter(pl.col("patient").is_in(asked))["patient"]
    if len(twice):
        raise DataError("A patient is both in training and in test.", where=f"patient {twice[0]}", more=len(twice) - 1)
    there = rows_of(patients, asked)
    return _rows(
        there,
        inputs,
        classes,
        lambda facts, way: clinical_logits(learnt, there, facts, classes, way=way, seed=seed),
        given={IMAGES: images, BOTH: both},
        part="test",
    )


def ablations_out_of_fold(
    patients: pl.DataFrame,
    inputs: Mapping[str, str],
    classes: Classes,
    *,
    seed: int,
    folds: int = 5,
    images: Predictions | None = None,
    both: Predictions | None = None,
) -> dict[str, Predictions]:
    """Return the same rows as ``ablations``, each patient predicted by models that did not learn from it.

    Args:
        patients: As there; those of unknown label are left out.
        inputs: As there.
        classes: As there.
        seed: Of the folds.
        folds: How many folds.
        images: Out-of-fold predictions by pictures alone.
        both: Out-of-fold predictions by pictures and facts.

    Raises:
        DataError: a patient is without a prediction; see ``out_of_fold_logits``.
    """
    known = patients.filter(pl.col("label").is_not_null())
    return _rows(
        known,
        inputs,
        classes,
        lambda facts, way: out_of_fold_logits(known, facts, classes, way=way, folds=folds, seed=seed),
        given={IMAGES: images, BOTH: both},
        part="out of fold",
    )


def _rows(
    patients: pl.DataFrame,
    inputs: Mapping[str, str],
    classes: Classes,
    rule: Rule,
    *,
    given: Mapping[str, Predictions | None],
    part: str,
) -> dict[str, Predictions]:
    asked: dict[str, tuple[Mapping[str, str], str]] = {
        f"{name}{ALONE}": ({name: kind}, "logistic") for name, kind in inputs.items()
    }
    asked |= {LOGISTIC: (inputs, "logistic"), BOOSTING: (inputs, "boosting")}
    rows = {
        title: predicted(patients, rule(facts, way), classes, part=part, run=title)
        for title, (facts, way) in asked.items()
    }
    names = patients["patient"].to_list()
    return rows | {title: _of(one, names, title) for title, one in given.items() if one is not None}


def _of(predictions: Predictions, names: list[str], title: str) -> Predictions:
    """Return the predictions of these patients in this order."""
    places = {name: place for place, name in enumerate(predictions.table["patient"])}
    missing = [name for name in names if name not in places]
    if missing:
        raise DataError(
            f"The predictions {title!r} lack a patient whom the facts are asked for.",
            where=f"patient {missing[0]}",
            more=len(missing) - 1,
        )
    table = predictions.table[[places[name] for name in names]]
    return replace(predictions, table=table.with_columns(run=pl.lit(title)))
