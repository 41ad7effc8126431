"""What is done about one cell in two pictures: link their patients, leave one out, or only report it."""

from __future__ import annotations

import polars as pl

from leukoscope.cohort.cohort import Cohort
from leukoscope.cohort.links import linked_groups, picture_groups
from leukoscope.errors import SettingsError, nearest

ON_TWINS = ("link", "drop", "report")
NEAR = "near"


def apply_on_twins(cohort: Cohort, pairs: pl.DataFrame, on_twins: str = "link") -> tuple[Cohort, pl.DataFrame]:
    """Do what is wished about near pairs (one cell in two pictures that are not identical), before links are made.

    Identical pictures always link, whatever is wished: they are no judgement. So do the links between patients that a
    reader brings (``Cohort.patient_links``).

    Args:
        cohort: The cohort.
        pairs: Confirmed pairs: ``id_a``, ``id_b``, ``kind`` (``near`` or exact), ``correlation``.
        on_twins: ``link``: a near pair joins its patients, like an identical one. ``drop``: of each near pair the cell
            with the later id is excluded, with all pictures identical to it, and nothing is joined by it; where a cell
            is in several pairs, no more are excluded than are needed to part them, in the order of the ids. ``report``:
            near pairs do not steer the draw; hold the split against the groups of all pairs (``make_split``'s
            ``proof``), and one on two sides is a leak like any other.

    Returns:
        The cohort, and the pairs that linked groups are to be made of.

    Raises:
        SettingsError: ``on_twins`` is none of these.
    """
    if on_twins not in ON_TWINS:
        what = f"Nothing that can be done about twins is called {on_twins!r}."
        raise SettingsError(what, where="split.on_twins", do=nearest(on_twins, ON_TWINS))
    if on_twins == "link":
        return cohort, pairs
    exact = pairs.filter(pl.col("kind") != NEAR)
    if on_twins == "drop":
        cohort = cohort.exclude(_superfluous(cohort, pairs.filter(pl.col("kind") == NEAR), exact))
    return cohort, exact


def _superfluous(cohort: Cohort, near: pl.DataFrame, exact: pl.DataFrame) -> pl.DataFrame:
    """Return the cells to exclude so that of no near pair both are left: ``id`` and ``reason``."""
    pictures = picture_groups(linked_groups(cohort, exact))
    first = pictures.with_columns(picture=pl.col("id").min().over("group"))
    usable = first.join(cohort.usable.select("id"), on="id", how="semi")
    kept = set(usable["picture"])
    because: dict[str, str] = {}
    for one, other, correlation in _between(near, first, kept):
        if one not in because and other not in because:
            alike = "" if correlation is None else f" (correlation {correlation:.2f})"
            because[other] = f"shows the same cell as {one}{alike}; one picture of it is kept (on_twins: drop)"
    reasons = pl.DataFrame(list(because.items()), schema={"picture": pl.String, "reason": pl.String}, orient="row")
    return usable.join(reasons, on="picture").select("id", "reason")


def _between(near: pl.DataFrame, first: pl.DataFrame, kept: set[str]) -> list[tuple[str, str, float | None]]:
    """Return the near pairs between different pictures that are still there, the earlier id first, in order."""
    for end in ("a", "b"):
        names = first.select(pl.col("id").alias(f"id_{end}"), pl.col("picture").alias(f"picture_{end}"))
        near = near.join(names, on=f"id_{end}")
    pairs = near.select(
        pl.min_horizontal("picture_a", "picture_b").alias("one"),
        pl.max_horizontal("picture_a", "picture_b").alias("other"),
        "correlation",
    )
    pairs = pairs.filter((pl.col("one") != pl.col("other")) & pl.col("one").is_in(kept) & pl.col("other").is_in(kept))
    return pairs.group_by("one", "other").agg(pl.col("correlation").max()).sort("one", "other").rows()
