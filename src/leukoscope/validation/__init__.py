"""External validation: a bundle on another cohort, how far pictures and answers have moved, and recalibration."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from leukoscope.validation.validating import validate
    from leukoscope.validation.validation import Validation

__all__ = ["Validation", "validate"]

_HOMES = {"Validation": "validation", "validate": "validating"}


def __getattr__(name: str) -> Any:  # noqa: ANN401 - whatever the name stands for
    """Import a public name when it is first used: torch takes seconds to load."""
    if name not in _HOMES:
        raise AttributeError(f"module 'leukoscope.validation' has no attribute {name!r}")
    return getattr(import_module(f"leukoscope.validation.{_HOMES[name]}"), name)
