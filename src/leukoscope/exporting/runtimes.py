"""The runtimes that graphs are exported to: how each one's files are written, opened and asked.

A new one is a session here and a line in ``KINDS``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt
import torch

from leukoscope.errors import SettingsError, nearest
from leukoscope.exporting.libraries import library
from leukoscope.exporting.tracing import PREFIX

Arrays = dict[str, npt.NDArray[Any]]
STEM = "model"


class Session(Protocol):
    """A graph that can be asked."""

    def ask(self, feed: Mapping[str, npt.NDArray[Any]]) -> Arrays:
        """Return the outputs by name, of the inputs by name."""
        ...


class OnnxSession:
    """A graph in ONNX Runtime, on the processor.

    Its threads do not wait busily for the next question: they would take PyTorch's processors away from it
    (onnxruntime#13808).

    Args:
        path: The ``.onnx`` file.
        threads: How many; PyTorch's own number where None.
    """

    def __init__(self, path: Path, threads: int | None = None) -> None:
        runtime = library("onnxruntime")
        options = runtime.SessionOptions()
        options.intra_op_num_threads = threads or torch.get_num_threads()
        options.inter_op_num_threads = 1
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        options.log_severity_level = 3
        self._session = runtime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
        self._names: Sequence[str] = [one.name for one in self._session.get_outputs()]

    def ask(self, feed: Mapping[str, npt.NDArray[Any]]) -> Arrays:
        """Return the outputs by name, of the inputs by name."""
        return dict(zip(self._names, self._session.run(None, dict(feed)), strict=True))


class OpenVinoSession:
    """A graph in OpenVINO, on the processor.

    Args:
        path: The ``.xml`` file; the ``.bin`` lies beside it.
        threads: How many; PyTorch's own number where None.
        precision: In what the processor computes: ``f32`` or ``bf16``.
    """

    def __init__(self, path: Path, threads: int | None = None, precision: str = "f32") -> None:
        core = library("openvino").Core()
        config = {
            "INFERENCE_NUM_THREADS": threads or torch.get_num_threads(),
            "INFERENCE_PRECISION_HINT": precision,
            "PERFORMANCE_HINT": "LATENCY",
        }
        self._model = core.compile_model(str(path), "CPU", config)
        self._names: Sequence[str] = [one.get_any_name() for one in self._model.outputs]

    def ask(self, feed: Mapping[str, npt.NDArray[Any]]) -> Arrays:
        """Return the outputs by name, of the inputs by name."""
        found = self._model(dict(feed))
        return {name: np.array(found[place]) for place, name in enumerate(self._names)}


@dataclass(frozen=True)
class Kind:
    """A kind of files.

    Args:
        title: What runs them.
        files: Their names.
        write: Writes them into a folder, of an ONNX model.
        open: Opens them there, for a number of threads (None: PyTorch's own) and a precision.
        packages: The libraries whose versions count.
    """

    title: str
    files: tuple[str, ...]
    write: Callable[[Any, Path], None]
    open: Callable[[Path, int | None, str], Session]
    packages: tuple[str, ...]


def refuse_other_kinds(to: tuple[str, ...]) -> None:
    """Refuse kinds of files that there are not, or none at all.

    Raises:
        SettingsError: an unknown kind, or none.
    """
    wrong = [kind for kind in to if kind not in KINDS]
    if wrong or not to:
        what = f"Nothing is exported to {wrong[0]!r}." if wrong else "No kind of files to export to is named."
        raise SettingsError(what, more=max(len(wrong) - 1, 0), do=nearest(wrong[0] if wrong else "", KINDS))


def _write_onnx(model: Any, folder: Path) -> None:  # noqa: ANN401 - an onnx.ModelProto
    (folder / f"{STEM}.onnx").write_bytes(model.SerializeToString())


def _write_openvino(model: Any, folder: Path) -> None:  # noqa: ANN401 - likewise
    """Write an ONNX model as OpenVINO's files, with what it says of itself; weights keep their precision."""
    openvino = library("openvino")
    # Read from memory, not by convert_model, which sends word of its use to its makers.
    read = openvino.Core().read_model(model.SerializeToString(), b"")
    for entry in model.metadata_props:
        read.set_rt_info(entry.value, ["leukoscope", entry.key.removeprefix(PREFIX)])
    openvino.save_model(read, str(folder / f"{STEM}.xml"), compress_to_fp16=False)


def _open_onnx(folder: Path, threads: int | None, _precision: str) -> Session:
    return OnnxSession(folder / f"{STEM}.onnx", threads)


def _open_openvino(folder: Path, threads: int | None, precision: str) -> Session:
    return OpenVinoSession(folder / f"{STEM}.xml", threads, "bf16" if precision == "bf16" else "f32")


KINDS: dict[str, Kind] = {
    "onnx": Kind("ONNX Runtime", (f"{STEM}.onnx",), _write_onnx, _open_onnx, ("onnxruntime",)),
    "openvino": Kind("OpenVINO", (f"{STEM}.xml", f"{STEM}.bin"), _write_openvino, _open_openvino, ("openvino",)),
}
"""The kinds of files, by the name that ``--to`` takes."""
