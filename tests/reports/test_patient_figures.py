from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl
from PIL import Image

from leukoscope.reports.patient_figures import patient_figures
from leukoscope.reports.patient_tables import PatientTables

WEIGHTS = {"low": [-1.0, 0.0], "high": [0.0, 1.0], "share": [0.25, 0.75], "weight": [0.3, 0.7]}


def tables(folder: Path, weights: pl.DataFrame | None, maps: pl.DataFrame | None) -> PatientTables:
    classes = {"names": ["well", "sick"], "titles": ["reactive", "tumoral"], "positive": "sick"}
    record = {"classes": classes, "tile": 8, "between": 2, "leakage": None}
    nothing = pl.DataFrame()
    return PatientTables(folder, record, nothing, nothing, None, weights, maps)


def test_both_figures_are_drawn_where_their_tables_are(tmp_path: Path) -> None:
    (tmp_path / "evidence").mkdir()
    Image.fromarray(np.zeros((30, 60, 3), np.uint8)).save(tmp_path / "evidence" / "logit_maps.png")
    about = pl.DataFrame({"patient": ["P$1$", "<P2>"], "label": ["sick", None]})
    weights = about.join(pl.DataFrame(WEIGHTS), how="cross")
    maps = about.with_columns(id="patient", left=pl.Series([0.0, 20.0]), top=pl.lit(0.0), scale=pl.lit(2.5))
    drawn = patient_figures(tables(tmp_path, weights, maps))
    assert [figure.name for figure in drawn] == ["bag_weights", "logit_maps"]
    assert drawn[1].alt == "The cell that speaks most of each of 2 patients, with the map of its logits."
    assert {path.name for path in (tmp_path / "figures").iterdir()} == {
        f"{name}.{kind}" for name in ("bag_weights", "logit_maps") for kind in ("svg", "png")
    }
    assert "P$1$: tumoral" in drawn[0].svg


def test_without_tables_there_is_no_figure(tmp_path: Path) -> None:
    assert patient_figures(tables(tmp_path, None, None)) == []
    assert list(tmp_path.iterdir()) == []
