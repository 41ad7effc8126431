"""What was done, on what and with what: the data, the sides of the split, weights, versions, times."""

from __future__ import annotations

from typing import Any

import polars as pl

from leukoscope.reports.tables import RunTables
from leukoscope.reports.words import NOTHING, memory
from leukoscope.training.time_left import duration

ROLES = {
    "train": ("Training part", "learned from"),
    "validation": ("Validation part", "chose the epoch and the threshold"),
    "test": ("Test part", "asked once, at the end"),
}
LEARNT_TOO = "learned from too: everything is chosen on out-of-fold answers"

Pairs = list[tuple[str, str]]


def side_rows(tables: RunTables) -> tuple[list[str], list[dict[str, Any]]]:
    """Return who was on which side: the classes' titles, and a row a part with its counts."""
    part = tables.scores["parts"][tables.main_part]
    counts = (tables.run.get("split") or {}).get("counts") or {}
    ordered = [name for name in ROLES if name in counts] + [name for name in counts if name not in ROLES]
    rows = []
    for name in ordered:
        title, role = ROLES.get(name, (name, ""))
        role = LEARNT_TOO if name == "validation" and tables.out_of_fold else role
        of_class = [(counts[name].get("classes") or {}).get(label) for label in part["classes"]]
        rows.append({"title": title, "role": role, "classes": of_class, **_sizes(counts[name])})
    return list(part["titles"]), rows


def _sizes(counts: dict[str, Any]) -> dict[str, Any]:
    return {name: counts.get(name) for name in ("cells", "patients", "groups")}


def data_facts(tables: RunTables) -> Pairs:
    """Return what the run worked on, as pairs of name and words."""
    data, split, settings = tables.run.get("data") or {}, tables.run.get("split") or {}, tables.settings
    return _said(
        ("Data set", data.get("name")),
        ("Read by", data.get("reader")),
        ("Cells", _count(data.get("cells"))),
        ("Patients", _count(data.get("patients")) or ("not known" if data else None)),
        ("Left out", _left_out(data.get("excluded"))),
        ("Recipe", tables.run.get("recipe")),
        ("Its purpose", (settings.get("about") or {}).get("purpose")),
        ("Split", _split_words(split)),
        ("Threshold", threshold_words(tables.scores.get("threshold"))),
        ("Views a cell", _views_words(tables.scores.get("adaptive_views"))),
    )


def machine_facts(tables: RunTables) -> Pairs:
    """Return how it was run: command, seed, device, times, memory.

    Not its status: the page is written by the run that it tells of, while that is still at work.
    """
    run = tables.run
    seconds = run.get("seconds") or {}
    memory_used = run.get("peak_memory_mb")
    return _said(
        ("Command", run.get("command")),
        ("Seed", run.get("seed")),
        ("Weights of", (run.get("rescored_from") or {}).get("folder")),
        ("Device", run.get("device")),
        ("Started", run.get("started")),
        ("Finished", run.get("finished")),
        ("Test part opened", ", ".join(run.get("test_opened") or []) or None),
        ("Epoch kept", run.get("best_epoch")),
        *((f"Time for {name}", duration(value)) for name, value in seconds.items()),
        ("Most memory held", None if memory_used is None else memory(memory_used)),
    )


def weights_facts(tables: RunTables) -> Pairs:
    """Return where the first weights came from, with licence and what they were trained on."""
    weights = tables.run.get("weights") or {}
    if not weights:
        return []
    random = weights.get("source") == "random"
    return _said(
        ("First weights", "random: nothing was learned before this run" if random else weights.get("source")),
        ("Trained on", None if random else weights.get("trained_on") or "not known"),
        ("Licence", None if random else weights.get("licence") or "none stated"),
        ("SHA-256", weights.get("sha256")),
        ("To see to", weights.get("caution")),
        ("Not used of the file", ", ".join(weights.get("dropped") or []) or None),
    )


def threshold_words(threshold: Any) -> str | None:  # noqa: ANN401 - a number or a table of scores.json
    """Return how the operating threshold was chosen; None where there is none."""
    if threshold is None or isinstance(threshold, int | float):
        return None if threshold is None else f"{threshold:.3f}"
    if threshold.get("value") is None:
        return None
    rule = threshold.get("rule") or ""
    rule = f"; {rule if rule.startswith('given') else f'chosen on validation: {rule}'}" if rule else ""
    return f"called positive from a probability of {threshold['value']:.3f} on{rule}"


