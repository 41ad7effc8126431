"""From a bundle to a folder that needs no Leukoscope: graphs that answered as the bundle does, and their JSON."""

from __future__ import annotations

import importlib.metadata
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import torch

from leukoscope.bundles.bundle import Bundle
from leukoscope.bundles.ensemble_bundle import AnyBundle, EnsembleBundle
from leukoscope.bundles.opening import open_bundle
from leukoscope.bundles.seals import SEALS, seals_of
from leukoscope.bundles.selftest import exactly
from leukoscope.errors import SettingsError
from leukoscope.exporting.answers import answer_of, framed_as_in_graph
from leukoscope.exporting.cells import graph_of_cells
from leukoscope.exporting.description import RECORD, about, described
from leukoscope.exporting.graph import Graph
from leukoscope.exporting.libraries import library, quietly
from leukoscope.exporting.parity import Parity, parity_of, refuse_other_answers
from leukoscope.exporting.patients import graph_of_patients
from leukoscope.exporting.precision import in_precision, refuse_other_precision
from leukoscope.exporting.runtimes import KINDS, Session, refuse_other_kinds
from leukoscope.exporting.tracing import traced, without_traces
from leukoscope.exporting.training_cells import quantisation_feeds, quantised_on, training_cells
from leukoscope.exporting.trials import Trial, feed_of, trials_of
from leukoscope.files import replacing_folder, sha256, write_json

MEBIBYTE = 2**20
PACKAGES = ("leukoscope", "torch", "onnx", "onnxscript", "nncf")


@dataclass(frozen=True)
class Exported:
    """What was exported.

    Args:
        folder: The folder.
        record: What its ``export.json`` holds.
    """

    folder: Path
    record: dict[str, Any]

    def __repr__(self) -> str:
        lines = [f"{self.record['name']!r} exported in {self.record['precision']}: {self.folder}"]
        for graph in self.record["graphs"]:
            size = sum(file["bytes"] for file in graph["files"].values()) / MEBIBYTE
            parity = graph["parity"]
            lines.append(
                f"  {graph['runs_in']}: {', '.join(graph['files'])}, {size:.1f} MiB; {parity['asked']} answers as "
                f"PyTorch's, to within {parity['largest_difference']:.1g}"
            )
        lines += (
            [] if self.record["framing"]["inside"] else ["  Pictures must be framed by the client: see export.json"]
        )
        return "\n".join([*lines, f"  {self.record['use']}"])


def export_bundle(
    bundle: AnyBundle | Path | str,
    out: Path | str,
    *,
    to: Sequence[str] | str = "onnx",
    precision: str = "fp32",
) -> Exported:
    """Write a bundle as graphs for ONNX Runtime or OpenVINO, which say what the bundle says with all its views.

    Framing (as far as it can be), normalisation, test-time views, probabilities and calibration are part of the graph;
    the threshold is not. Before anything is put into its place, each graph is asked what the bundle's self-test asks.

    Args:
        bundle: A bundle, of cells or patients, of one model or several; or its folder.
        out: The folder to write; new, empty, or an earlier export, which is replaced.
        to: ``onnx``, ``openvino``, or both as a list.
        precision: ``fp32``; ``bf16``: the backbone's weights in half the bytes; ``int8``: backbone quantised.

    Raises:
        SettingsError: an unknown kind or precision, a library is missing, the folder holds something else, or part of
            the bundle can't be in a graph.
        BundleError: the bundle is damaged, or a graph does not say what it says.
    """
    kinds, out = tuple(dict.fromkeys([to] if isinstance(to, str) else to)), Path(out)
    refuse_other_kinds(kinds)
    refuse_other_precision(precision)
    _refuse_other_content(out)
    _refuse_missing_libraries(kinds, precision)
    ready = bundle if isinstance(bundle, Bundle | EnsembleBundle) else open_bundle(Path(bundle))
    # Rounded to 8 bits, distances are off by as much as they are long (docs/how-to/export-a-bundle.md).
    graph = graph_of(without_distances(ready) if precision == "int8" else ready)
    model = traced(graph, about(ready))
    model = in_precision(model, precision, quantisation_feeds(ready, graph) if precision == "int8" else ())
    without_traces(model)
    record = described(ready, graph, precision)
    record |= {"quantised_on": quantised_on(ready)} if precision == "int8" else {}
    with replacing_folder(out) as folder:
        record["graphs"] = []
        for kind in kinds:
            KINDS[kind].write(model, folder)
            session = KINDS[kind].open(folder, None, precision)
            parity = compared(ready, graph, session, precision, trials_of(ready))
            refuse_other_answers(parity, ready, KINDS[kind].title, precision)
            _, others = training_cells(ready)
            training = compared(ready, graph, session, precision, others) if others else None
            record["graphs"].append(_record_of(kind, folder, precision, parity, training))
        record["versions"] = _versions(PACKAGES)
        write_json(folder / RECORD, {**record, SEALS: seals_of(record)})
    return Exported(out, record)


