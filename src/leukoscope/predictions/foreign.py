"""Reading prediction files that others made."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from pathlib import Path

import polars as pl

from leukoscope.cohort.classes import Classes
from leukoscope.cohort.readers.cnmc import CLASSES as CNMC_CLASSES
from leukoscope.errors import DataError, LeukoscopeWarning, counted
from leukoscope.predictions.cnmc_names import all_cnmc, named_classes, subjects
from leukoscope.predictions.columns import check_asked
from leukoscope.predictions.matching import refuse_repeats, rows_of
from leukoscope.predictions.sheet import Sheet
from leukoscope.predictions.table import Predictions
from leukoscope.predictions.values import class_names, classes_in, probabilities_in, sorted_values

REFERRED = "referred"
KEPT = ("group", "part", "patient_label", "run", "leakage")


def read_foreign(
    path: Path,
    *,
    labels: Path | None = None,
    classes: Classes | None = None,
    columns: Mapping[str, str] | None = None,
) -> Predictions:
    """Read predictions from a csv or parquet file, whoever made it, and bring the true labels to them.

    Columns are recognised by name, in either case. Of the predictions: a name (``id``, ``new_names``, ``file``,
    ``image`` ...); and either probabilities (``p_CLASS``, or a column named as the class; of two classes one of them is
    enough, or ``probability`` of the positive one) or called classes (``called``, ``prediction`` ...; also ``labels``,
    where the true ones come from another file). Of the labels: a name, ``label``, and ``patient`` where it is known;
    both may stand in the predictions' file too. Rows are matched by name, or else without folder and ending. Files
    that Leukoscope wrote are read as they are, those that are ``referred`` too; rows whose picture could not be read
    (``problem``) are left out with a warning, and so are their labels.

    Where every name follows C-NMC's rule ``UID_<subject>_<picture>_<cell>_<all|hem>``, the patient is the subject, and
    0 and 1 are ``hem`` and ``all``. Where every name is its own patient's, the rows are patients (``unit``).

    Args:
        path: The predictions.
        labels: The true labels; they come before any that stand with the predictions.
        classes: The classes; else they are found: from the probability columns, from C-NMC's names, or from the values
            in their sorted order (the last of two is positive). Numbers are places; of two classes 1 is positive.
        columns: Which column is what where it is not recognised: ``{"id": "file", "label": "truth", "p_all": "prob"}``.

    Raises:
        DataError: a file or column is missing, a name stands twice or on one side only, a class is unknown, a
            probability is missing or none, labels contradict C-NMC's names.
        SettingsError: ``columns`` names something that a column cannot be.
    """
    asked = dict(columns or {})
    predicted = Sheet.read(path, asked, classes.names if classes else ())
    labelled = predicted if labels is None else Sheet.read(labels, asked)
    check_asked(asked, {path: predicted.table, labelled.path: labelled.table})
    names = predicted.need("id", "the names of the cells")
    refuse_repeats(_within_part(predicted, names), predicted)
    truth = _truth(names, predicted, labelled)
    predicted, truth = _readable(predicted, truth)
    return _predictions(predicted, truth, labelled, classes)


def _within_part(sheet: Sheet, names: pl.Series) -> pl.Series:
    keys = [key for role in ("part", "run") if (key := sheet.get(role)) is not None]
    if not any(key.n_unique() > 1 for key in keys):
        return names
    return pl.DataFrame([names, *keys]).select(pl.concat_str(pl.all(), separator=" in ", ignore_nulls=True)).to_series()


def _truth(names: pl.Series, predicted: Sheet, labelled: Sheet) -> pl.DataFrame:
    """Return, for each prediction, its row in the labels, the label and patient as written, and a C-NMC name."""
    if labelled is predicted:
        place, known = pl.int_range(len(names), dtype=pl.Int64, eager=True), names
        label = predicted.get("label")
    else:
        known = labelled.need("id", "the names of the cells")
        place = rows_of(names, predicted, known, labelled)
        label = labelled.need("label", "the true labels")
    patient = labelled.get("patient")
    empty = pl.Series([None] * len(names), dtype=pl.String)
    telling = next((column for column in (patient, known, names) if column is not None and all_cnmc(column)), None)
    if telling is not None:
        patient = subjects(telling)
    own = predicted.get("patient")
    columns = {"label": label, "patient": patient, "name": telling}
    taken = {role: empty if column is None else column.gather(place) for role, column in columns.items()}
    found = pl.DataFrame({"place": place, "id": names} | taken)
    return found if own is None else found.with_columns(pl.coalesce("patient", own.alias("own")))


def _readable(predicted: Sheet, truth: pl.DataFrame) -> tuple[Sheet, pl.DataFrame]:
    problem = predicted.get("problem")
    if problem is None or problem.null_count() == len(problem):
        return predicted, truth
    left_out = len(problem) - problem.null_count()
    rows = counted(left_out, "row")
    warnings.warn(f"{predicted.path}: {rows} with a problem (no prediction) left out.", LeukoscopeWarning, stacklevel=3)
    return predicted.keep(problem.is_null()), truth.filter(problem.is_null())


def _predictions(predicted: Sheet, truth: pl.DataFrame, labelled: Sheet, classes: Classes | None) -> Predictions:
    called = _called(predicted, has_labels=labelled is not predicted)
    classes = classes or _classes(predicted, called, truth)
    probabilities = probabilities_in(predicted, classes)
    if probabilities is None and called is None:
        raise DataError(
            f"There are neither probabilities nor called classes; there are: {', '.join(predicted.table.columns)}.",
            where=str(predicted.path),
            do="If the labels there are the predictions, give the true ones: --labels FILE.",
        )
    table = {"id": truth["id"], "patient": truth["patient"]}
    table |= {role: column for role in KEPT if (column := predicted.get(role)) is not None}
    table["label"] = _labels(truth, labelled, classes)
    if called is not None:
        table["called"] = class_names(called, classes, predicted, "called class")
        if probabilities is None:
            predicted.refuse(called.is_null(), "A row has no called class.")
    if probabilities is not None:
        table |= {name: probabilities[name] for name in probabilities.columns}
    if "logit" in predicted.columns.roles:
        table["logit"] = predicted.table[predicted.columns.roles["logit"]].cast(pl.Float64, strict=False)
    made = pl.DataFrame(table).with_columns(*_referred(predicted))
    by_patient = made["patient"].null_count() == 0 and bool((made["id"] == made["patient"]).all())
    return Predictions(made, classes, "patient" if by_patient and made.height else "cell")


def _referred(predicted: Sheet) -> list[pl.Series]:
    """Return Leukoscope's own column ``referred`` in a list, empty where the predictions have none."""
    found = [name for name in predicted.table.columns if name.strip().lower() == REFERRED]
    return [predicted.table[name].cast(pl.String).str.to_lowercase().eq("true").alias(REFERRED) for name in found[:1]]


