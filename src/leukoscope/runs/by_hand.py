"""The hand-crafted baseline of a run, kept in its folder so that an ensemble of runs can be held against it too."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from leukoscope.audit.shortcuts import by_hand, held_against
from leukoscope.pictures.handcrafted import HANDCRAFTED
from leukoscope.predictions.table import Predictions
from leukoscope.runs.folder import RunFolder
from leukoscope.runs.preparation import Prepared

NAME = HANDCRAFTED.name


def beside_run(folder: RunFolder, prepared: Prepared, test: Predictions, *, whole: bool) -> dict[str, Any]:
    """Return the hand-crafted baseline of a run by its name, and keep what it says of the test part.

    Args:
        folder: The run's folder.
        prepared: What the run works on.
        test: What the run says of its test part.
        whole: Whether the validation part was learnt from too.

    Returns:
        Nothing where it was not measured (``preparation.prepare``), or where there is nothing to learn from.
    """
    measured = prepared.intake.measured.get(NAME)
    if measured is None:
        return {}
    rule = by_hand(prepared.intake.cohort, measured, prepared.split, test, whole=whole)
    if rule is None:
        return {}
    rule.save(_file(folder.path))
    return {NAME: held_against(test, rule)}


def beside_ensemble(members: Sequence[Path], test: Predictions, baselines: dict[str, Any]) -> dict[str, Any]:
    """Return the baselines of an ensemble: those of its first member, the hand-crafted one held against the ensemble.

    What a few numbers of each picture tell is the same for all members: it is of the split, not of a network.

    Args:
        members: The members' folders.
        test: What the ensemble says of the test part.
        baselines: ``baselines`` of the first member's ``scores.json``.
    """
    others = {name: entry for name, entry in baselines.items() if name != NAME}
    kept = next((path for path in map(_file, members) if path.is_file()), None)
    if kept is None:
        return others
    return {NAME: held_against(test, Predictions.load(kept, test.classes)), **others}


def _file(folder: Path) -> Path:
    return folder / "baselines" / f"{NAME}.parquet"
