"""Finished runs opened for explaining cells: each with its own framing, its calls, and where each cell lies."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl

from leukoscope.bundles import Bundle, load_bundle
from leukoscope.cohort.cohort import Cohort
from leukoscope.errors import DataError, SettingsError
from leukoscope.evaluation.calling import decide
from leukoscope.explanation.seeing.layers import refuse_unsuitable
from leukoscope.explanation.seeing.masks import CellMask, cell_mask, framed_mask, on_its_black, takes_masks
from leukoscope.files import read_table
from leukoscope.inference.certainty import calibrated_shares
from leukoscope.models.cell_model import CellModel
from leukoscope.models.probabilities import probabilities
from leukoscope.pictures.conversion import Pixels
from leukoscope.pictures.decode import decode
from leukoscope.runs.folder import RunFolder
from leukoscope.runs.run import Run
from leukoscope.training.device import choose_device
from leukoscope.training.scoring import view_logits


@dataclass(frozen=True, eq=False)
class SeenModel:
    """A model that is asked what it sees.

    Args:
        name: What it is called; unique among its fellows.
        run: The run that it comes from.
        bundle: Its bundle.
        network: Its network.
    """

    name: str
    run: Run
    bundle: Bundle
    network: CellModel

    def parts(self, ids: Sequence[str]) -> list[str | None]:
        """Return which part of the run's own split each cell was in: None where in none."""
        table = read_table(RunFolder(self.run.folder).split, text=True)
        known = dict(table.select("id", "part").iter_rows())
        return [known.get(name) for name in ids]


@dataclass(frozen=True, eq=False)
class SeenCells:
    """Cells as one model takes them, and what it says of them.

    Args:
        pictures: (n, h, w, 3) uint8, RGB, framed.
        masks: Where each cell lies.
        called: (n,) class names.
        probability: (n,) float64, of the called class.
    """

    pictures: Pixels
    masks: list[CellMask]
    called: list[str]
    probability: np.ndarray


def open_models(runs: Sequence[Run], device: str = "cpu") -> list[SeenModel]:
    """Open the bundles of runs.

    Args:
        runs: One or more finished runs of cells.
        device: ``auto``, ``cpu`` or ``cuda``.

    Raises:
        SettingsError: none is named, one twice, or a network has no maps.
        DataError: their classes differ.
        BundleError: a bundle is damaged.
    """
    if not runs:
        raise SettingsError("There is no run to explain.", do="Name the --out of an earlier train.")
    places = [run.folder.resolve() for run in runs]
    twice = [place for number, place in enumerate(places) if place in places[:number]]
    if twice:
        raise SettingsError("A run is named twice.", where=str(twice[0]), do="Name each once.")
    names = [place.name for place in places]
    opened = [_opened(run, names.count(name) == 1, device) for run, name in zip(runs, names, strict=True)]
    first = opened[0]
    for other in opened[1:]:
        if other.bundle.classes.names != first.bundle.classes.names:
            known = [", ".join(each.bundle.classes.names) for each in (other, first)]
            raise DataError(
                f"The classes of {other.name!r} ({known[0]}) are not those of {first.name!r} ({known[1]}).",
                where=str(other.run.folder),
                do="Explain models of the same classes together.",
            )
    return opened


def see_cells(model: SeenModel, cohort: Cohort, cells: pl.DataFrame) -> SeenCells:
    """Frame cells as a model takes them, and ask it what they are.

    Args:
        model: The model.
        cohort: Whose cells they are.
        cells: ``path``, and ``mask`` where the data set has masks (null where a cell has none).

    Raises:
        DataError: a picture or mask cannot be read.
    """
    bundle = model.bundle
    pictures, masks, plain = [], [], on_its_black(bundle.framing)
    drawn = cells["mask"].to_list() if "mask" in cells.columns else [None] * cells.height
    for path, mask in zip(cells["path"], drawn, strict=True):
        pixels = decode(cohort.root / path).pixels
        pictures.append(bundle.framing.apply(pixels))
        if mask is not None and takes_masks(bundle.framing):
            masks.append(framed_mask(cohort.root / mask, bundle.framing, (pixels.shape[0], pixels.shape[1])))
        else:
            masks.append(cell_mask(plain.apply(pixels)))
    stacked = np.stack(pictures)
    logits = view_logits(model.network, stacked, device=bundle.device, test_time=bundle.card.test_time)
    values = logits.double().cpu()
    shares, _ = calibrated_shares(bundle.card, probabilities(values, bundle.classes).numpy(), values.numpy()[:, 0])
    places = decide(shares, bundle.classes, bundle.threshold)
    called = [bundle.classes.names[place] for place in places]
    return SeenCells(stacked, masks, called, shares[np.arange(len(shares)), places])


def _opened(run: Run, alone: bool, device: str) -> SeenModel:
    bundle = load_bundle(run.single_bundle, device=choose_device(device))
    name = Path(run.folder).resolve().name if alone else str(run.folder)
    try:
        network = refuse_unsuitable(bundle.model)
    except SettingsError as error:
        raise SettingsError(error.what, where=str(run.folder), do=error.do) from None
    return SeenModel(name, run, bundle, network)
