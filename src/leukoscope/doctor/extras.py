"""Which of the optional parts are installed, and the command that adds them."""

from __future__ import annotations

from leukoscope.doctor.requirements import PACKAGE, Requirement, requirements
from leukoscope.doctor.row import Row

TOPIC = "extras"
MEANINGS = {
    "serve": "the HTTP service and its page",
    "export": "ONNX and OpenVINO files",
    "scale": "several machines, and searches for settings",
    "track": "records of runs in MLflow",
    "dev": "for those who change Leukoscope: tests and linters",
    "docs": "for those who change Leukoscope: these pages",
}


def ask_extras() -> list[Row]:
    """Return a row for each extra that the installed Leukoscope has."""
    needed: dict[str, list[Requirement]] = {}
    for wanted in requirements():
        if wanted.extra is not None:
            needed.setdefault(wanted.extra, []).append(wanted)
    order = [*(name for name in MEANINGS if name in needed), *(name for name in needed if name not in MEANINGS)]
    return [extra_row(name, needed[name]) for name in order]


def extra_row(name: str, needed: list[Requirement]) -> Row:
    """Return what is missing of an extra.

    Args:
        name: The extra.
        needed: What it asks for.
    """
    missing = [wanted.name for wanted in needed if not wanted.is_met]
    meaning = f" ({MEANINGS[name]})" if name in MEANINGS else ""
    facts = {"missing": missing, "needed": [wanted.name for wanted in needed]}
    if not missing:
        return Row(TOPIC, name, f"complete{meaning}", facts=facts)
    value = f"missing: {', '.join(missing)}{meaning}"
    return Row(TOPIC, name, value, "note", f'pip install "{PACKAGE}[{name}]"', facts)
