"""What a report is made of: the tables of a run's folder, or of an evaluation's."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import polars as pl
import yaml

from leukoscope.errors import DataError
from leukoscope.files import read_json, read_table

FORMAT = 1
PATIENTS, PATIENTS_INDEX = "evidence_patients.csv", "patients/index.html"
IMPORTANCES, MEMBERS = "importances.csv", "members"
SHEETS = ("framing", "balance", "augmentation", "examples", "wrong", "unlike")


@dataclass(frozen=True)
class RunTables:
    """The tables in a folder; those that are not there are empty or None, and the page goes without them.

    Args:
        folder: The folder.
        scores: ``scores.json``; always there.
        run: ``run.json``; empty in an evaluation's folder.
        audit: ``audit.json``; None where there is none.
        recipe: ``recipe.yaml`` as text; None where there is none.
        history: ``history.csv``: ``epoch``, ``stage``, ``loss``, ``validation_<metric>``.
        network: ``network.csv``: ``layer``, ``kind``, ``output_shape``, ``parameters``, ``trained``, ``frozen``,
            ``fitted``, ``statistics``, ``trained_in``.
        wrong: ``wrong.csv``: ``id``, ``patient``, ``label``, ``called``, ``probability``.
        examples: ``examples.csv``: ``id``, ``label``, ``called``, ``guess_1``, ``probability_1`` and so on; None of two
            classes.
        unlike: ``unlike.csv``: ``id``, ``patient``, ``label``, ``distance``; None where the bundle cannot tell.
        gap: ``gap.json``, of the run on the paper's own split; None where there is none.
        stages: ``stages.csv``: ``stage``, ``trained_parts``, ``parameters``, ``trained``, ``frozen``, ``statistics``.
        composition: ``composition.csv``: ``class``, ``cells``, ``kept``, ``left_out``, ``copies``, ``seen``; None where
            every training cell is seen once an epoch. With bagging also ``whole``; where a stage samples by itself also
            ``stages``, the numbers of those that a row is of.
        bagging: ``bagging.csv``: ``class``, ``part``, ``groups``, ``cells``, ``whole``, ``copies``; None where the
            largest class is not divided among several models, and where the folder is that of all these models.
        joint: ``joint.json``, the plan of a joint model; None of any other.
        importances: ``importances.csv`` of the run, or of each model of several, by its path within the folder:
            ``name``, ``meaning``, ``unit``, ``log_loss_more``, ``deviation``, ``mean_CLASS``; empty where no head was
            fitted at once to named measures.
        pages: The page of each patient that has one, relative to the folder: ``patients/P1.html``.
        sheets: Pictures in ``figures/`` that the page shows, by name.
    """

    folder: Path
    scores: dict[str, Any]
    run: dict[str, Any]
    audit: dict[str, Any] | None
    recipe: str | None
    history: pl.DataFrame | None
    network: pl.DataFrame | None
    wrong: pl.DataFrame | None
    sheets: dict[str, Path]
    examples: pl.DataFrame | None = None
    unlike: pl.DataFrame | None = None
    gap: dict[str, Any] | None = None
    stages: pl.DataFrame | None = None
    pages: dict[str, str] = field(default_factory=dict)
    composition: pl.DataFrame | None = None
    importances: dict[str, pl.DataFrame] = field(default_factory=dict)
    bagging: pl.DataFrame | None = None
    joint: dict[str, Any] | None = None

    @property
    def name(self) -> str:
        """The run's name, the folder's where it has none."""
        return str(self.run.get("name") or self.scores.get("run") or self.folder.name)

    @property
    def out_of_fold(self) -> bool:
        """Whether the validation part was learnt from too, and all who were are scored out of fold in its place."""
        return bool(self.run.get("out_of_fold"))

    @property
    def index(self) -> str | None:
        """The index of the patients' pages, relative to the folder; None where there is none."""
        return PATIENTS_INDEX if (self.folder / PATIENTS_INDEX).is_file() else None

    @property
    def leakage(self) -> str | None:
        """The reason that was given for a leaking split; either table, or a part of the scores, may carry the mark."""
        own = (part.get("leakage") for part in self.scores["parts"].values())
        return self.scores.get("leakage") or self.run.get("leakage") or next(filter(None, own), None)

    @property
    def main_part(self) -> str:
        """The part that the first screen speaks of: the test part where there is one."""
        parts = self.scores["parts"]
        return next((name for name in ("test", "all") if name in parts), next(iter(parts)))

    @property
    def settings(self) -> dict[str, Any]:
        """The recipe as a mapping; empty where there is none."""
        return dict(yaml.safe_load(self.recipe) or {}) if self.recipe else {}