def _called(predicted: Sheet, *, has_labels: bool) -> pl.Series | None:
    called = predicted.get("called")
    alone = called is None and not predicted.columns.probabilities and "probability" not in predicted.columns.roles
    return predicted.get("label") if alone and has_labels else called


def _classes(predicted: Sheet, called: pl.Series | None, truth: pl.DataFrame) -> Classes:
    if len(predicted.columns.probabilities) > 1:
        return classes_in(predicted.columns.probabilities)
    if truth["name"].null_count() == 0:
        return CNMC_CLASSES
    return classes_in(sorted_values([truth["label"], *([] if called is None else [called])]))


def _labels(truth: pl.DataFrame, labelled: Sheet, classes: Classes) -> pl.Series:
    # The truth stands in the order of the predictions; messages name rows in the order of the labels' file.
    sheet = labelled.take(truth["place"])
    found = class_names(truth["label"], classes, sheet, "label")
    if set(classes.names) == set(CNMC_CLASSES.names) and truth["name"].null_count() == 0:
        against = found != named_classes(truth["name"])
        if against.any():
            shown, name = found.filter(against)[0], truth["name"].filter(against)[0]
            sheet.refuse(against, f"The label {shown!r} contradicts the name {name!r}.", do="Is 1 the class all?")
    return found