def graph_of(bundle: AnyBundle) -> Graph:
    """Return the graph of a bundle of any kind.

    Raises:
        SettingsError: part of it can't be in a graph.
    """
    if isinstance(bundle, Bundle) and bundle.card.task == "patients":
        return graph_of_patients(bundle)
    return graph_of_cells(bundle)


def without_distances(bundle: AnyBundle) -> AnyBundle:
    """Return a bundle that says nothing of how far pictures are from its training cells."""
    if isinstance(bundle, Bundle):
        return replace(bundle, reference=None)
    return replace(bundle, members=tuple(without_distances(one) for one in bundle.members))


def compared(bundle: AnyBundle, graph: Graph, session: Session, precision: str, trials: Sequence[Trial]) -> Parity:
    """Ask an exported graph what its bundle is asked, and compare.

    Args:
        bundle: The bundle.
        graph: Its graph.
        session: The graph's files, opened.
        precision: The graph's.
        trials: What is asked, 1 or more.
    """
    with exactly(), torch.inference_mode():
        own = [answer_of(bundle, trial) for trial in trials]
        same = [answer_of(bundle, trial, framed_as_in_graph) for trial in trials] if graph.framing_inside else own
    found = [session.ask(feed_of(bundle, graph, trial)) for trial in trials]
    return parity_of(same, own, found, bundle, precision)


def _record_of(kind: str, folder: Path, precision: str, parity: Parity, training: Parity | None) -> dict[str, Any]:
    """Return what ``export.json`` says of files of one kind."""
    written = KINDS[kind]
    paths = [folder / name for name in written.files]
    return {
        "to": kind,
        "runs_in": written.title,
        "files": {path.name: {"bytes": path.stat().st_size, "sha256": sha256(path)} for path in paths},
        "hints": {"INFERENCE_PRECISION_HINT": "bf16" if precision == "bf16" else "f32"} if kind == "openvino" else {},
        "parity": parity.as_json(),
        "parity_on_training_cells": None if training is None else training.as_json(),
        "versions": _versions(written.packages),
    }


def _refuse_missing_libraries(kinds: Sequence[str], precision: str) -> None:
    """Ask for what is missing before minutes of work, not after them."""
    running = [name for kind in kinds for name in KINDS[kind].packages]
    with quietly():
        for name in ("onnx", "onnxscript", *running, *(["nncf"] if precision == "int8" else [])):
            library(name)


def _versions(names: Sequence[str]) -> dict[str, str]:
    found = {}
    for name in names:
        try:
            found[name] = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            found[name] = "not installed"
    return found


def _refuse_other_content(folder: Path) -> None:
    """Refuse a place where something would be lost: only an earlier export is replaced, and nothing beside it."""
    if not folder.exists():
        return
    found = {path.name: path for path in folder.iterdir()} if folder.is_dir() else {"": folder}
    own = {RECORD, *(name for kind in KINDS.values() for name in kind.files)}
    others = [path for name, path in sorted(found.items()) if name not in own or RECORD not in found]
    if others:
        raise SettingsError(
            "This folder holds something else than an export.",
            where=str(others[0]),
            more=len(others) - 1,
            do="Name another.",
        )
