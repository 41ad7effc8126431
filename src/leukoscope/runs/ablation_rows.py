"""What stands beside a model of patients, as rows of ``scores.json``: each fact alone, all facts, the pictures."""

from __future__ import annotations

import functools
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

import polars as pl

from leukoscope.errors import DataError
from leukoscope.evaluation import choose_threshold, compare_pair, evaluate
from leukoscope.facts import FactsEncoder, ablations, strongest_fact, verdict
from leukoscope.facts.ablations import ALONE, ablations_out_of_fold
from leukoscope.predictions.table import Predictions
from leukoscope.recipes.schema import ThresholdSettings

COMPARED = ("roc_auc", "balanced_accuracy")


@dataclass(frozen=True)
class Asked:
    """One way to diagnose, on the validation and the test patients.

    Args:
        test: What it says of the test patients.
        threshold: Its operating threshold, chosen on validation; None for more than two classes, and 0.5 then counts
            where it is not known.
    """

    test: Predictions
    threshold: float | None


def usable_inputs(training: pl.DataFrame, inputs: Mapping[str, Any]) -> tuple[dict[str, Any], list[str]]:
    """Return the facts that the training patients can be told apart by, and a sentence for each of the others.

    Args:
        training: The training patients of known label, with their facts.
        inputs: Each fact and its scale, as in ``FactsEncoder.fit``.
    """
    kept, left_out = {}, []
    for name, kind in inputs.items():
        try:
            FactsEncoder.fit(training, {name: kind})
        except DataError as error:
            left_out.append(f"The fact {name!r} is left out: {error.what}")
        else:
            kept[name] = kind
    return kept, left_out


def facts_asked(
    patients: pl.DataFrame,
    inputs: Mapping[str, Any],
    *,
    train: Iterable[str],
    validation: Predictions,
    test: Predictions,
    settings: ThresholdSettings,
    seed: int,
) -> dict[str, Asked]:
    """Return what the facts alone say: learnt from the training patients, thresholds chosen on the validation patients.

    Args:
        patients: All patients: ``patient``, ``label``, the facts, ``group`` where known.
        inputs: Each fact and its scale; none give no row.
        train: The training patients.
        validation: Predictions of the validation patients, for who they are: none of the training patients, or, where
            the model is judged out of fold, all of them; the facts are then learnt out of fold too.
        test: Those of the test patients, likewise.
        settings: See ``own_threshold``.
        seed: The seed.

    Returns:
        Title to what is said, in the order of a table (``facts.ablations``).
    """
    if not inputs:
        return {}
    learnt, chosen_on, asked = list(train), validation.table["patient"].to_list(), test.table["patient"].to_list()
    asking = functools.partial(ablations, patients, inputs, test.classes, train=learnt, seed=seed)
    if set(chosen_on) <= set(learnt):  # a model that is judged out of fold stands beside facts out of fold
        own = patients.filter(pl.col("patient").is_in(chosen_on))
        of_test, of_validation = asking(test=asked), ablations_out_of_fold(own, inputs, test.classes, seed=seed)
    else:
        of_test = of_validation = asking(test=[*chosen_on, *asked])
    return {
        title: Asked(_like(one, test), own_threshold(_like(of_validation[title], validation), settings))
        for title, one in of_test.items()
    }


def own_threshold(validation: Predictions | None, settings: ThresholdSettings) -> float | None:
    """Return the threshold that something beside the model chooses on validation; None where it has none.

    Args:
        validation: What it says of the validation patients; None where that is not known.
        settings: The recipe's; a threshold that they fix is the network's own.
    """
    if validation is None or not validation.classes.binary:
        return None
    return choose_threshold(validation, maximize=settings.maximize, sensitivity=settings.sensitivity).value


def ablation_rows(model: Asked, beside: Mapping[str, Asked], *, title: str, seed: int) -> list[dict[str, Any]]:
    """Return the rows of the table, the model's last.

    Args:
        model: The run's model.
        beside: What stands beside it, by title; the same patients.
        title: What the model sees: ``images only`` or ``images and facts``.
        seed: Of the resamples.

    Returns:
        Each ``title``, ``model`` (whether it is the run's), ``patients`` (labelled ones), ``threshold``, ``scores``
        (``roc_auc`` and ``balanced_accuracy`` with ``value``, ``low``, ``high``, ``reason``) and ``difference``: by
        score what the model has more (``PairedDifference`` as JSON), or None where that is not defined.
    """
    rows = [
        {**_row(name, one, seed), "difference": {score: _difference(model, one, score, seed) for score in COMPARED}}
        for name, one in beside.items()
    ]
    return [*rows, {**_row(title, model, seed), "model": True}]


def fact_verdict(model: Asked, beside: Mapping[str, Asked], rows: Iterable[Mapping[str, Any]]) -> dict[str, Any] | None:
    """Return whether the model beats the strongest fact alone; None where no fact stands beside it.

    The fact is chosen in hindsight, on the test patients themselves: it is the hardest to beat.

    Args:
        model: The run's model.
        beside: What stands beside it.
        rows: What ``ablation_rows`` returned.

    Returns:
        ``sentence``, ``beats`` (None where not defined), ``against`` (the row's title), ``p`` of the paired test.
    """
    alone = {name: one.test for name, one in beside.items() if name.endswith(ALONE)}
    if not alone:
        return None
    against = strongest_fact(alone)
    found = next(row["difference"]["roc_auc"] for row in rows if row["title"] == against)
    p = None if found is None else found["p"]
    said = verdict(model.test, _like(alone[against], model.test), against=against.replace("_", " "), p=p)
    return {"sentence": said.sentence, "beats": said.beats, "against": against, "p": p}


def _row(title: str, one: Asked, seed: int) -> dict[str, Any]:
    found = evaluate(one.test, threshold=one.threshold, seed=seed)
    scores = {name: asdict(found[name]) for name in COMPARED}
    return {
        "title": title,
        "model": False,
        "patients": found.cells,
        "threshold": found.threshold,
        "scores": scores,
        "difference": None,
    }


def _difference(model: Asked, other: Asked, score: str, seed: int) -> dict[str, Any] | None:
    known = set(model.test.table["label"].drop_nulls())
    if known != set(model.test.classes.names):
        return None
    cuts = (model.threshold, other.threshold)
    return compare_pair(model.test, other.test, score=score, thresholds=cuts, seed=seed).as_json()


def _like(predictions: Predictions, wanted: Predictions) -> Predictions:
    """Return the rows of the wanted patients in their order, with their linked groups."""
    places = {name: place for place, name in enumerate(predictions.table["patient"])}
    table = predictions.table[[places[name] for name in wanted.table["patient"]]]
    return replace(predictions, table=table.with_columns(wanted.table["group"]))
