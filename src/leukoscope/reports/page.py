"""From the tables of a folder to one page that needs nothing else."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from leukoscope.errors import counted
from leukoscope.files import write_text
from leukoscope.reports import record, referring, score_rows
from leukoscope.reports.audit_rows import findings
from leukoscope.reports.baseline_rows import baseline_rows, baseline_sentences
from leukoscope.reports.class_groups import class_groups_section
from leukoscope.reports.drawing import draw_figures
from leukoscope.reports.embedding import inline_svg, picture_size, picture_uri
from leukoscope.reports.ensemble_figures import ensemble_figures
from leukoscope.reports.ensemble_folder import EnsembleFolder
from leukoscope.reports.ensemble_tables import ensemble_section
from leukoscope.reports.example_rows import example_rows
from leukoscope.reports.facts_alone import facts_alone
from leukoscope.reports.figures import Drawn
from leukoscope.reports.first_screen import first_screen
from leukoscope.reports.further_pages import further_pages
from leukoscope.reports.gap import gap_section
from leukoscope.reports.importance_rows import importance_sections
from leukoscope.reports.referring_cells import cell_referral
from leukoscope.reports.tables import RunTables, read_tables
from leukoscope.reports.templates import environment, style
from leukoscope.reports.unlike_rows import unlike_section
from leukoscope.reports.validation_section import validation_section
from leukoscope.reports.words import day_of, percent_level, unit_of, units_words

PAGE = "report.html"
# Which scores stand beside a figure that leaves room for them.
BESIDE = {"confusion": ("accuracy", "balanced_accuracy", "mcc"), "calibration": ("ece", "brier", "log_loss")}


def write_report(run: Path) -> Path:
    """Write ``report.html`` and ``figures/*.svg, *.png`` from the tables of a folder, and from nothing else.

    The page is one file: no script, no request to anywhere. Written again from the same tables it is byte for byte the
    same. A table that is not there leaves its section out; only ``scores.json`` must be there.

    Args:
        run: The folder of a run, or of an evaluation.

    Returns:
        The page.

    Raises:
        DataError: there are no scores, or a table is damaged.
    """
    tables = read_tables(Path(run))
    page = environment().get_template("page.html").render(_context(tables, draw_figures(tables)))
    write_text(tables.folder / PAGE, page)
    return tables.folder / PAGE


def _context(tables: RunTables, figures: dict[str, list[Drawn]]) -> dict[str, Any]:
    sides, side_rows = record.side_rows(tables)
    history_columns, history_rows = record.history_table(tables)
    network, parameters = record.network_rows(tables)
    part = tables.scores["parts"][tables.main_part]
    held = tables.scores.get("baselines") or {}
    baseline_columns, baselines = baseline_rows(held, part)
    return {
        "css": style("page.css"),
        "unit": unit_of(part),
        "units_resampled": units_words(part.get("interval") or {}),
        "name": tables.name,
        "date": day_of(tables.run.get("finished") or tables.run.get("started") or ""),
        "version": (tables.run.get("versions") or {}).get("leukoscope"),
        "leakage": tables.leakage,
        "screen": first_screen(tables),
        "level": percent_level((part.get("interval") or {}).get("level", 0.95)),
        "interval": part.get("interval") or {},
        "sides": sides,
        "side_rows": side_rows,
        "statement": (tables.run.get("split") or {}).get("statement") or "",
        "warnings": _warnings(tables),
        "facts": record.data_facts(tables),
        "data_notes": (tables.run.get("data") or {}).get("notes") or [],
        "parts": _parts(tables),
        "baselines": {"columns": baseline_columns, "rows": baselines, "said": baseline_sentences(held)},
        "published": _published(tables, part),
        "gap": gap_section(tables.gap),
        "class_groups": class_groups_section(tables.scores),
        "importances": importance_sections(tables.importances, dict(zip(part["classes"], part["titles"], strict=True))),
        **_of_several(tables),
        "out_of_fold": tables.out_of_fold,
        "facts_alone": facts_alone(tables.scores),
        "referral": referring.referral(tables.scores, part),
        "cell_referral": cell_referral(tables.scores, part),
        "calibrated": referring.calibrated(tables.scores),
        "pages": {"index": tables.index, "number": counted(len(tables.pages), "patient") if tables.pages else ""},
        "evidence": referring.evidence_words(tables.scores.get("evidence")),
        "figures": {name: [_figure(drawn) for drawn in group] for name, group in figures.items()},
        "beside": {name: score_rows.named_rows(part, names) for name, names in BESIDE.items()},
        "history": {"columns": history_columns, "rows": history_rows},
        "network": {"rows": network, "stages": record.stage_rows(tables), **parameters},
        "sheets": {name: _sheet(path) for name, path in tables.sheets.items()},
        "examples": example_rows(tables),
        "wrong": record.wrong_rows(tables),
        "unlike": unlike_section(tables),
        "audit": None if tables.audit is None else findings(tables.audit),
        "recipe": tables.recipe,
        "validation": validation_section(tables.folder, leaking=bool(tables.leakage)),
        "composition": record.composition_rows(tables),
        "bagging": record.bagging_rows(tables),
        "weights": record.weights_facts(tables),
        "versions": list((tables.run.get("versions") or {}).items()),
        "machine": record.machine_facts(tables),
    }


def _parts(tables: RunTables) -> list[dict[str, Any]]:
    """Return what the score tables show, the main part first."""
    names = sorted(tables.scores["parts"], key=lambda name: name != tables.main_part)
    return [_part(name, tables.scores["parts"][name]) for name in names]


def _part(name: str, part: dict[str, Any]) -> dict[str, Any]:
    columns, classes = score_rows.class_rows(part)
    return {
        "title": score_rows.part_title(name, part),
        "size": _size(part),
        "kept_apart": "patient" if unit_of(part) == "patient" or part.get("patients") else "cell",
        "groups": score_rows.score_groups(part),
        "class_columns": columns,
        "classes": classes,
        "patient_scores": score_rows.patient_score_rows(part),
        "patient_rows": score_rows.patient_rows(part),
        "notes": part.get("notes") or [],
    }


def _size(part: dict[str, Any]) -> str:
    """Return on how many rows a part's scores rest: ``427 cells of 12 patients``, ``12 patients``."""
    rows, patients = counted(part["cells"], unit_of(part)), part.get("patients")
    return f"{rows} of {counted(patients, 'patient')}" if patients and unit_of(part) == "cell" else rows


def _published(tables: RunTables, part: dict[str, Any]) -> dict[str, Any]:
    about = tables.settings.get("about") or {}
    said = tables.scores.get("published") or {}
    protocol = said.get("protocol") or about.get("protocol") or ""
    figures = said.get("figures") or about.get("published") or {}
    return {
        "rows": score_rows.published_rows(figures, part),
        "paper": said.get("paper") or about.get("paper") or "",
        "protocol": protocol,
        "peeking": score_rows.peeking(protocol),
    }


def _of_several(tables: RunTables) -> dict[str, Any]:
    """Return the sections of a run of several models; empty where there is one."""
    if not EnsembleFolder(tables.folder).record.is_file():
        return {"ensemble": None, "further": []}
    return {
        "ensemble": ensemble_section(tables.folder),
        "ensemble_figures": ensemble_figures(tables.folder),
        "further": further_pages(tables.folder),
    }


def _warnings(tables: RunTables) -> list[str]:
    split, weights = tables.run.get("split") or {}, tables.run.get("weights") or {}
    caution = [weights["caution"]] if weights.get("caution") else []
    return list(dict.fromkeys([*(tables.scores.get("warnings") or []), *(split.get("warnings") or []), *caution]))


def _figure(drawn: Drawn) -> dict[str, Any]:
    return {"svg": inline_svg(drawn), "name": drawn.name, "width": drawn.width, "alt": drawn.alt}


def _sheet(path: Path) -> dict[str, Any]:
    width, height = picture_size(path)
    return {"uri": picture_uri(path), "width": width, "height": height}
