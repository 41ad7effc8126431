"""Two cohorts become one: the other's cells under the base's classes, by a class map."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import polars as pl

from leukoscope.cohort.class_maps import ClassMap
from leukoscope.cohort.cohort import Cohort
from leukoscope.cohort.merging_notes import merging_notes
from leukoscope.cohort.merging_tables import joined, joined_marks, prefixed, refuse_shared_names, under_one_root
from leukoscope.cohort.under_classes import class_map_for, under_classes
from leukoscope.errors import SettingsError

TRAINING_ONLY = "training_only"


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
    chosen = class_map_for(other, base.classes, class_map, by, of=base.name)
    added = prefixed(under_classes(other, chosen, base.classes), name)
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
