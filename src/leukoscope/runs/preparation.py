"""From a cohort to parts that can be trained on: look at every picture, find links, split, check."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import polars as pl

from leukoscope.audit import Audit
from leukoscope.cohort.cohort import Cohort
from leukoscope.cohort.links import LinkedGroups, label_conflicts, linked_groups
from leukoscope.cohort.of_patients import of_patients
from leukoscope.cohort.readers import READERS, Description
from leukoscope.cohort.splits import apply_on_twins, check_split, make_split, settings_of
from leukoscope.cohort.splits.labels import known_labels
from leukoscope.cohort.splits.official import places_at_hand
from leukoscope.cohort.splits.split import Split
from leukoscope.cohort.splits.taken import refuse_untaken
from leukoscope.errors import DataError, SettingsError
from leukoscope.models.seen import Seen
from leukoscope.pictures.batches import CellData
from leukoscope.pictures.common_side import common_side, shorter_sides
from leukoscope.pictures.framing import CenterCrop, Framing, parse_framing, resolve_auto
from leukoscope.pictures.handcrafted import HANDCRAFTED
from leukoscope.pictures.intake import Intake
from leukoscope.pictures.measure import Measure
from leukoscope.recipes.loading import load_recipe
from leukoscope.recipes.none import NONE
from leukoscope.recipes.schema import Recipe, SplitSettings
from leukoscope.runs.looking import Looked, look
from leukoscope.runs.seen_before import marked_as_seen


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
        seen: What the weights that the network starts from have seen before.
        auto_crop: Whether the crop's side was found in the pictures.
    """

    recipe: Recipe
    intake: Intake
    groups: LinkedGroups
    split: Split
    framing: Framing
    audit: Audit
    seen: Seen = field(default_factory=Seen)
    auto_crop: bool = False

    @property
    def input_size(self) -> tuple[int, int]:
        """Height and width of the network's input in px.

        Raises:
            SettingsError: the framing gives pictures of different sizes.
        """
        if self.framing.size is None:
            raise SettingsError("The framing gives pictures of different sizes.", do="End it with {resize: 128}.")
        return self.framing.size

    def cells(self, cells: pl.DataFrame) -> CellData:
        """Return cells as rows of the store, each with its linked group; one that is in no part is its own.

        Args:
            cells: Rows of the cohort's table, not excluded; ``label`` may be null.
        """
        store = self.intake.store
        assert store is not None, "prepare() always takes in with a store"
        known = cells.join(self.intake.pictures, on="id", maintain_order="left")
        places = {name: index for index, name in enumerate(self.intake.cohort.classes.names)}
        labels = known["label"].replace_strict(places, default=-1, return_dtype=pl.Int64).to_numpy(writable=True)
        linked = self.split.table.select("id", "group")
        groups = known.select("id").join(linked, on="id", how="left", maintain_order="left")["group"]
        ids = known["id"].to_list()
        named = groups.fill_null(known["id"]).to_list()
        return CellData(store, store.rows(known["sha256"].to_list()), ids, labels, groups=named)


def description_of(cohort: Cohort) -> Description | None:
    """Return what is known of the data set that a cohort was read from; None for a stranger's."""
    reader = READERS.get(cohort.reader) if cohort.reader else None
    return None if reader is None else reader.description


@dataclass(frozen=True)
class Linked:
    """A cohort of which is known what belongs together.

    Args:
        intake: What was looked at, contradictory cells excluded.
        groups: The linked groups that a split is drawn by.
        proof: The linked groups that no split may part: other ones only where twins are to be reported, not linked.
    """

    intake: Intake
    groups: LinkedGroups
    proof: LinkedGroups


def link(looked: Looked, on_twins: str = "link") -> Linked:
    """Exclude pictures, and cells in two pictures, that are filed under several classes; join what belongs together.

    Every cell counts for the links, excluded ones too: they may tie two patients together.

    Args:
        looked: What was looked at.
        on_twins: See ``apply_on_twins``.
    """
    cohort, pairs = looked.intake.cohort, looked.pairs
    proof = linked_groups(cohort, pairs)
    conflicts = [label_conflicts(cohort, looked.identical), label_conflicts(cohort, pairs, what="cell")]
    cohort, counting = apply_on_twins(cohort.exclude(pl.concat(conflicts)), pairs, on_twins)
    groups = linked_groups(cohort, counting)
    intake = replace(looked.intake, cohort=cohort)
    return Linked(intake, groups, proof if on_twins == "report" else groups)


