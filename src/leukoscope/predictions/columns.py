"""Which column of a stranger's table means what."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from leukoscope.errors import DataError, SettingsError, nearest

IDS = "id new_names new_name cell_id image_id image_name file_name filename name names image images file files path img"
NAMES = {
    "id": tuple(IDS.split()),
    "called": ("called", "predicted", "prediction", "predictions", "predicted_label", "pred", "preds", "y_pred"),
    "label": ("label", "labels", "truth", "true_label", "target", "y_true", "class", "y"),
    "patient": ("patient", "patient_id", "patients", "subject", "subject_id", "subjects"),
    "probability": ("probability", "prob", "p", "score", "p_positive", "y_score", "y_prob"),
}
OWN = ("group", "part", "patient_label", "run", "leakage", "logit", "problem")
OF_CLASS = "p_"


@dataclass(frozen=True)
class Columns:
    """Where a table has what.

    Args:
        roles: A role (``id``, ``called``, ``label``, ``patient``, ``probability`` of the positive class, or one of
            Leukoscope's own columns) to the column that has it.
        probabilities: A class to the column of its probabilities.
    """

    roles: dict[str, str]
    probabilities: dict[str, str]


def recognise(table: pl.DataFrame, asked: Mapping[str, str], classes: Iterable[str] = ()) -> Columns:
    """Find columns by their names, in either case; where one is asked for, that one is taken.

    Args:
        table: The table.
        asked: A role, or ``p_CLASS``, to a column; those that the table does not have are passed over.
        classes: Classes whose probabilities may stand in a column of their plain name.

    Example:
        >>> recognise(pl.DataFrame({"Image": ["1.bmp"], "p_hem": [0.1], "p_all": [0.9]}), {})
        Columns(roles={'id': 'Image'}, probabilities={'hem': 'p_hem', 'all': 'p_all'})
    """
    lower = {name.strip().lower(): name for name in reversed(table.columns)}
    roles = {role: name for role, names in NAMES.items() if (name := _first(names, lower)) is not None}
    roles |= {role: lower[role] for role in OWN if role in lower}
    plain = {name: column for name in classes if (column := _first((name.lower(),), lower)) is not None}
    marked = {name[len(OF_CLASS) :]: name for name in table.columns if name.startswith(OF_CLASS)}
    probabilities = plain | {name: column for name, column in marked.items() if column != roles.get("probability")}
    for role, column in asked.items():
        if column not in table.columns:
            continue
        if role.startswith(OF_CLASS):
            probabilities[role.removeprefix(OF_CLASS)] = column
        else:
            roles[role] = column
    return Columns(roles, probabilities)


def check_asked(asked: Mapping[str, str], tables: Mapping[Path, pl.DataFrame]) -> None:
    """Refuse a column that was asked for and is in no table, and a role that there is not.

    Args:
        asked: A role, or ``p_CLASS``, to a column.
        tables: The tables by their files.

    Raises:
        SettingsError: an unknown role.
        DataError: an unknown column.
    """
    roles = [*NAMES, *OWN, "p_CLASS"]
    there = {name for table in tables.values() for name in table.columns}
    for role, column in asked.items():
        if role not in roles and not role.startswith(OF_CLASS):
            raise SettingsError(f"No column can be a {role!r}.", do=nearest(role, roles))
        if column not in there:
            where = ", ".join(str(path) for path in tables)
            raise DataError(f"There is no column {column!r}.", where=where, do=nearest(column, there))


def _first(names: Iterable[str], lower: Mapping[str, str]) -> str | None:
    return next((lower[name] for name in names if name in lower), None)