def read_tables(folder: Path) -> RunTables:
    """Read all that a report needs from a folder.

    Args:
        folder: A run's folder, or one with ``scores.json`` alone.

    Raises:
        DataError: there are no scores, they are of another format, or a table is damaged.
    """
    return RunTables(
        folder=folder,
        scores=_scores(folder),
        run=read_json(folder / "run.json") if (folder / "run.json").is_file() else {},
        audit=read_json(folder / "audit.json") if (folder / "audit.json").is_file() else None,
        recipe=_text(folder / "recipe.yaml"),
        history=_table(folder / "history.csv"),
        network=_table(folder / "network.csv"),
        stages=_table(folder / "stages.csv"),
        wrong=_table(folder / "wrong.csv", text=True),
        examples=_table(folder / "examples.csv", text=True),
        unlike=_table(folder / "unlike.csv", text=True),
        sheets={name: path for name in SHEETS if (path := folder / "figures" / f"{name}.png").is_file()},
        gap=read_json(folder / "gap.json") if (folder / "gap.json").is_file() else None,
        pages=_pages(folder),
        composition=_table(folder / "composition.csv"),
        importances=_importances(folder),
        bagging=_of_one_model(_table(folder / "bagging.csv")),
        joint=read_json(folder / "joint.json") if (folder / "joint.json").is_file() else None,
    )


def _scores(folder: Path) -> dict[str, Any]:
    path = folder / "scores.json"
    if not path.is_file():
        way = f"leukoscope train --resume --out {folder}" if (folder / "run.json").is_file() else "Check the folder."
        raise DataError("This folder has no scores to report.", where=str(path), do=way)
    scores: dict[str, Any] = read_json(path)
    if scores.get("format") != FORMAT:
        raise DataError(f"These scores are not of format {FORMAT}.", where=str(path))
    if not scores.get("parts"):
        raise DataError("These scores have no part.", where=str(path))
    return scores


def _pages(folder: Path) -> dict[str, str]:
    table = _table(folder / PATIENTS, text=True)
    if table is None:
        return {}
    named = ((row["patient"], f"patients/{row['stem']}.html") for row in table.iter_rows(named=True))
    return {patient: page for patient, page in named if (folder / page).is_file()}


def _importances(folder: Path) -> dict[str, pl.DataFrame]:
    """Return what heads go by, by the table's path within the folder: the run's own, or those of its members."""
    paths = [folder / IMPORTANCES, *sorted(folder.glob(f"{MEMBERS}/*/{IMPORTANCES}"))]
    return {path.relative_to(folder).as_posix(): table for path in paths if (table := _table(path)) is not None}


def _text(path: Path) -> str | None:
    return path.read_text(encoding="utf-8") if path.is_file() else None


def _of_one_model(bagging: pl.DataFrame | None) -> pl.DataFrame | None:
    """Return the table but where it names models: an ensemble's, which has its own section."""
    return None if bagging is None or "model" in bagging.columns else bagging


def _table(path: Path, *, text: bool = False) -> pl.DataFrame | None:
    if not path.is_file():
        return None
    table = read_table(path, text=text)
    return table if table.height else None
