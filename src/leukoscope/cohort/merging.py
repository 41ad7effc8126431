"""Two cohorts become one: the other's cells under the base's classes, by a class map."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import polars as pl

from leukoscope.cohort.class_maps import ClassMap
from leukoscope.cohort.classes import Classes
from leukoscope.cohort.cohort import Cohort
from leukoscope.cohort.merging_notes import merging_notes
from leukoscope.cohort.merging_tables import joined, joined_marks, prefixed, refuse_shared_names, under_one_root
from leukoscope.errors import DataError, SettingsError, nearest

TRAINING_ONLY = "training_only"
UNMAPPED = "its class is not in the class map"


def merge(
    base: Cohort,
    other: Cohort,
    class_map: ClassMap | Mapping[str, str] | None = None,
    *,
    by: str | None = None,
    training_only: bool = False,
    prefix: str | None = None,
) -> Cohort:
    """Add the cells of another data set to a cohort, under the cohort's own classes.

    The base keeps its names, so its splits, its official parts and what is known of its patients hold as before. The
    other's ids, patients and places get a prefix (``pbc/BA_1``), so that none can meet one of the base's by chance;
    the column ``source`` says where each cell came from. No picture is opened.

    Args:
        base: The cohort whose classes count.
        other: The cohort that is added.
        class_map: A ``ClassMap``, or a mapping from the other's values to the base's classes; cells of other values
            stay, excluded, and are counted in the notes. Classes of the same names where not given.
        by: The column of the other's cells that the map looks up, ``label`` or a finer one such as ``subtype``; the
            map's own where not given.
        training_only: Whether the other's cells may only be trained on: the column ``training_only`` (boolean) is then
            true for them, and no split puts them anywhere else.
        prefix: What the other's names begin with; its own name where not given.

    Returns:
        The cohort, named ``base+other``, with the base's classes and reader. Its root is the folder above both roots
        (they can be moved together). Every cell of the other stays, excluded ones with their reasons: an identical
        picture among them may tie two patients together. Columns of both tables are kept, null
        where one cohort has none; a column whose kind differs is kept as ``prefix_column``. The other's patients keep a
        label of their own only where the map is by ``label``. Marks and known links join too.

    Raises:
        SettingsError: the map names a class that the base does not have, the other has no column ``by``, or the
            prefix is empty or begins or ends with ``/``.
        DataError: no cell of the other is in the map, or an id stands in both.

    Example:
        >>> from leukoscope.cohort import Classes
        >>> from pathlib import Path
        >>> cells = pl.DataFrame({"id": ["1", "2"], "path": ["1.png", "2.png"], "subtype": ["MY", "PLATELET"]})
        >>> one = Cohort.from_cells("one", Path("/data/one"), cells, Classes(("myelocyte", "blast")))
        >>> two = Cohort.from_cells("two", Path("/data/two"), cells, Classes(("ig", "platelet")))
        >>> merge(one, two, {"MY": "myelocyte"}, by="subtype").cells.select("id", "label", "excluded").rows()[1:]
        [('2', None, None), ('two/1', 'myelocyte', None), ('two/2', None, 'its class is not in the class map')]
    """
    name = _prefix(other.name if prefix is None else prefix)
    chosen = _class_map(base, other, class_map, by)
    added = prefixed(_mapped(other, chosen, base.classes), name)
    marks: list[pl.Expr] = [pl.lit(value=True).alias(TRAINING_ONLY)] if training_only else []
    marks += [pl.lit(prefix).alias("source")] if prefix is not None else []
    base, added = under_one_root(base, replace(added, cells=added.cells.with_columns(marks)))
    refuse_shared_names(base, added)
    merged, clashes = _together(base, added, name)
    notes = merging_notes(merged, added, other, chosen, training_only=training_only, clashes=clashes)
    return replace(merged, notes=(*base.notes, *(f"{name}: {note}" for note in other.notes), *notes))


def _together(base: Cohort, added: Cohort, prefix: str) -> tuple[Cohort, tuple[str, ...]]:
    """Return both cohorts as one, and the columns of what was added that had to be renamed."""
    cells, clashes = joined(base.cells, added.cells, prefix)
    patients, more = joined(base.patients, added.patients, prefix)
    if TRAINING_ONLY in cells.columns:
        cells = cells.with_columns(pl.col(TRAINING_ONLY).fill_null(value=False))
    merged = replace(
        base,
        name=f"{base.name}+{prefix}",
        cells=cells,
        patients=patients,
        tables=joined_marks(base, added, prefix),
        patient_links=pl.concat([base.patient_links, added.patient_links], how="diagonal"),
    )
    return merged, (*clashes, *more)


def _prefix(name: str) -> str:
    if not name.strip() or name != name.strip("/"):
        raise SettingsError(
            f"{name!r} cannot stand before names: it is empty, or begins or ends with a slash.",
            where="prefix",
            do="Give a short name, such as --prefix pbc.",
        )
    return name


def _class_map(base: Cohort, other: Cohort, given: ClassMap | Mapping[str, str] | None, by: str | None) -> ClassMap:
    if given is None:
        given = {name: name for name in other.classes.names if name in base.classes.names}
        if not given:
            theirs, ours = ", ".join(other.classes.names), ", ".join(base.classes.names)
            do = "Name a class map: which of their classes is which of ours."
            raise SettingsError(f"No class of {other.name!r} ({theirs}) has the name of one here ({ours}).", do=do)
    chosen = given if isinstance(given, ClassMap) else ClassMap(given)
    chosen = chosen if by is None else replace(chosen, by=by)
    for target in chosen.classes.values():
        if target not in base.classes.names:
            do = nearest(target, base.classes.names)
            raise SettingsError(f"The class map leads to {target!r}, which is no class of {base.name!r}.", do=do)
    if chosen.by not in other.cells.columns:
        do = nearest(chosen.by, other.cells.columns)
        raise SettingsError(f"The cells of {other.name!r} have no column {chosen.by!r} to map by.", do=do)
    return chosen


def _mapped(other: Cohort, chosen: ClassMap, classes: Classes) -> Cohort:
    """Return the other cohort under the base's classes, with all its cells in their order.

    Cells that the map does not name are excluded, not dropped, since an identical picture may tie two patients
    together. In a data set that labels patients only, the cells of patients whom the map names are usable.
    """
    own = _label("label", chosen) if chosen.by == "label" else pl.lit(None, pl.String)
    patients = other.patients.with_columns(label=own)
    of_patient = patients.filter(pl.col("label").is_not_null())["patient"].implode()
    unlabelled = pl.lit(other.cells["label"].is_null()) & pl.col("patient").is_in(of_patient).fill_null(value=False)
    cells = other.cells.with_columns(label=_label(chosen.by, chosen))
    named = pl.col("label").is_not_null() | unlabelled
    if cells.filter(named & pl.col("excluded").is_null()).is_empty():
        values = other.usable[chosen.by].drop_nulls().cast(pl.String).unique().sort()
        raise DataError(
            f"No cell of {other.name!r} is in the class map, by the column {chosen.by!r}.",
            do=f"Its values: {', '.join(values) or 'none'}; the map names: {', '.join(chosen.classes)}.",
        )
    unnamed = pl.when(~named).then(pl.lit(UNMAPPED))
    cells = cells.with_columns(excluded=pl.coalesce("excluded", unnamed))
    return replace(other, cells=cells, classes=classes, patients=patients)


def _label(column: str, chosen: ClassMap) -> pl.Expr:
    return pl.col(column).cast(pl.String).replace_strict(chosen.classes, default=None, return_dtype=pl.String)
