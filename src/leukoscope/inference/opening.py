"""What predicting cells and predicting patients begin with: a bundle that is ready, and what must be said of it."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Literal

from leukoscope.bundles.bundle import Bundle
from leukoscope.bundles.ensemble_bundle import AnyBundle, EnsembleBundle
from leukoscope.bundles.opening import open_bundle
from leukoscope.errors import SettingsError
from leukoscope.files import TABLE_ENDINGS
from leukoscope.training.device import choose_device


def opened(bundle: AnyBundle | Path | str, device: str) -> AnyBundle:
    """Return a bundle as it is, or read it from its folder onto the device."""
    if isinstance(bundle, Bundle | EnsembleBundle):
        return bundle
    return open_bundle(Path(bundle), device=choose_device(device))


def of_patients(bundle: AnyBundle) -> Bundle:
    """Return a bundle that diagnoses patients.

    Raises:
        SettingsError: it classifies cells.
    """
    refuse_other_task(bundle, "patients")
    assert isinstance(bundle, Bundle), "several models together are of cells"
    return bundle


def refuse_other_task(bundle: AnyBundle, task: Literal["cells", "patients"]) -> None:
    """Refuse a bundle of cells where patients are asked for, and the other way round.

    Raises:
        SettingsError: it is one.
    """
    if bundle.card.task != task:
        said = "diagnoses patients, not single cells" if task == "cells" else "classifies cells, it diagnoses nobody"
        raise SettingsError(f"The bundle {bundle.card.name!r} {said}.", where=str(bundle.folder))


def refuse_facts(facts: object) -> None:
    """Refuse facts of patients where cells are classified.

    Raises:
        SettingsError: there are some.
    """
    if facts is not None:
        raise SettingsError("The bundle classifies cells; it has no use for facts of patients.", do="Leave them out.")


def refuse_other_ending(out: Path) -> None:
    """Refuse a file of predictions that is neither csv nor parquet.

    Raises:
        SettingsError: it is neither.
    """
    if out.suffix not in TABLE_ENDINGS:
        raise SettingsError("The table of predictions must end in .csv or .parquet.", where=str(out))


def refuse_own_source(outs: Iterable[Path], given: Iterable[object]) -> None:
    """Refuse to write a table over the one that it is made of.

    Args:
        outs: The tables to write.
        given: Pictures and facts, as they were named; what is no path is passed over.

    Raises:
        SettingsError: one of the tables is one of these files.
    """
    read = {Path(one).resolve() for one in given if isinstance(one, str | Path)}
    for out in outs:
        if out.resolve() in read:
            raise SettingsError(
                "Predictions would be written over the table that they are made of.",
                where=str(out),
                do="Name another --out.",
            )
