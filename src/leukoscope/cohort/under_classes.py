"""A cohort under the classes of something else, a base cohort or a model: by a class map, or by equal names."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import polars as pl

from leukoscope.cohort.class_maps import ClassMap
from leukoscope.cohort.classes import Classes
from leukoscope.cohort.cohort import Cohort
from leukoscope.errors import DataError, SettingsError, nearest

UNMAPPED = "its class is not in the class map"


def class_map_for(
    cohort: Cohort, classes: Classes, given: ClassMap | Mapping[str, str] | None, by: str | None, *, of: str
) -> ClassMap:
    """Return the class map by which a cohort gets other classes.

    Args:
        cohort: The cohort.
        classes: The classes that it gets.
        given: A ``ClassMap``, or a mapping from the cohort's values to ``classes``; equal names where None.
        by: The column of the cells that the map looks up; the map's own where None.
        of: Whose the classes are, for messages.

    Raises:
        SettingsError: no class has an equal name, the map names an unknown class, or there is no column ``by``.
    """
    if given is None:
        given = {name: name for name in cohort.classes.names if name in classes.names}
        if not given:
            theirs, ours = ", ".join(cohort.classes.names), ", ".join(classes.names)
            do = "Name a class map: which of their classes is which of ours."
            raise SettingsError(f"No class of {cohort.name!r} ({theirs}) has the name of one here ({ours}).", do=do)
    chosen = given if isinstance(given, ClassMap) else ClassMap(given)
    chosen = chosen if by is None else replace(chosen, by=by)
    for target in chosen.classes.values():
        if target not in classes.names:
            do = nearest(target, classes.names)
            raise SettingsError(f"The class map leads to {target!r}, which is no class of {of!r}.", do=do)
    if chosen.by not in cohort.cells.columns:
        do = nearest(chosen.by, cohort.cells.columns)
        raise SettingsError(f"The cells of {cohort.name!r} have no column {chosen.by!r} to map by.", do=do)
    return chosen


def under_classes(cohort: Cohort, chosen: ClassMap, classes: Classes) -> Cohort:
    """Return a cohort under other classes, with all its cells in their order.

    Cells that the map does not name are excluded, not dropped, since an identical picture may tie two patients
    together. In a data set that labels patients only, the cells of patients whom the map names are usable. Patients
    keep a label of their own only where the map is by ``label``.

    Args:
        cohort: The cohort.
        chosen: From ``class_map_for``.
        classes: The classes that it gets.

    Raises:
        DataError: no cell is in the map.
    """
    own = _label("label", chosen) if chosen.by == "label" else pl.lit(None, pl.String)
    patients = cohort.patients.with_columns(label=own)
    of_patient = patients.filter(pl.col("label").is_not_null())["patient"].implode()
    unlabelled = pl.lit(cohort.cells["label"].is_null()) & pl.col("patient").is_in(of_patient).fill_null(value=False)
    cells = cohort.cells.with_columns(label=_label(chosen.by, chosen))
    named = pl.col("label").is_not_null() | unlabelled
    if cells.filter(named & pl.col("excluded").is_null()).is_empty():
        values = cohort.usable[chosen.by].drop_nulls().cast(pl.String).unique().sort()
        raise DataError(
            f"No cell of {cohort.name!r} is in the class map, by the column {chosen.by!r}.",
            do=f"Its values: {', '.join(values) or 'none'}; the map names: {', '.join(chosen.classes)}.",
        )
    unnamed = pl.when(~named).then(pl.lit(UNMAPPED))
    cells = cells.with_columns(excluded=pl.coalesce("excluded", unnamed))
    return replace(cohort, cells=cells, classes=classes, patients=patients)


def _label(column: str, chosen: ClassMap) -> pl.Expr:
    return pl.col(column).cast(pl.String).replace_strict(chosen.classes, default=None, return_dtype=pl.String)
