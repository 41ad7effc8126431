"""The service: one bundle behind HTTP, for the page and for other programs; needs the extra ``serve``."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from leukoscope.service.app import make_app
    from leukoscope.service.limits import Limits
    from leukoscope.service.running import serve
    from leukoscope.service.settings import Settings

__all__ = ["Limits", "Settings", "make_app", "serve"]

_HOMES = {"Limits": "limits", "Settings": "settings", "make_app": "app", "serve": "running"}


def __getattr__(name: str) -> Any:  # noqa: ANN401 - whatever the name stands for
    """Import a public name when it is first used: torch and FastAPI take seconds to load."""
    if name not in _HOMES:
        raise AttributeError(f"module 'leukoscope.service' has no attribute {name!r}")
    return getattr(import_module(f"leukoscope.service.{_HOMES[name]}"), name)
