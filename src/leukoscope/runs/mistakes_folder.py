"""The errors of several models on the same cells, as a folder: tables, pictures, and a page."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal

from leukoscope.errors import SettingsError, counted
from leukoscope.evaluation.scoring import Resampling
from leukoscope.files import replacing_folder, write_json, write_table
from leukoscope.mistakes import Judged, error_tables, judge
from leukoscope.mistakes.counting import patients_of
from leukoscope.mistakes.rates import units_among
from leukoscope.reports.mistakes_folder import MistakesFolder
from leukoscope.reports.mistakes_page import write_mistakes_page
from leukoscope.runs.folder import versions
from leukoscope.runs.members import PARTS, Members
from leukoscope.runs.mistakes import FORMAT, Mistakes
from leukoscope.runs.mistakes_pictures import Pictures, find_pictures, measured, write_error_sheets
from leukoscope.runs.run import Run

Part = Literal["validation", "test"]
FEW_PATIENTS = 10
ON_VALIDATION = "Epochs and thresholds were chosen on these cells: what is missed here is less than on others."
NO_PATIENTS = "The patients are not known. Cells of one patient are not independent, so there is no interval."


def write_mistakes(
    members: Members,
    out: Path | str,
    *,
    part: Part = "test",
    data: Path | str | None = None,
    how: Resampling | None = None,
) -> Mistakes:
    """Write the error analysis of several models, or of one.

    The folder is new, empty, or holds an earlier error analysis, which is replaced once the new one is whole. Called
    again with the same models it gives the same bytes.

    Args:
        members: The models.
        out: The folder.
        part: The cells whose errors are looked at. Likely label errors are looked for in both parts.
        data: Where the data set's folder is now; where the runs had it if not given. Without pictures the tables and
            the page are written all the same, and say so.
        how: How intervals are made; 95 %, 2,000 replicates, seed 0 if not given.

    Raises:
        SettingsError: the folder holds something else, or the part is neither.
        DataError: the rows are patients, or the models are not of the same cells and split.
    """
    place, how = MistakesFolder(Path(out).resolve()), how or Resampling()
    refuse_other_folder(place)
    if part not in PARTS:
        raise SettingsError(f"There are the parts validation and test; got {part!r}.")
    judged = {name: _judged(members, name) for name in PARTS}
    every = [name for one in judged.values() for name in one.table["id"]]
    pictures = find_pictures(members, every, None if data is None else Path(data))
    found, properties = measured(pictures, judged[part].table["id"].to_list())
    tables = error_tables(judged[part], unlearnt=list(judged.values()), properties=properties, how=how)
    if properties is not None:
        tables["properties"] = properties
    with replacing_folder(place.path) as path:
        new = MistakesFolder(path)
        write_json(new.record, _record(members, judged, part, how, found))
        for name, table in tables.items():
            write_table(new.table(name), table)
        if isinstance(found, Pictures):
            write_error_sheets(found, tables["shown"], new)
        write_mistakes_page(path)
    return Mistakes(place.path)


def refuse_other_folder(folder: MistakesFolder) -> None:
    """Refuse a folder that holds anything but an earlier error analysis; one that is new or empty is fine.

    Raises:
        SettingsError: it is a file, or holds something else.
    """
    if not folder.path.exists():
        return
    if folder.path.is_dir():
        held = {entry.name for entry in folder.path.iterdir()}
        if not held or (folder.record.name in held and held <= folder.own):
            return
    what = "This folder is not empty, and holds something else than an error analysis."
    raise SettingsError(what, where=str(folder.path), do="Name another --out.")


def _judged(members: Members, part: str) -> Judged:
    said = {member.name: member.said[part] for member in members.members}
    return judge(said, {member.name: member.threshold for member in members.members})


def _record(
    members: Members, judged: dict[str, Judged], part: Part, how: Resampling, found: Pictures | str
) -> dict[str, Any]:
    own = judged[part]
    every, classes = own.truth >= 0, own.classes
    units = units_among(own, every)
    return {
        "format": FORMAT,
        "leukoscope": versions()["leukoscope"],
        "part": part,
        "models": [
            {"name": member.name, "source": _source(member.run), "threshold": member.threshold}
            for member in members.members
        ],
        "cells": own.table.height,
        "patients": patients_of(own, every),
        "classes": list(classes.names),
        "titles": list(classes.titles),
        "leakage": own.aligned.leakage,
        "label_parts": list(judged),
        "interval": {
            "level": how.level,
            "replicates": how.replicates,
            "seed": how.seed,
            "unit": units.kind,
            "clusters": units.number,
        },
        "pictures": found if isinstance(found, str) else None,
        "notes": _notes(own, part, units.number),
    }


def _source(run: Run | None) -> str:
    return "a table of predictions" if run is None else str(run.folder)


def _notes(judged: Judged, part: Part, units: int) -> list[str]:
    """Return what must be known before any number is read."""
    notes = [ON_VALIDATION] if part == "validation" else []
    if not judged.patients_known:
        return [*notes, NO_PATIENTS]
    if units < FEW_PATIENTS:
        notes.append(f"There are only {counted(units, 'patient')} (linked ones count as one): intervals are wide.")
    return notes
