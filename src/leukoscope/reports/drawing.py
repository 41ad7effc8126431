"""Which figures a folder's tables allow, drawn and saved, each with a description in words."""

from __future__ import annotations

from typing import Any

from matplotlib.figure import Figure

from leukoscope.errors import counted
from leukoscope.reports.figures import (
    Drawn,
    ablation_bars,
    bagging_bars,
    calibration,
    confusion_matrix,
    loss_curves,
    patient_bars,
    patient_blocks,
    pr_curves,
    roc_curves,
    save_figure,
    score_curves,
)
from leukoscope.reports.figures.joint_diagram import branch_words, joint_diagram, layer_rows
from leukoscope.reports.figures.learning_curves import scores_noted
from leukoscope.reports.record import bagging_rows
from leukoscope.reports.tables import RunTables
from leukoscope.reports.words import score_words


def draw_figures(tables: RunTables) -> dict[str, list[Drawn]]:
    """Draw every figure that the tables allow and save it in ``figures/``.

    Args:
        tables: The folder's tables.

    Returns:
        The figures by section: ``confusion``, ``curves``, ``learning``, ``patients``, ``calibration``, ``facts``,
        ``joint``, ``bagging``; a section without any is an empty list.
    """
    part = tables.scores["parts"][tables.main_part]
    return {
        "confusion": _confusion(tables, part),
        "curves": _curves(tables, part),
        "learning": _learning(tables),
        "patients": _patients(tables, part),
        "calibration": _calibration(tables, part),
        "facts": _facts(tables),
        "joint": _joint(tables),
        "bagging": _bagging(tables),
    }


def _confusion(tables: RunTables, part: dict[str, Any]) -> list[Drawn]:
    if not part.get("confusion"):
        return []
    said = "; ".join(
        f"{title}: {counts[place]:,} of {sum(counts):,} called so"
        for place, (title, counts) in enumerate(zip(part["titles"], part["confusion"], strict=True))
    )
    figure = confusion_matrix(part, leaking=bool(tables.leakage))
    return [_save(tables, figure, "confusion_matrix", f"Confusion matrix. {said}.")]


def _curves(tables: RunTables, part: dict[str, Any]) -> list[Drawn]:
    curves, leaking = part.get("curves") or {}, bool(tables.leakage)
    drawn = []
    if any((curves.get("roc") or {}).values()):
        alt = f"ROC curve. Area under the curve: {score_words(part['scores'].get('roc_auc'))}."
        drawn.append(_save(tables, roc_curves(part, leaking=leaking), "roc", alt))
    if any((curves.get("pr") or {}).values()):
        alt = f"Precision against recall. Area under the curve: {score_words(part['scores'].get('pr_auc'))}."
        drawn.append(_save(tables, pr_curves(part, leaking=leaking), "precision_recall", alt))
    return drawn


def _learning(tables: RunTables) -> list[Drawn]:
    if tables.history is None:
        return []
    best, leaking = tables.run.get("best_epoch"), bool(tables.leakage)
    chosen_by = (tables.settings.get("best_epoch") or {}).get("metric")
    said = f"over {counted(tables.history.height, 'epoch')}" + (f"; epoch {best} was kept" if best else "")
    loss = loss_curves(tables.history, best_epoch=best, leaking=leaking)
    drawn = [_save(tables, loss, "loss", f"Loss {said}. The values stand in the table of epochs.")]
    if scores_noted(tables.history, chosen_by):
        scores = score_curves(tables.history, best_epoch=best, chosen_by=chosen_by, leaking=leaking)
        alt = f"Scores of the validation part {said}. The values stand in the table of epochs."
        drawn.append(_save(tables, scores, "validation_scores", alt))
    return drawn


def _patients(tables: RunTables, part: dict[str, Any]) -> list[Drawn]:
    blocks = patient_blocks(part) if part.get("by_patient") else []
    return [
        _save(
            tables,
            patient_bars(block, leaking=bool(tables.leakage)),
            f"patients_{number}",
            f"Share of each patient's cells that were called right: {block.title}, "
            f"{counted(len(block.rows), 'patient')}. The values stand in the table of patients.",
        )
        for number, block in enumerate(blocks, 1)
    ]


def _calibration(tables: RunTables, part: dict[str, Any]) -> list[Drawn]:
    if not (part.get("curves") or {}).get("calibration"):
        return []
    alt = f"Calibration curve. Expected calibration error: {score_words(part['scores'].get('ece'))}."
    return [_save(tables, calibration(part, leaking=bool(tables.leakage)), "calibration", alt)]


def _facts(tables: RunTables) -> list[Drawn]:
    rows = [row for row in tables.scores.get("ablations") or [] if row["scores"]["roc_auc"].get("value") is not None]
    if not rows:
        return []
    said = "; ".join(f"{row['title']}: {score_words(row['scores']['roc_auc'])}" for row in rows)
    figure = ablation_bars(rows, leaking=bool(tables.leakage))
    return [_save(tables, figure, "facts_alone", f"ROC AUC of the model beside the facts alone. {said}.")]


def _joint(tables: RunTables) -> list[Drawn]:
    plan = tables.joint
    if plan is None:
        return []
    branches = "; ".join(", ".join(branch_words(branch)) for branch in plan["branches"])
    alt = f"The joint model. Branches: {branches}. Beneath them: {'; '.join(title for title, _ in layer_rows(plan))}."
    return [_save(tables, joint_diagram(plan, leaking=bool(tables.leakage)), "joint", alt)]


def _bagging(tables: RunTables) -> list[Drawn]:
    rows = bagging_rows(tables)
    if not rows:
        return []
    said = "; ".join(
        row["title"]
        + ("" if row["part"] is None else f", part {row['part']}")
        + f": {row['whole']:,} as they are, {row['copies']:,} changed copies"
        for row in rows
    )
    return [
        _save(tables, bagging_bars(rows, leaking=bool(tables.leakage)), "bagging", f"What this model sees. {said}.")
    ]


def _save(tables: RunTables, figure: Figure, name: str, alt: str) -> Drawn:
    return save_figure(figure, tables.folder / "figures", name, alt)
