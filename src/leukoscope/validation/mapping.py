"""Another cohort under a bundle's classes, and what it lacks of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from leukoscope.bundles.ensemble_bundle import AnyBundle
from leukoscope.cohort.class_maps import ClassMap, load_class_map
from leukoscope.cohort.cohort import Cohort
from leukoscope.cohort.of_patients import of_patients
from leukoscope.cohort.splits.labels import known_labels
from leukoscope.cohort.under_classes import UNMAPPED, class_map_for, under_classes
from leukoscope.errors import DataError, counted

GivenMap = str | Path | ClassMap | Mapping[str, str] | None


@dataclass(frozen=True)
class Mapped:
    """A cohort under a bundle's classes.

    Args:
        cohort: The cohort; of patients where the bundle is of patients.
        classes: Which of its values became which class.
        by: The column that was looked up.
        absent: Classes of the bundle of which it has none.
        notes: What a reader must know of it, a sentence each.
    """

    cohort: Cohort
    classes: dict[str, str]
    by: str
    absent: tuple[str, ...]
    notes: tuple[str, ...]


def mapped(cohort: Cohort, bundle: AnyBundle, class_map: GivenMap, by: str | None) -> Mapped:
    """Return a cohort under a bundle's classes.

    Args:
        cohort: The cohort as it was read.
        bundle: The bundle.
        class_map: A map's name, a YAML file, a ``ClassMap``, or a mapping from the cohort's values to the bundle's
            classes; classes of equal names where None.
        by: The column of the cells that the map looks up; the map's own, or ``label``, where None.

    Raises:
        SettingsError: no class has an equal name, a class or column that there is not, or no such map.
        DataError: no cell, or patient, has a class that the bundle knows.
    """
    known = load_class_map(class_map) if isinstance(class_map, str | Path) else class_map
    chosen = class_map_for(cohort, bundle.classes, known, by, of=bundle.card.name)
    found = under_classes(cohort, chosen, bundle.classes)
    found = of_patients(found) if bundle.card.task == "patients" else found
    labelled = known_labels(found) if bundle.card.task == "patients" else found.labelled
    if not labelled.height:
        raise DataError(
            f"No {bundle.card.task.removesuffix('s')} of {cohort.name!r} has a label of its own, so nothing can be "
            "scored.",
            do="Take a bundle of patients." if bundle.card.task == "cells" else "Give the patients labels.",
        )
    there = set(labelled["label"].unique())
    absent = tuple(name for name in bundle.classes.names if name not in there)
    return Mapped(found, dict(chosen.classes), chosen.by, absent, _notes(found, bundle, absent))


def _notes(cohort: Cohort, bundle: AnyBundle, absent: tuple[str, ...]) -> tuple[str, ...]:
    notes = []
    if absent:
        what = counted(len(absent), "class", "classes")
        notes.append(f"Of the bundle's {len(bundle.classes)} classes {what} cannot be measured here, none being there: "
                     f"{', '.join(absent)}.")  # fmt: skip
    unnamed = int((cohort.cells["excluded"] == UNMAPPED).sum())
    if unnamed:
        notes.append(f"Left out, of no class that the bundle knows: {counted(unnamed, 'cell')}.")
    return tuple(notes)
