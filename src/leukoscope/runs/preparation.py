"""From a cohort to parts that can be trained on: look at every picture, find links, split, check."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import polars as pl

from leukoscope.audit import Audit, audit
from leukoscope.cohort.cohort import Cohort
from leukoscope.cohort.links import LinkedGroups, identical_pairs, label_conflicts, linked_groups
from leukoscope.cohort.readers import READERS, Description
from leukoscope.cohort.splits import check_split, make_split
from leukoscope.cohort.splits.official import places_at_hand
from leukoscope.cohort.splits.split import Split
from leukoscope.errors import SettingsError
from leukoscope.pictures.batches import CellData
from leukoscope.pictures.framing import CenterCrop, Framing, parse_framing, resolve_auto
from leukoscope.pictures.intake import Intake, common_side, take_in
from leukoscope.recipes.loading import load_recipe
from leukoscope.recipes.schema import Recipe, SplitSettings


@dataclass(frozen=True)
class Prepared:
    """A cohort that is ready for training.

    Args:
        recipe: The recipe with everything resolved (the crop's side, the official parts).
        intake: The cohort with unreadable and contradictory cells excluded, the table of pictures, the store.
        groups: Which cells must stay together.
        split: The checked split.
        framing: The framing of ``recipe``.
        audit: What the audit found.
    """

    recipe: Recipe
    intake: Intake
    groups: LinkedGroups
    split: Split
    framing: Framing
    audit: Audit

    @property
    def input_size(self) -> tuple[int, int]:
        """Height and width of the network's input in px.

        Raises:
            SettingsError: the framing gives pictures of different sizes.
        """
        if self.framing.size is None:
            raise SettingsError("The framing gives pictures of different sizes.", do="End it with {resize: 128}.")
        return self.framing.size

    def data(self, cohort: Cohort) -> CellData:
        """Return the labelled cells of a part as rows of the store."""
        store = self.intake.store
        assert store is not None, "prepare() always takes in with a store"
        cells = cohort.labelled.join(self.intake.pictures, on="id", maintain_order="left")
        places = {name: index for index, name in enumerate(cohort.classes.names)}
        labels = cells["label"].replace_strict(places, return_dtype=pl.Int64).to_numpy(writable=True)
        return CellData(store, store.rows(cells["sha256"].to_list()), cells["id"].to_list(), labels)


def description_of(cohort: Cohort) -> Description | None:
    """Return what is known of the data set that a cohort was read from; None for a stranger's."""
    return READERS[cohort.reader].description if cohort.reader else None


def without_conflicts(intake: Intake) -> tuple[Intake, LinkedGroups]:
    """Exclude pictures that are filed under several classes, and return the linked groups.

    Every cell counts for the links, excluded ones too: they may tie two patients together.
    """
    pairs = identical_pairs(intake.pictures)
    groups = linked_groups(intake.cohort, pairs)
    return replace(intake, cohort=intake.cohort.exclude(label_conflicts(intake.cohort, pairs))), groups


def prepare(
    recipe: Recipe, cohort: Cohort, *, store: Path, split: Split | None = None, allow_leakage: str | None = None
) -> Prepared:
    """Take in every picture, find links, and split; nothing is trained.

    Args:
        recipe: The recipe.
        cohort: The cohort as it was read.
        store: Folder for the framed pictures.
        split: A split made before; the recipe's own where not given.
        allow_leakage: The reason to go on with a leaking split.

    Raises:
        LeukoscopeError: whatever the pictures, the recipe or the split have wrong with them.
    """
    recipe = _resolved(recipe, cohort)
    framing = parse_framing(recipe.framing)
    intake, groups = without_conflicts(take_in(cohort, framing=framing, store=store))
    if split is None:
        settings = split_settings(recipe.split, recipe.seed)
        split = make_split(recipe.split.kind, intake.cohort, groups, allow_leakage=allow_leakage, **settings)
    else:
        split = check_split(split, intake.cohort, groups, allow_leakage=allow_leakage or split.leakage)
    found = audit(intake.cohort, intake.pictures, crop=_crop(framing), split=split)
    return Prepared(recipe, intake, groups, split, framing, found)


def split_settings(settings: SplitSettings, seed: int) -> dict[str, Any]:
    """Return the arguments that a kind of split takes, from the recipe's settings."""
    drawn = {"validation": settings.validation, "seed": seed if settings.seed is None else settings.seed}
    if settings.kind == "holdout":
        return {"by": settings.by, "test": settings.test, **drawn}
    if settings.kind == "official":
        return {"by": settings.by, "places": {part: list(names) for part, names in settings.places.items()}, **drawn}
    if settings.file is None:
        raise SettingsError("split.kind is 'file' but split.file names none.", do="--set split.file=split.csv")
    return {"by": settings.by, "path": Path(settings.file), **drawn}


def with_official_places(settings: SplitSettings, cohort: Cohort) -> SplitSettings:
    """Return the settings with the data set's own parts filled in, as far as they are there.

    Raises:
        SettingsError: an official split is wanted, none is named, and the data set has none.
    """
    if settings.kind != "official" or settings.places:
        return settings
    known = description_of(cohort)
    if known is None or not known.official:
        way = "--set 'split.places={train: [a], test: [b]}', or --set split.kind=holdout"
        raise SettingsError(f"The data set {cohort.name!r} has no official split.", do=way)
    return settings.model_copy(update={"places": places_at_hand(known.official, cohort)})


def _resolved(recipe: Recipe, cohort: Cohort) -> Recipe:
    known = description_of(cohort)
    changes: dict[str, Any] = {}
    if any(step.get("center_crop") == "auto" for step in recipe.framing):
        side = known.crop if known and known.crop else _usual_side(cohort)
        changes["framing"] = resolve_auto(recipe.framing, side)
    changes["split"] = with_official_places(recipe.split, cohort).model_dump(mode="json")
    return load_recipe(recipe, changes)


def _usual_side(cohort: Cohort) -> int:
    """Return the commonest side of the usable pictures: their geometry, nothing of what is on them."""
    intake = take_in(cohort)
    return common_side(intake.pictures.join(intake.cohort.usable.select("id"), on="id"))


def _crop(framing: Framing) -> int | None:
    sides = [step.size[0] for step in framing.steps if isinstance(step, CenterCrop) and step.size]
    return sides[0] if sides else None