def prepare(
    recipe: Recipe,
    cohort: Cohort,
    *,
    store: Path,
    split: Split | None = None,
    allow_leakage: str | None = None,
    seen: Seen | None = None,
) -> Prepared:
    """Take in every picture, find links, and split; nothing is trained.

    Beside a network of cells the hand-crafted measures of each picture are taken, as it is before it is framed.

    Args:
        recipe: The recipe.
        cohort: The cohort as it was read.
        store: Folder for the framed pictures.
        split: A split made before; the recipe's own where not given.
        allow_leakage: The reason to go on with a leaking split.
        seen: What the weights that the network starts from have seen; nothing where None.

    Raises:
        LeukoscopeError: whatever the pictures, the recipe or the split have wrong with them.
    """
    auto_crop = _crops_by_itself(recipe)
    recipe = _resolved(recipe, cohort)
    if recipe.task == "patients":
        cohort = of_patients(cohort)
    # Before any picture is looked at: a wrong setting is told at once.
    arguments = split_settings(recipe.split, recipe.seed) if split is None else {}
    framing = parse_framing(recipe.framing)
    looked = look(cohort, framing=framing, store=store, measures=_beside(recipe))
    linked = link(looked, recipe.split.on_twins)
    intake = linked.intake
    _refuse_unlabelled(recipe.task, intake.cohort)
    seen = seen or Seen()
    split = _split(linked, split, recipe.split.kind, arguments, allow_leakage)
    split = marked_as_seen(split, intake.cohort, intake.pictures, seen, allow_leakage=allow_leakage)
    found = looked.audit(intake.cohort, crop=_crop(framing), split=split)
    return Prepared(recipe, intake, linked.groups, split, framing, found, seen, auto_crop)


def _beside(recipe: Recipe) -> tuple[Measure, ...]:
    """Return what is measured of every picture as it is, to stand beside a network of cells: hand-crafted measures."""
    return (HANDCRAFTED,) if recipe.task == "cells" and recipe.model.backbone != NONE else ()


def _refuse_unlabelled(task: str, cohort: Cohort) -> None:
    if task == "patients" and not known_labels(cohort).height:
        what = "No patient with usable pictures has a label, so no network of patients can be trained."
        raise DataError(what, where=cohort.name, do="Give the patients' table a column 'label'.")
    if task == "cells" and not cohort.labelled.height:
        what = "No usable cell has a label of its own, so no network of cells can be trained."
        do = "Only patients may have labels here: take a recipe of patients (leukoscope recipes list)."
        raise DataError(what, where=cohort.name, do=do)


def _split(
    linked: Linked, split: Split | None, kind: str, arguments: dict[str, Any], allow_leakage: str | None
) -> Split:
    """Check the split that was made before, or make one of a kind."""
    cohort = linked.intake.cohort
    if split is not None:
        return check_split(split, cohort, linked.proof, allow_leakage=allow_leakage or split.leakage)
    return make_split(kind, cohort, linked.groups, proof=linked.proof, allow_leakage=allow_leakage, **arguments)


def split_settings(settings: SplitSettings, seed: int, *, several: bool = False) -> dict[str, Any]:
    """Return the arguments that a kind of split takes, from the recipe's settings.

    Args:
        settings: The recipe's settings.
        seed: The run's seed, where the settings have none of their own.
        several: Whether every split of the kind is wanted (``make_splits``), not the one that the settings name.

    Raises:
        SettingsError: a setting is not its default and the kind does not take it (but for the share ``test``, which a
            recipe may keep for its hold-out while another kind is wanted of it), an inner fold is named and there are
            none, or the split is to come from a file and none is named.
    """
    # By value: a resolved recipe spells out every setting, so that one is there does not say that it was meant.
    usual = SplitSettings()
    refuse_untaken(
        settings.kind,
        [
            name
            for name in SplitSettings.model_fields
            if name != "test" and getattr(settings, name) != getattr(usual, name)
        ],
    )
    if settings.kind == "file" and settings.file is None:
        raise SettingsError("split.kind is 'file' but split.file names none.", do="--set split.file=split.csv")
    given = {"seed": seed, **settings.model_dump(exclude_none=True), "path": settings.file}
    return {name: given[name] for name in settings_of(settings.kind, several=several) if given.get(name) is not None}


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
    changes: dict[str, Any] = {}
    if _crops_by_itself(recipe):
        changes["framing"] = resolve_auto(recipe.framing, _side(cohort))
    changes["split"] = with_official_places(recipe.split, cohort).model_dump(mode="json")
    return load_recipe(recipe, changes)


def _crops_by_itself(recipe: Recipe) -> bool:
    return any(step.get("center_crop") == "auto" for step in recipe.framing)


def _side(cohort: Cohort) -> int:
    """Return what ``center_crop: auto`` stands for: the data set's own crop, or less where pictures are smaller.

    Only the pictures' geometry is looked at, nothing of what is on them.
    """
    known = description_of(cohort)
    side = common_side(shorter_sides(cohort.file(path) for path in cohort.usable["path"]))
    return min(known.crop, side) if known and known.crop else side


def _crop(framing: Framing) -> int | None:
    sides = [step.size[0] for step in framing.steps if isinstance(step, CenterCrop) and step.size]
    return sides[0] if sides else None
