"""Models of the facts alone: what the pictures must beat. A new one is a function here and a line in ``CLINICAL``."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl
from sklearn.ensemble import HistGradientBoostingClassifier

from leukoscope.cohort.classes import Classes
from leukoscope.errors import SettingsError, nearest
from leukoscope.facts.encoding import FactsEncoder
from leukoscope.facts.folds import patient_folds
from leukoscope.facts.logistic import Floats, Ints, LogisticModel
from leukoscope.facts.patients import linked, targets
from leukoscope.randomness import integer

Values = npt.NDArray[Any]
Scorer = Callable[[Values], Floats]
Way = Callable[[Values, Ints, Sequence[str], int, int], Scorer]


def logistic(values: Values, truth: Ints, groups: Sequence[str], classes: int, seed: int) -> Scorer:
    """Learn a logistic regression with L2 penalty (``LogisticModel``).

    Args:
        values: (n, f), encoded facts of the training patients.
        truth: (n,) int64, as ``targets`` returns it.
        groups: The linked group of each patient.
        classes: How many classes there are.
        seed: Of the folds in which the penalty is chosen.

    Returns:
        A function from (m, f) values to (m, o) float64 logits.
    """
    names = [str(place) for place in range(values.shape[1])]
    return LogisticModel.fit(values, truth, groups, names=names, seed=seed, classes=classes).logits


def boosting(values: Values, truth: Ints, groups: Sequence[str], classes: int, seed: int) -> Scorer:  # noqa: ARG001
    """Learn boosted trees (Friedman 2001, Annals of Statistics 29:1189): depth 3, 60 rounds, 5 patients a leaf.

    Small on purpose: it sees some dozens of patients. It draws nothing at random. Arguments as in ``logistic``.
    """
    model = HistGradientBoostingClassifier(
        max_depth=3, max_iter=60, min_samples_leaf=5, early_stopping=False, random_state=0
    )
    model.fit(values, truth)
    return lambda asked: np.asarray(model.decision_function(asked), dtype=np.float64).reshape(len(asked), -1)


CLINICAL: dict[str, Way] = {"logistic": logistic, "boosting": boosting}


def clinical_logits(
    train: pl.DataFrame,
    asked: pl.DataFrame,
    inputs: Mapping[str, str],
    classes: Classes,
    *,
    way: str = "logistic",
    seed: int,
) -> Floats:
    """Learn from training patients' facts and return the logits of others.

    Args:
        train: The training patients: ``patient``, ``label``, the facts, ``group`` where known. Those of unknown label
            are left out.
        asked: The m patients to score: ``patient`` and the facts.
        inputs: As in ``FactsEncoder.fit``, which is fitted on the training patients.
        classes: The classes.
        way: ``logistic`` or ``boosting``.
        seed: The seed.

    Returns:
        (m, o) float64: o = 1, the positive class's logit, for two classes, else one a class.

    Raises:
        SettingsError: there is no such way.
        DataError: see ``FactsEncoder.fit`` and ``LogisticModel.fit``.
    """
    if way not in CLINICAL:
        raise SettingsError(f"There is no clinical model {way!r}.", do=nearest(way, CLINICAL))
    known = train.filter(pl.col("label").is_not_null())
    encoder = FactsEncoder.fit(known, inputs)
    truth = targets(known["label"], classes)
    score = CLINICAL[way](encoder.encode(known), truth, linked(known), len(classes), seed)
    return score(encoder.encode(asked))


def out_of_fold_logits(
    patients: pl.DataFrame,
    inputs: Mapping[str, str],
    classes: Classes,
    *,
    way: str = "logistic",
    folds: int = 5,
    seed: int,
) -> Floats:
    """Return logits of patients by models that saw neither them nor whoever is linked to them.

    Folds are stratified by class; encoder, penalty and model are fitted anew on the other folds.

    Args:
        patients: As ``train`` in ``clinical_logits``, each with a label.
        inputs: As there.
        classes: As there.
        way: As there.
        folds: How many folds, 2 or more; fewer where a class stands in fewer linked groups.
        seed: The seed of the folds.

    Returns:
        (n, o) float64, in the order of the patients.

    Raises:
        DataError: a class stands in fewer than two linked groups; see ``clinical_logits``.
        SettingsError: there is no such way.
    """
    fold = patient_folds(targets(patients["label"], classes), linked(patients), folds, integer(seed, "facts"))
    logits = np.full((patients.height, 1 if classes.binary else len(classes)), np.nan)
    for one in range(int(fold.max()) + 1):
        train, asked = patients.filter(pl.Series(fold != one)), patients.filter(pl.Series(fold == one))
        within = integer(seed, "facts", one)
        logits[fold == one] = clinical_logits(train, asked, inputs, classes, way=way, seed=within)
    return logits
