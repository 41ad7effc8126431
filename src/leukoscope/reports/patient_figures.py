"""The figures of a run on patients: what a bag's logits weigh, and cells with their logit maps."""

from __future__ import annotations

from leukoscope.errors import counted
from leukoscope.reports.figures.bag_weights import bag_weights
from leukoscope.reports.figures.logit_maps import LogitMap, logit_maps
from leukoscope.reports.figures.saving import Drawn, save_figure
from leukoscope.reports.patient_tables import PatientTables
from leukoscope.reports.patient_tiles import cut_pair, read_sheet


def patient_figures(tables: PatientTables) -> list[Drawn]:
    """Draw and save, in ``figures/``, those of the two figures that the tables allow.

    Args:
        tables: The evidence.

    Raises:
        DataError: the sheet of logit maps cannot be read.
    """
    return [*_weights(tables), *_maps(tables)]


def _weights(tables: PatientTables) -> list[Drawn]:
    if tables.bag_weights is None or not tables.bag_weights.height:
        return []
    titles = {name: tables.title(name) for name in tables.record["classes"]["names"]}
    figure = bag_weights(tables.bag_weights, titles, leaking=bool(tables.record["leakage"]))
    patients = counted(tables.bag_weights["patient"].n_unique(), "patient")
    alt = f"Distribution of the normalised logits of {patients}, with the weight of each logit as a curve over it."
    return [save_figure(figure, tables.folder / "figures", "bag_weights", alt)]


def _maps(tables: PatientTables) -> list[Drawn]:
    if tables.logit_maps is None or not tables.logit_maps.height:
        return []
    sheet = read_sheet(tables.sheet("logit_maps"))
    size = {"tile": int(tables.record["tile"]), "between": int(tables.record["between"])}
    shown = [
        LogitMap(
            cut_pair(sheet, int(row["left"]), int(row["top"]), **size),
            row["patient"],
            "" if row["label"] is None else tables.title(row["label"]),
        )
        for row in tables.logit_maps.iter_rows(named=True)
    ]
    scale = float(tables.logit_maps["scale"][0])
    figure = logit_maps(shown, scale, leaking=bool(tables.record["leakage"]))
    alt = f"The cell that speaks most of each of {counted(len(shown), 'patient')}, with the map of its logits."
    return [save_figure(figure, tables.folder / "figures", "logit_maps", alt)]
