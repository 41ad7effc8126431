"""The official split: the parts that a data set was published with, by the names of its places."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

import polars as pl

from leukoscope.cohort.cohort import Cohort
from leukoscope.cohort.links import LinkedGroups
from leukoscope.cohort.splits.eligible import eligible, kept_together, with_validation
from leukoscope.cohort.splits.labels import known_labels
from leukoscope.cohort.splits.split import PARTS, Split
from leukoscope.errors import SettingsError, counted, nearest


def official(
    cohort: Cohort,
    groups: LinkedGroups,
    *,
    by: str = "patient",
    places: Mapping[str, Sequence[str]],
    validation: float = 0.2,
    stratify: str | None = None,
    seed: int = 0,
) -> Split:
    """Divide the cells as their data set was published.

    Args:
        cohort: The cohort.
        groups: Its linked groups.
        by: What a drawn validation part keeps together: ``patient`` or ``cell``.
        places: The cohort's places in each part: ``{"train": ["fold_0"], "test": ["fold_2"]}``. Cells of other places
            are in no part, nor are cells without label. ``train`` and ``test`` must be named. Cells for training only
            whose place is not named go to train.
        validation: Share of the training cells for validation, drawn in whole groups, where no places are named for it.
        stratify: A fact that this draw shares each class out by too, as in ``holdout``.
        seed: The seed of that draw.

    Returns:
        The split, not yet checked: ``make_split`` and ``check_split`` do that. Published parts can leak, and then it
        raises there.

    Raises:
        SettingsError: a part or a place that there is not, a place in two parts, no places for train or test.
        DataError: no cell has a label.
    """
    by = kept_together(cohort, by)
    part_of = _part_of_place(places, cohort.cells["place"].drop_nulls().unique().to_list())
    cells = eligible(cohort, groups, by, stratify)
    trained = pl.when("training_only").then(pl.lit("train"))
    cells = cells.with_columns(part=pl.coalesce(_placed(part_of), trained)).filter(pl.col("part").is_not_null())
    cells, drawn = with_validation(cells, cohort, validation=validation, seed=seed)
    warnings = _unlabelled(cohort, part_of)
    return Split(cells.select("id", "group", "part"), "official", by, drawn, warnings=warnings)


def places_at_hand(places: Mapping[str, Sequence[str]], cohort: Cohort) -> dict[str, list[str]]:
    """Return published places without those of which the cohort has no cell, for data sets that are only partly there.

    Args:
        places: The places in each part, as published.
        cohort: The cohort.
    """
    known = set(cohort.cells["place"].drop_nulls().unique())
    return {part: [place for place in of_part if place in known] for part, of_part in places.items()}


def _placed(part_of: dict[str, str]) -> pl.Expr:
    return pl.col("place").replace_strict(part_of, default=None, return_dtype=pl.String)


def _part_of_place(places: Mapping[str, Sequence[str]], known: list[str]) -> dict[str, str]:
    for part in places:
        if part not in PARTS:
            raise SettingsError(f"There is no part {part!r}.", where="split.places", do=nearest(part, PARTS))
    for part in ("train", "test"):
        if not places.get(part):
            do = f"Name some of: {', '.join(sorted(known)) or 'none, for this data set has no places'}."
            raise SettingsError(f"No places are named for the part {part!r}.", where="split.places", do=do)
    lists = {part: [of_part] if isinstance(of_part, str) else of_part for part, of_part in places.items()}
    named = [(place, part) for part, of_part in lists.items() for place in of_part]
    for place, part in named:
        if place not in known:
            where = f"split.places.{part}"
            raise SettingsError(f"The data set has no place {place!r}.", where=where, do=nearest(place, known))
    twice = [place for place, times in Counter(place for place, _ in named).items() if times > 1]
    if twice:
        raise SettingsError(f"The place {twice[0]!r} is named twice.", where="split.places", more=len(twice) - 1)
    return dict(named)


def _unlabelled(cohort: Cohort, part_of: dict[str, str]) -> tuple[str, ...]:
    unknown = cohort.usable.join(known_labels(cohort), on="id", how="anti").with_columns(part=_placed(part_of))
    left_out = unknown.drop_nulls("part").group_by("part", "place").len().sort("part", "place")
    return tuple(
        f"{counted(number, 'cell')} of the place {place!r} ({part}) left out: no class is known there."
        for part, place, number in left_out.iter_rows()
    )
