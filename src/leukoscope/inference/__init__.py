"""Inference: a bundle and pictures to probabilities, in bounded memory.

``predict`` gives a table, ``predict_to_file`` writes one as it goes; both do what the bundle's task is, cells or
patients. ``predict_patients`` and ``write_lyon_submission`` are of patients alone, ``write_cnmc_submission`` of cells.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from leukoscope.inference.cnmc_submission import write_cnmc_submission
    from leukoscope.inference.lyon_submission import write_lyon_submission
    from leukoscope.inference.patients import PatientSummary, predict_patients, predict_patients_to_file
    from leukoscope.inference.predicting import predict, predict_blocks
    from leukoscope.inference.writing import Summary, predict_to_file

__all__ = [
    "PatientSummary",
    "Summary",
    "predict",
    "predict_blocks",
    "predict_patients",
    "predict_patients_to_file",
    "predict_to_file",
    "write_cnmc_submission",
    "write_lyon_submission",
]

_HOMES = {
    "PatientSummary": "patients",
    "Summary": "writing",
    "predict": "predicting",
    "predict_blocks": "predicting",
    "predict_patients": "patients",
    "predict_patients_to_file": "patients",
    "predict_to_file": "writing",
    "write_cnmc_submission": "cnmc_submission",
    "write_lyon_submission": "lyon_submission",
}


def __getattr__(name: str) -> Any:  # noqa: ANN401 - whatever the name stands for
    """Import a public name when it is first used: torch takes seconds to load."""
    if name not in _HOMES:
        raise AttributeError(f"module 'leukoscope.inference' has no attribute {name!r}")
    return getattr(import_module(f"leukoscope.inference.{_HOMES[name]}"), name)
