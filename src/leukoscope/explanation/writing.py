"""Writing the evidence into a run's folder: tables, and sheets of cells with their maps."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import torch

from leukoscope.explanation.bag_weights import bag_weights, has_bag_weights
from leukoscope.explanation.evidence import Evidence, Maps, Probability, evidence_of
from leukoscope.explanation.finding import CellsFound, evidence_auc
from leukoscope.explanation.interval import MEANING, REPLICATES
from leukoscope.explanation.overlay import common_scale
from leukoscope.explanation.patient_table import patient_table
from leukoscope.explanation.sheets import BETWEEN, TILE, write_sheet
from leukoscope.files import remove, write_json, write_table
from leukoscope.models.patient_model import PatientModel
from leukoscope.pictures.bags import BagData
from leukoscope.pictures.conversion import Pixels
from leukoscope.predictions.table import Predictions
from leukoscope.training.cell_sources import CellSource

FORMAT = 1
FOLDER = "evidence"
CELLS_TABLE, PATIENTS_TABLE, MOVES_TABLE = "evidence.parquet", "evidence_patients.csv", "facts_moves.csv"
RECORD, LOGIT_MAPS, BAG_WEIGHTS = "evidence.json", "logit_maps", "bag_weights.csv"
WITH_LOGIT_MAPS = 16
WITH_WEIGHTS = 4


def write_evidence(
    folder: Path,
    model: PatientModel,
    data: BagData,
    device: torch.device,
    *,
    predictions: Predictions,
    threshold: float | None = None,
    calibration: str = "none",
    referred: Mapping[str, str] | None = None,
    moves: pl.DataFrame | None = None,
    probability: Probability | None = None,
    intervals: pl.DataFrame | None = None,
    interval_meaning: str = MEANING,
    truth: pl.DataFrame | None = None,
    run: str = "",
    batch: int = 64,
    source: CellSource | None = None,
    replicates: int = REPLICATES,
    seed: int = 0,
) -> Evidence:
    """Explain patients, and write all that their pages are made from.

    What an earlier call left is replaced. Writes ``evidence.parquet`` (a row a cell), ``evidence_patients.csv``,
    ``evidence.json``, ``facts_moves.csv`` where there are moves, ``bag_weights.csv`` where the network aggregates
    logits by ``bn_sigmoid``, and in ``evidence/`` a sheet of cells with their maps for each patient, and one of
    ``logit_maps``.

    Args:
        folder: The run's folder.
        model: The network.
        data: The patients to explain.
        device: Where to compute.
        predictions: What is said of these patients in the end (facts and calibration included).
        threshold: The operating threshold on the positive class's probability; None for the most probable class.
        calibration: How these probabilities were calibrated: ``Calibrator.kind``.
        referred: Why each patient who is referred to a further test is so, a clause; None for nobody.
        moves: ``facts_moves.moves_table``; None where facts play no part.
        probability: From the pictures' logits to the final probability: ``stated_probability``, or see ``evidence_of``.
            Where it is not given and a patient's prediction is not that of the pictures alone, as they are, there is no
            interval over cells; with views averaged in scoring, name ``evidence.plain_probability``.
        intervals: ``patient``, ``low``, ``high``: other intervals than those over cells, such as over seeds.
        interval_meaning: What the intervals mean, in plain words.
        truth: ``id`` and a boolean column of malignant cells, where these are known.
        run: The run's name.
        batch: Cells at a time in the backbone.
        source: As in ``instances.each_patient``.
        replicates: Draws of cells for the intervals.
        seed: Of these draws.

    Returns:
        The evidence.

    Raises:
        DataError: a patient has no prediction, or the network gives what is no number.
    """
    seen: dict[str, Any] = {"batch": batch, "source": source}
    evidence = evidence_of(model, data, device, **seen, replicates=replicates, seed=seed, probability=probability)
    for name in (FOLDER, MOVES_TABLE, BAG_WEIGHTS, f"{LOGIT_MAPS}.csv"):
        remove(folder / name)
    moved = probability is not None
    patients = patient_table(
        evidence, predictions, threshold=threshold, referred=referred or {}, intervals=intervals, moved=moved
    )
    scale = _write_sheets(folder, evidence, patients, data)
    _write_logit_maps(folder, evidence, patients, data)
    write_table(folder / PATIENTS_TABLE, patients)
    if moves is not None:
        write_table(folder / MOVES_TABLE, moves)
    if has_bag_weights(model):
        labels = dict(patients.select("patient", "label").iter_rows())
        few = data.subset(_spread([labels[name] for name in data.patients], WITH_WEIGHTS))
        table = bag_weights(model, few, device, [labels[name] for name in few.patients], **seen)
        write_table(folder / BAG_WEIGHTS, table)
    about = {"format": FORMAT, "run": run, "threshold": threshold, "calibration": calibration, "scale": scale}
    about["interval_meaning"] = interval_meaning
    found = None if truth is None else _found(evidence, truth, predictions).as_json()
    write_json(folder / RECORD, about | _network(model) | _said(predictions) | {"found": found})
    return evidence


def _network(model: PatientModel) -> dict[str, Any]:
    own = type(model.aggregator)
    return {"aggregator": own.__name__, "assumption": own.assumption, "instances": model.instances_of}


def _said(predictions: Predictions) -> dict[str, Any]:
    tiles = {"tile": TILE, "between": BETWEEN}
    return {"leakage": predictions.leakage, "classes": predictions.classes.as_json(), **tiles}


def _found(evidence: Evidence, truth: pl.DataFrame, predictions: Predictions) -> CellsFound:
    positive = predictions.table.filter(pl.col("label") == predictions.classes.positive)["patient"].to_list()
    return evidence_auc(evidence.cells, truth, positive)


def _write_sheets(folder: Path, evidence: Evidence, patients: pl.DataFrame, data: BagData) -> float:
    """Write each patient's sheet and the table of cells; return the maps' common scale.

    A map shows evidence times the number of the patient's instances: the weighted logit of each place. Its plain
    evidence would be paler the more cells a patient has.
    """
    shown = _shown(evidence, patients)
    maps = _dense(evidence, shown)
    scale = common_scale(maps)
    placed: list[pl.DataFrame] = []
    for (stem,), rows in shown.group_by("stem", maintain_order=True):
        captions = [f"{rank}. {value:+.4f}" for rank, value in rows.select("rank", "evidence").iter_rows()]
        path = folder / FOLDER / f"{stem}.png"
        pictures = _pictures(data, rows["id"].to_list())
        corners = write_sheet(path, pictures, maps[rows["at"].to_numpy()], captions, scale=scale)
        placed.append(rows.select("id", sheet_left=pl.Series([left for left, _ in corners])))
        placed[-1] = placed[-1].with_columns(sheet_top=pl.Series([top for _, top in corners]))
    nothing = pl.DataFrame(schema={"id": pl.String(), "sheet_left": pl.Int64(), "sheet_top": pl.Int64()})
    cells = evidence.cells.join(pl.concat([nothing, *placed]), on="id", how="left", maintain_order="left")
    write_table(folder / CELLS_TABLE, cells)
    return scale


def _shown(evidence: Evidence, patients: pl.DataFrame) -> pl.DataFrame:
    """Return a row a cell with a map: ``id``, ``at`` (its place among the maps), ``rank``, ``stem``, ``label``, ..."""
    kept = pl.DataFrame({"id": evidence.shown}, schema={"id": pl.String()}).with_row_index("at")
    about = patients.select("patient", "stem", "label", "cells")
    with_cells = kept.join(evidence.cells, on="id", maintain_order="left")
    return with_cells.join(about, on="patient", maintain_order="left")


def _dense(evidence: Evidence, shown: pl.DataFrame) -> Maps:
    instances = shown["cells"].to_numpy() * int(np.prod(evidence.maps.shape[1:]))
    dense: Maps = evidence.maps * instances[:, None, None].astype(np.float32)
    return dense


def _write_logit_maps(folder: Path, evidence: Evidence, patients: pl.DataFrame, data: BagData) -> None:
    """Write the cell that speaks most, and its places' own logits, of up to 16 patients spread over the labels."""
    if evidence.logit_maps is None or not evidence.shown or evidence.logit_maps.shape[1:] == (1, 1):
        return  # a cell that is one instance has no map
    shown = _shown(evidence, patients)
    first = shown.sort(pl.col("evidence").abs(), descending=True, maintain_order=True).unique("patient", keep="first")
    first = first.join(patients.select("patient").with_row_index("order"), on="patient").sort("order")
    chosen = first[_spread(first["label"].to_list(), WITH_LOGIT_MAPS)]
    maps = evidence.logit_maps[chosen["at"].to_numpy()]
    scale = common_scale(maps)
    path = folder / FOLDER / f"{LOGIT_MAPS}.png"
    corners = write_sheet(path, _pictures(data, chosen["id"].to_list()), maps, chosen["patient"].to_list(), scale=scale)
    table = chosen.select("patient", "id", "label").with_columns(
        left=pl.Series([left for left, _ in corners]), top=pl.Series([top for _, top in corners]), scale=pl.lit(scale)
    )
    write_table(folder / f"{LOGIT_MAPS}.csv", table)


def _pictures(data: BagData, ids: list[str]) -> Pixels:
    places = {name: place for place, name in enumerate(data.cells.ids)}
    return data.cells.store.batch(data.cells.rows[[places[name] for name in ids]])


def _spread(labels: list[str | None], most: int) -> np.ndarray:
    """Return the places of up to ``most`` patients, of each label in turn, in their order."""
    kinds = list(dict.fromkeys(labels))
    of_kind = {kind: [place for place, label in enumerate(labels) if label == kind] for kind in kinds}
    turns = [(turn, place) for places in of_kind.values() for turn, place in enumerate(places)]
    return np.array(sorted(place for _, place in sorted(turns)[:most]), dtype=np.int64)
