"""Finished models that are looked at together: run folders, or tables of predictions that others made."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import polars as pl

from leukoscope.errors import DataError, SettingsError
from leukoscope.files import read_table
from leukoscope.predictions.alignment import Aligned, align
from leukoscope.predictions.foreign import read_foreign
from leukoscope.predictions.table import Predictions
from leukoscope.runs.folder import RunFolder
from leukoscope.runs.run import Run

PARTS = ("validation", "test")


@dataclass(frozen=True)
class Member:
    """One of several models.

    Args:
        name: What it is called; unique among its fellows.
        said: Its predictions by part: ``validation`` and ``test``.
        threshold: Its operating threshold; None for more than two classes, or where none is known (0.5 decides).
        run: The run that it comes from; None for a table of predictions.
    """

    name: str
    said: dict[str, Predictions]
    threshold: float | None = None
    run: Run | None = None


@dataclass(frozen=True)
class Members:
    """Several models of the same rows, split alike.

    Args:
        members: Two or more; one where its errors alone are looked at.
    """

    members: tuple[Member, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """Their names."""
        return tuple(member.name for member in self.members)

    @property
    def runs(self) -> list[Run] | None:
        """Their runs; None where any comes from a table."""
        found = [member.run for member in self.members if member.run is not None]
        return found if len(found) == len(self.members) else None

    def part(self, part: str) -> Aligned:
        """Return what they say of a part, ``validation`` or ``test``.

        Raises:
            DataError: their classes, rows or labels differ.
        """
        return align({member.name: member.said[part] for member in self.members})


def read_members(named: Sequence[Path | str], *, alone: bool = False) -> Members:
    """Read models that were named.

    A head that is fitted at once learns from the validation part too, and its table of that part holds the training
    rows as well, out of fold. Beside models that were trained on these rows, only those of the validation part count:
    there, none of the models has learnt from the row that it speaks of.

    Args:
        named: Run folders, or tables of predictions (csv, parquet) whose column ``part`` holds ``validation`` and
            ``test``.
        alone: Whether a single one will do.

    Raises:
        SettingsError: fewer than two, or one twice.
        DataError: one is neither, or they are not of the same classes, cells and split.
    """
    paths = [Path(one) for one in named]
    if len(paths) < 2 and not (alone and paths):  # noqa: PLR2004 - several
        raise SettingsError("This needs two models or more.", do="Name run folders, or tables of predictions.")
    resolved = [path.resolve() for path in paths]
    twice = [path for place, path in enumerate(resolved) if path in resolved[:place]]
    if twice:
        raise SettingsError("A model is named twice.", where=str(twice[0]), do="Name each once.")
    names = _names(paths)
    members = Members(_on_common_rows([_member(path, name) for path, name in zip(paths, names, strict=True)]))
    for part in PARTS:
        members.part(part)
    _refuse_other_split(members)
    return members


def _on_common_rows(members: Sequence[Member]) -> tuple[Member, ...]:
    """Leave out of tables that are out of fold what the other members' tables of the validation part do not have."""
    others = [member for member in members if not _is_out_of_fold(member)]
    if not others:
        return tuple(members)
    common = others[0].said["validation"].table["id"].to_list()
    return tuple(_only(member, common) if _is_out_of_fold(member) else member for member in members)


def _is_out_of_fold(member: Member) -> bool:
    return member.run is not None and bool(member.run.record.get("out_of_fold"))


def _only(member: Member, ids: Sequence[str]) -> Member:
    whole = member.said["validation"]
    kept = Predictions(whole.table.filter(pl.col("id").is_in(ids)), whole.classes, whole.unit)
    return replace(member, said={**member.said, "validation": kept})


def _names(paths: Sequence[Path]) -> list[str]:
    short = [path.resolve().stem if path.is_file() else path.resolve().name for path in paths]
    return [name if short.count(name) == 1 else str(path) for name, path in zip(short, paths, strict=True)]


def _member(path: Path, name: str) -> Member:
    if RunFolder(path).record.is_file():
        run = Run(path)
        return Member(name, {part: run.predictions(part) for part in PARTS}, run.threshold, run)
    if not path.is_file():
        raise DataError("This is neither a run's folder nor a table of predictions.", where=str(path))
    whole = read_foreign(path)
    said = {part: _of_part(whole, part, path) for part in PARTS}
    return Member(name, said)


def _of_part(whole: Predictions, part: str, path: Path) -> Predictions:
    table = whole.table.filter(pl.col("part") == part)
    if not table.height:
        raise DataError(
            f"This table has no row of the {part} part.",
            where=str(path),
            do="Give it a column 'part' that says validation or test of each row.",
        )
    return Predictions(table, whole.classes, whole.unit)


def _refuse_other_split(members: Members) -> None:
    """Refuse runs whose training parts differ: one may have learnt from what another is tested on."""
    runs = members.runs
    if runs is None:
        return
    splits = {name: _fingerprint(run) for name, run in zip(members.names, runs, strict=True)}
    first, *others = splits
    for name in others:
        if splits[name] != splits[first]:
            raise DataError(
                f"{name!r} and {first!r} were trained on different splits.",
                where=str(RunFolder(runs[members.names.index(name)].folder).split),
                do="Train them with the same split: the same data, split settings and split.seed.",
            )


def _fingerprint(run: Run) -> str:
    table = read_table(RunFolder(run.folder).split, text=True).select("id", "part").sort("id")
    return hashlib.sha256(repr(table.rows()).encode()).hexdigest()
