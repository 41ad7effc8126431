"""What is compared: the run folders and studies that were named, as sides of one or more runs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePath

from leukoscope.errors import DataError, SettingsError, nearest
from leukoscope.reports.study_folder import StudyFolder
from leukoscope.runs.folder import RunFolder
from leukoscope.runs.run import Run
from leukoscope.studies.comparison.scored_run import ScoredRun
from leukoscope.studies.record import read_record
from leukoscope.studies.running import FINISHED, status_of

VARIANT = "::"
"""What stands between a study's folder, one of its variants, and one of the models within its runs."""
WITHIN = ("members", "rules")
HOW = (
    "Name two run folders, a study of two variants or more, or variants: STUDY::VARIANT; a model or a rule of an "
    "ensemble: STUDY::VARIANT::members/NAME, STUDY::VARIANT::rules/NAME."
)


@dataclass(frozen=True)
class Side:
    """One side of a comparison.

    Args:
        name: What it is called in tables and sentences; unique within a comparison.
        runs: Its finished runs.
        source: The folder that was named.
        missing: The names of its runs that are not finished.
    """

    name: str
    runs: tuple[ScoredRun, ...]
    source: Path
    missing: tuple[str, ...] = field(default=())

    def values(self, score: str) -> list[float]:
        """Return the score of each run that has it."""
        return [value for run in self.runs if (value := run.value(score)) is not None]

    @property
    def leakage(self) -> list[str]:
        """The reasons that were given for leaking splits; empty where nothing leaks."""
        return list(dict.fromkeys(run.record["leakage"] for run in self.runs if run.record.get("leakage")))


def sides_of(named: Sequence[Path | str], part: str) -> list[Side]:
    """Read everything that was named.

    Args:
        named: Run folders, study folders (each of their variants is a side), ``STUDY::VARIANT``, or of the runs of a
            recipe of several models one model or rule: ``STUDY::VARIANT::members/NAME``,
            ``STUDY::VARIANT::rules/NAME``.
        part: ``test`` or ``validation``.

    Returns:
        Two sides or more, in the order in which they were named.

    Raises:
        SettingsError: fewer than two sides, one that is there twice, or an unknown variant.
        DataError: a folder holds neither run nor study, a side has no finished run, or the sides have other classes.
    """
    sides = _with_own_names([side for one in named for side in _read(str(one), part)])
    if len(sides) < 2:  # noqa: PLR2004 - a comparison
        found = f"only {sides[0].name!r}" if sides else "nothing"
        raise SettingsError(f"A comparison needs two sides; found {found}.", do=HOW)
    _refuse_twice(sides)
    _refuse_other_tasks(sides)
    return sides


def _read(named: str, part: str) -> list[Side]:
    folder, wants_one, rest = named.partition(VARIANT)
    variant, _, within = rest.partition(VARIANT)
    path = Path(folder)
    if StudyFolder(path).record.is_file():
        return _of_study(path, part, variant if wants_one else None, within)
    if wants_one:
        raise DataError("This folder holds no study.", where=folder, do=HOW)
    if not RunFolder(path).record.is_file():
        raise DataError("This folder holds neither a run nor a study.", where=folder, do=HOW)
    run = Run(path)
    return [Side(path.resolve().name, (_scored(run, part, path.resolve().name),), path)]


def _of_study(path: Path, part: str, wanted: str | None, within: str) -> list[Side]:
    place = StudyFolder(path)
    planned: dict[str, list[str]] = {}
    for run in read_record(place)["runs"]:
        planned.setdefault(run["variant"], []).append(run["name"])
    if wanted is not None and wanted not in planned:
        raise SettingsError(f"This study has no variant {wanted!r}.", where=str(path), do=nearest(wanted, planned))
    return [_variant(place, name, runs, part, within) for name, runs in planned.items() if wanted in {None, name}]


def _variant(place: StudyFolder, variant: str, names: Sequence[str], part: str, within: str) -> Side:
    done = [name for name in names if status_of(RunFolder(place.run(name))) == FINISHED]
    if not done:
        do = "Type the study's command again to finish it, or name other variants."
        raise DataError(f"No run of {variant!r} is finished.", where=str(place.path), do=do)
    runs = tuple(_scored(Run(_inside(place.run(name), within)), part, name) for name in done)
    called = f"{variant}, {PurePath(within).name}" if within else variant
    return Side(called, runs, place.path, tuple(name for name in names if name not in done))


def _inside(run: Path, within: str) -> Path:
    """Return a run's folder, or that of a model or a rule within it."""
    if not within:
        return run
    several = {f"{kind}/{path.name}": path for kind in WITHIN for path in sorted((run / kind).glob("*/"))}
    if within not in several:
        what = f"The run {run.name!r} has no model or rule {within!r}."
        raise SettingsError(what, where=str(run), do=nearest(within, several) if several else HOW)
    return several[within]


def _scored(run: Run, part: str, name: str) -> ScoredRun:
    scored = ScoredRun(name, run, part)
    _ = scored.scored  # an unfinished run, or a part without scores, is told now and not in the middle
    return scored


def _with_own_names(sides: list[Side]) -> list[Side]:
    """Return the sides with the folder's name before those that are not told apart by their own."""
    names = [side.name for side in sides]
    told = [side.name if names.count(side.name) == 1 else _folder_and_name(side) for side in sides]
    # Folders of one name in different places are told apart by their whole path.
    final = [
        name if told.count(name) == 1 else f"{side.source}: {side.name}" for name, side in zip(told, sides, strict=True)
    ]
    return [Side(name, side.runs, side.source, side.missing) for name, side in zip(final, sides, strict=True)]


def _folder_and_name(side: Side) -> str:
    folder = side.source.resolve()
    return f"{folder.parent.name}/{side.name}" if folder.name == side.name else f"{folder.name}: {side.name}"


def _refuse_twice(sides: Sequence[Side]) -> None:
    seen: dict[Path, str] = {}
    for side in sides:
        for run in side.runs:
            folder = run.run.folder.resolve()
            if folder in seen:
                what = f"The run {run.name!r} is on two sides: {seen[folder]!r} and {side.name!r}."
                raise SettingsError(what, where=str(folder), do="Name each run, study and variant once.")
            seen[folder] = side.name


def _refuse_other_tasks(sides: Sequence[Side]) -> None:
    first = sides[0].runs[0]
    for side in sides:
        for run in side.runs:
            if _task(run) != _task(first):
                what = (
                    f"{sides[0].name!r} tells {' and '.join(map(repr, _task(first)[1]))} apart by {_task(first)[0]}, "
                    f"{side.name!r} {' and '.join(map(repr, _task(run)[1]))} by {_task(run)[0]}."
                )
                raise DataError(what, where=str(run.run.folder), do="Compare runs of one task.")


def _task(run: ScoredRun) -> tuple[str, tuple[str, ...], str | None]:
    scored = run.scored
    return str(scored.get("unit") or "cell"), tuple(scored["classes"]), scored["positive"]
