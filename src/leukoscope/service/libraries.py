"""The libraries that only the service needs: asked for in plain words where they are missing."""

from __future__ import annotations

from importlib.util import find_spec

from leukoscope.errors import SettingsError

NEEDED = ("fastapi", "prometheus_client", "python_multipart", "uvicorn")


def refuse_without_libraries() -> None:
    """Refuse to serve where a library of the extra ``serve`` is not installed.

    Raises:
        SettingsError: one is missing.
    """
    missing = [name for name in NEEDED if find_spec(name) is None]
    if missing:
        raise SettingsError(
            f"The service needs libraries that are not installed: {', '.join(missing)}.",
            do='pip install "leukoscope[serve]"',
        )
