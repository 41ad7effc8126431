"""The libraries that only exporting needs: imported when they are used, asked for in plain words, and kept quiet."""

from __future__ import annotations

import contextlib
import importlib
import io
import logging
import sys
import warnings
from collections.abc import Iterator
from typing import Any

from leukoscope.errors import SettingsError

TITLES = {
    "onnx": "ONNX",
    "onnxscript": "ONNX Script",
    "onnxruntime": "ONNX Runtime",
    "openvino": "OpenVINO",
    "nncf": "NNCF",
}
"""What each is called."""
TELEMETRY = "openvino_telemetry"


def library(name: str) -> Any:  # noqa: ANN401 - a module of a library without types
    """Return a library of the extra ``export``.

    Args:
        name: One of ``TITLES``, or a module within one.

    Raises:
        SettingsError: it is not installed.
    """
    root = name.partition(".")[0]
    try:
        with _nothing_sent():
            importlib.import_module(root)
    except ModuleNotFoundError as error:
        if error.name != root:
            raise
        raise SettingsError(f"{TITLES[root]} is not installed.", do='pip install "leukoscope[export]"') from None
    return importlib.import_module(name)


@contextlib.contextmanager
def quietly() -> Iterator[None]:
    """Keep to itself what PyTorch's exporter or the quantiser prints, logs or warns of; what they raise is raised."""
    level, nowhere = logging.root.manager.disable, io.StringIO()
    with warnings.catch_warnings(), contextlib.redirect_stdout(nowhere), contextlib.redirect_stderr(nowhere):
        warnings.simplefilter("ignore")
        logging.disable(logging.CRITICAL)
        try:
            yield
        finally:
            logging.disable(level)


@contextlib.contextmanager
def _nothing_sent() -> Iterator[None]:
    """Hide the package with which NNCF sends word of each use to its makers; without it, it sends nothing."""
    there = TELEMETRY in sys.modules
    kept = sys.modules.get(TELEMETRY)
    modules: dict[str, Any] = sys.modules
    modules[TELEMETRY] = None
    try:
        yield
    finally:
        if there:
            modules[TELEMETRY] = kept
        else:
            del modules[TELEMETRY]
