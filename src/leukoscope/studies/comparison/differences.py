"""What differs between the sides besides what is compared: settings, data, split, protocol, software."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import polars as pl

from leukoscope.errors import counted
from leukoscope.studies.comparison.scored_run import ScoredRun
from leukoscope.studies.comparison.sides import Side
from leukoscope.studies.naming import setting_words

OF_THE_RUN = {"name", "about"}
KINDS: dict[str, tuple[str, ...]] = {
    "cells": ("data", "drawn", "scored"),
    "split": ("split", "leakage"),
    "network and training": (
        "task", "framing", "augmentation", "model", "weights", "without_weights", "start_from", "bag", "facts",
        "balance", "loss", "stages", "as_published", "members", "joint",
    ),
    "choosing and scoring": ("best_epoch", "threshold", "classes", "test_time", "refer", "reference", "ensemble"),
    "seeds": ("seed",),
    "software": ("versions",),
}  # fmt: skip
"""What a setting decides, by the first part of its name."""
OTHER = "other"
SCORED = "scored.part"
PROTOCOL = ("cells", "split", "choosing and scoring")
"""The kinds that change how a score comes about rather than what is scored."""
VERSIONS = ("leukoscope", "torch", "timm", "numpy")
MOST_VALUES = 6
HEAD = ("kind", "setting")


def differences_table(sides: Sequence[Side]) -> pl.DataFrame:
    """Return one row a setting that differs between any two sides.

    Args:
        sides: Two sides or more.

    Returns:
        ``kind`` (a key of ``KINDS``), ``setting``, and a column a side with the values that its runs have, in words.
    """
    # What goes with the seed, as the number of the draw does, is no difference where a seed is missing on one side.
    shared = frozenset[int].intersection(*(frozenset(run.seed for run in side.runs) for side in sides))
    known = [settings_of(side, shared) | {"seed": _seeds(side)} for side in sides]
    names = dict.fromkeys(name for settings in known for name in settings)
    rows = []
    for name in names:
        values = [settings.get(name, "none") for settings in known]
        if len(set(values)) > 1:
            rows.append({"kind": kind_of(name), "setting": name, **_by_side(sides, values)})
    order = [*KINDS, OTHER]
    rows.sort(key=lambda row: order.index(row["kind"]))
    return pl.DataFrame(rows, schema={name: pl.String() for name in (*HEAD, *_by_side(sides, sides))})


def settings_of(side: Side, seeds: frozenset[int] = frozenset()) -> dict[str, str]:
    """Return every setting of a side by dotted name, and what else decides a score, in words.

    Where the runs of a side differ, as in the number of the draw, the values stand in the order of the runs.

    Args:
        side: The side.
        seeds: Look only at the runs of these seeds; at all of them where there are none.
    """
    known = [_facts(run) for run in side.runs if not seeds or run.seed in seeds]
    names = dict.fromkeys(name for facts in known for name in facts)
    return {name: _words(facts.get(name, "none") for facts in known) for name in names}


def column_of(side: Side) -> str:
    """Return the name of a side's column; one that is called ``kind`` does not take that one's place."""
    return f"side {side.name}" if side.name in HEAD else side.name


def kind_of(name: str) -> str:
    """Return what a setting decides.

    Example:
        >>> kind_of("split.seed"), kind_of("test_time.rotations"), kind_of("my.own")
        ('split', 'choosing and scoring', 'other')
    """
    first = name.partition(".")[0]
    return next((kind for kind, firsts in KINDS.items() if first in firsts), OTHER)


def flat(settings: Mapping[str, Any]) -> dict[str, str]:
    """Return settings by dotted name, in words: sections and stages taken apart, their values as they are written.

    Example:
        >>> flat({"framing": [], "model": {"cut": None}, "stages": [{"rates": {"head": 0.1}}]})
        {'framing': 'none', 'model.cut': 'none', 'stages.0.rates': 'head=0.1'}
    """
    found: dict[str, str] = {}
    for name, value in settings.items():
        if isinstance(value, Mapping):
            found |= {f"{name}.{inner}": _setting(f"{name}.{inner}", own) for inner, own in value.items()}
        elif name == "stages" and isinstance(value, list):
            for place, stage in enumerate(value):
                found |= {f"{name}.{place}.{inner}": _setting(inner, own) for inner, own in stage.items()}
        else:
            found[name] = _setting(name, value)
    return found


def _setting(name: str, value: Any) -> str:  # noqa: ANN401 - any YAML value
    # An empty list has no words of its own, and a blank cell would not say so.
    return setting_words(name, value) or "none"


def _facts(run: ScoredRun) -> dict[str, str]:
    record, scored = run.record, run.scored
    asked = flat({name: value for name, value in record["asked"].items() if name not in OF_THE_RUN})
    weights, threshold = record.get("weights") or {}, run.scores["threshold"] or {}
    # A threshold's value is a result of the run; its rule is part of the protocol.
    return asked | {
        "data.name": str(record["data"]["name"]),
        "data.cells": f"{record['data']['cells']:,}",
        SCORED: _part(scored, run.fingerprint),
        "leakage": str(record.get("leakage") or "none"),
        "weights.file": str(weights.get("source") or "none"),
        "weights.sha256": str(weights.get("sha256") or "none")[:12],
        "threshold.rule": str(threshold.get("rule") or "none"),
        **{f"versions.{name}": str(record["versions"].get(name)) for name in VERSIONS},
    }


def _part(scored: Mapping[str, Any], fingerprint: str) -> str:
    patients = "patients unknown" if scored["patients"] is None else counted(scored["patients"], "patient")
    cells = "" if scored.get("unit") == "patient" else f"{counted(scored['cells'], 'cell')}, "
    return f"{cells}{patients} (rows {fingerprint[:8]})"


def _seeds(side: Side) -> str:
    return _words(str(run.seed) for run in side.runs)


def _words(values: Iterable[str]) -> str:
    every = list(dict.fromkeys(values))
    more = f"; and {len(every) - MOST_VALUES} more" if len(every) > MOST_VALUES else ""
    return "; ".join(every[:MOST_VALUES]) + more


def _by_side(sides: Sequence[Side], values: Sequence[Any]) -> dict[str, Any]:
    return {column_of(side): value for side, value in zip(sides, values, strict=True)}