def _views_words(adaptive: dict[str, Any] | None) -> str | None:
    """Return what looking at fewer views spares in the test part; None where all are looked at."""
    if adaptive is None:
        return None
    test = adaptive["parts"]["test"]
    return (
        f"{test['views_per_cell']:.1f} of {adaptive['views']} where a laboratory predicts with the bundle; "
        f"{test['changed']:,} of {test['cells']:,} test cells are then called otherwise. The scores here are of "
        "all views."
    )


def network_rows(tables: RunTables) -> tuple[list[dict[str, Any]], dict[str, int]]:
    """Return the network's blocks and, added up, the parameters that were trained and those that were frozen."""
    if tables.network is None:
        return [], {}
    return tables.network.to_dicts(), {name: int(tables.network[name].sum()) for name in ("trained", "frozen")}


def stage_rows(tables: RunTables) -> list[dict[str, Any]]:
    """Return what each stage of training trained of the network, with ``epochs``, the number that it ran.

    Empty where nothing was trained in stages.
    """
    if tables.stages is None:
        return []
    ran = {} if tables.history is None else dict(tables.history.group_by("stage").len().iter_rows())
    return [{**row, "epochs": ran.get(row["stage"], 0)} for row in tables.stages.to_dicts()]


def composition_rows(tables: RunTables) -> list[dict[str, Any]]:
    """Return what balancing made of each class, with the classes' titles; none where nothing was balanced.

    ``times`` is how often an epoch shows each picture that is learnt from, on average; None where there is none.
    Where a stage samples by itself, ``stages`` are the numbers of those that a row is of.
    """
    if tables.composition is None:
        return []
    learnt, rows = pl.col("kept") + pl.col("copies"), tables.composition
    if "stages" in rows.columns:  # "2, 3", or a number by itself
        rows = rows.with_columns(pl.col("stages").cast(pl.String))
    return _titled(tables, rows.with_columns(times=pl.when(learnt > 0).then(pl.col("seen") / learnt)))


def bagging_rows(tables: RunTables) -> list[dict[str, Any]]:
    """Return what a bagged model sees, class by class and part by part, with the classes' titles; else none."""
    return [] if tables.bagging is None else _titled(tables, tables.bagging)


def _titled(tables: RunTables, of_classes: pl.DataFrame) -> list[dict[str, Any]]:
    part = tables.scores["parts"][tables.main_part]
    titles = dict(zip(part["classes"], part["titles"], strict=True))
    return [{**row, "title": titles.get(row["class"], row["class"])} for row in of_classes.to_dicts()]


def wrong_rows(tables: RunTables) -> list[dict[str, Any]]:
    """Return the most confidently wrong cells or patients with the classes' titles, and ``page``, a patient's own."""
    if tables.wrong is None:
        return []
    part = tables.scores["parts"][tables.main_part]
    titles = dict(zip(part["classes"], part["titles"], strict=True))
    return [
        {
            **row,
            "page": tables.pages.get(str(row["patient"])),
            "label": titles.get(row["label"], row["label"]),
            "called": titles.get(row["called"], row["called"]),
            "probability": f"{float(row['probability']):.3f}" if row.get("probability") else NOTHING,
        }
        for row in tables.wrong.to_dicts()
    ]


def history_table(tables: RunTables) -> tuple[list[str], list[list[str]]]:
    """Return the table of epochs as text: its columns and its rows."""
    if tables.history is None:
        return [], []
    columns = [column.replace("_", " ") for column in tables.history.columns]
    return columns, [[_cell(value) for value in row] for row in tables.history.iter_rows()]


def _cell(value: Any) -> str:  # noqa: ANN401 - a value of a table
    if value is None:
        return NOTHING
    return f"{value:.4g}" if isinstance(value, float) else str(value)


def _said(*pairs: tuple[str, Any]) -> Pairs:
    return [(name, str(value)) for name, value in pairs if value is not None and value != ""]


def _count(number: int | None) -> str | None:
    return None if number is None else f"{number:,}"


def _left_out(excluded: int | None) -> str | None:
    return None if excluded is None else f"{excluded:,} cells, each with its reason in cohort.parquet"


def _split_words(split: dict[str, Any]) -> str | None:
    if not split:
        return None
    seed = "" if split.get("seed") is None else f", seed {split['seed']}"
    return f"{split.get('kind')}, kept together by {split.get('by')}{seed}"
