"""Leukoscope: pictures of blood cells, scores that can be trusted.

The whole path in a dozen lines stands in the README; ``leukoscope.api`` documents each step.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"
__all__ = [
    "READERS",
    "Classes",
    "Cohort",
    "Run",
    "analyse_errors",
    "audit_cohort",
    "compare",
    "draw",
    "ensemble",
    "evaluate",
    "explain",
    "export_bundle",
    "extract",
    "groups_from",
    "load_recipe",
    "merge",
    "predict",
    "predict_patients",
    "predict_to_file",
    "read_cohort",
    "read_predictions",
    "recipe_names",
    "rescore",
    "split",
    "splits",
    "sweep",
    "take_in",
    "train",
    "validate",
    "write_cnmc_submission",
    "write_lyon_submission",
    "write_report",
]

if TYPE_CHECKING:
    from leukoscope.api import (
        READERS,
        Classes,
        Cohort,
        Run,
        analyse_errors,
        audit_cohort,
        compare,
        draw,
        ensemble,
        evaluate,
        explain,
        export_bundle,
        extract,
        groups_from,
        load_recipe,
        merge,
        predict,
        predict_patients,
        predict_to_file,
        read_cohort,
        read_predictions,
        recipe_names,
        rescore,
        split,
        splits,
        sweep,
        take_in,
        train,
        validate,
        write_cnmc_submission,
        write_lyon_submission,
        write_report,
    )


def __getattr__(name: str) -> Any:  # noqa: ANN401 - whatever the name stands for
    """Import a public name when it is first used, so that ``import leukoscope`` is quick."""
    if name not in __all__:
        raise AttributeError(f"module 'leukoscope' has no attribute {name!r}")
    from leukoscope import api  # noqa: PLC0415 - this is the point

    return getattr(api, name)
