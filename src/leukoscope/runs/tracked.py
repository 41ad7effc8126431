"""What a tracking service is told of a finished run: settings, course over the epochs, scores, marks."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from leukoscope.files import read_table
from leukoscope.runs.folder import RunFolder
from leukoscope.runs.run import Run, headline

LEAKING = "\N{LARGE RED CIRCLE} LEAKAGE"
"""Set before the name of a run with a leaking split: a tracking service shows names as plain text, so red is a sign."""
IDENTITY = "leukoscope.id"
UNFIT = re.compile(r"[^\w\-. :/]")


class Value(NamedTuple):
    """A number with its name and its epoch (0: of the finished run)."""

    name: str
    value: float
    epoch: int


@dataclass(frozen=True)
class Told:
    """All that is told of one run.

    Args:
        identity: 32 hexadecimal digits that this run alone has, wherever its folder is moved or copied.
        name: The run's name, marked where the split leaks.
        data: The data set's name.
        settings: Each setting of the recipe by its dotted name, as ``--set`` takes it.
        values: ``history.csv`` by epoch; each score of each part as ``test/roc_auc``, with ``_low`` and ``_high``.
        tags: Texts by name: recipe, seed, data, split and, where the split leaks, the reason.
        files: The files to keep.
        started: When the run began, in milliseconds since 1970.
        finished: When it was finished, likewise.
    """

    identity: str
    name: str
    data: str
    settings: dict[str, str]
    values: tuple[Value, ...]
    tags: dict[str, str]
    files: tuple[Path, ...]
    started: int
    finished: int


def told_of(run: Run) -> Told:
    """Return what is told of a finished run; everything is read from its folder, nothing is computed.

    Args:
        run: The run.

    Raises:
        DataError: the run is not finished, or its folder is damaged.
    """
    record, scores, folder = run.record, run.scores, RunFolder(run.folder)
    mark = f"{LEAKING}: " if record["leakage"] else ""
    return Told(
        identity=_identity(record),
        name=f"{mark}{record['name']}",
        data=record["data"]["name"],
        settings=dict(_settings(record["asked"])),
        values=(*_course(run.folder / "history.csv"), *_scores(record, scores)),
        tags=_tags(run, record),
        files=tuple(path for path in (folder.report, folder.scores, folder.recipe) if path.is_file()),
        started=_milliseconds(record["started"]),
        finished=_milliseconds(record["finished"]),
    )


def flattened(value: Any, name: str = "") -> Iterator[tuple[str, Any]]:  # noqa: ANN401 - any JSON value
    """Give each innermost value with its dotted name; an empty list or dictionary is a value.

    Example:
        >>> dict(flattened({"model": {"cut": None}, "stages": [{"epochs": 2}], "framing": []}))
        {'model.cut': None, 'stages.0.epochs': 2, 'framing': []}
    """
    inner = dict(enumerate(value)) if isinstance(value, list) else value
    if not isinstance(inner, dict) or not inner:
        yield name, value
        return
    for key, below in inner.items():
        yield from flattened(below, f"{name}.{key}" if name else str(key))


def _identity(record: dict[str, Any]) -> str:
    own = [record["name"], record["started"], record["asked"], record["data"]["name"]]
    return hashlib.sha256(json.dumps(own, sort_keys=True).encode()).hexdigest()[:32]


def _settings(asked: dict[str, Any]) -> Iterator[tuple[str, str]]:
    # What a paper says is no setting of the run; the report has it.
    for name, value in flattened({key: value for key, value in asked.items() if key != "about"}):
        yield UNFIT.sub("_", name), value if isinstance(value, str) else json.dumps(value)


def _course(path: Path) -> Iterator[Value]:
    """Give the history's numbers; what is fitted at once has none."""
    for row in read_table(path).iter_rows(named=True) if path.is_file() else ():
        numbers = {name: value for name, value in row.items() if isinstance(value, int | float) and name != "epoch"}
        yield from (Value(UNFIT.sub("_", name), float(value), row["epoch"]) for name, value in numbers.items())


def _scores(record: dict[str, Any], scores: dict[str, Any]) -> Iterator[Value]:
    threshold = scores["threshold"]
    single = {"threshold": threshold and threshold["value"], "best_epoch": record.get("best_epoch")}
    yield from (Value(name, float(value), 0) for name, value in single.items() if value is not None)
    for part, own in scores["parts"].items():
        yield from _of_part(part, own["scores"])
        yield from _of_part(f"{part}/patients", own.get("patient_scores") or {})


def _of_part(place: str, scores: dict[str, Any]) -> Iterator[Value]:
    for name, score in scores.items():
        for key, ending in (("value", ""), ("low", "_low"), ("high", "_high")):
            if score is not None and score[key] is not None:
                yield Value(f"{place}/{name}{ending}", float(score[key]), 0)


def _tags(run: Run, record: dict[str, Any]) -> dict[str, str]:
    tags = {
        IDENTITY: _identity(record),
        "leukoscope.folder": str(run.folder.resolve()),
        "leukoscope.version": record["versions"]["leukoscope"],
        "recipe": record["recipe"],
        "task": record["asked"]["task"],
        "data": record["data"]["name"],
        "seed": str(record["seed"]),
        "split": record["split"]["statement"],
        "mlflow.note.content": _note(run, record),
    }
    if record.get("rescored_from"):
        tags["rescored_from"] = record["rescored_from"]["name"]
    return tags | ({"leakage": f"{LEAKING}: {record['leakage']}"} if record["leakage"] else {})


def _note(run: Run, record: dict[str, Any]) -> str:
    mark = [f"**{LEAKING}: {record['leakage']}**"] if record["leakage"] else []
    return "\n\n".join([*mark, record["asked"]["about"]["purpose"], *headline(run.scores)])


def _milliseconds(moment: str) -> int:
    return int(dt.datetime.fromisoformat(moment).timestamp() * 1000)
