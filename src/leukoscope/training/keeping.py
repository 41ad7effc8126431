"""What a training leaves in its folder after each epoch, and going on from there."""

from __future__ import annotations

import hashlib
import warnings
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch

from leukoscope.cohort.classes import Classes
from leukoscope.errors import LeukoscopeWarning, SettingsError
from leukoscope.files import write_table
from leukoscope.pictures.bags import BagData
from leukoscope.pictures.batches import CellData
from leukoscope.recipes.schema import Recipe
from leukoscope.training.averaging import evaluated_weights
from leukoscope.training.bagging import BAGGING
from leukoscope.training.checkpoints import Checkpoint, load_checkpoint, save_checkpoint, weights_of
from leukoscope.training.history import VALIDATION, History, as_table
from leukoscope.training.learner import Learner
from leukoscope.training.optimisers import optimiser_state

DECISIVE = (
    "task",
    "framing",
    "augmentation",
    "model",
    "bag",
    "facts",
    "balance",
    "loss",
    "stages",
    "best_epoch",
    "test_time",
)


@dataclass
class Keeper:
    """Keeps history and checkpoints in a folder.

    Files: ``checkpoints/last`` (to go on from), ``checkpoints/best`` (the best epoch's weights), ``history.csv`` (no
    times: that of a resumed training is byte for byte the same), ``timings.csv``.

    Args:
        folder: The run's folder.
        settings: Everything that decides the result, by name; a training goes on only with equal ones.
        computing: What equal bits need besides: device, threads, version of PyTorch.
        history: The finished epochs.
        timings: Their times, in seconds.
    """

    folder: Path
    settings: dict[str, Any]
    computing: dict[str, Any]
    history: History
    timings: list[dict[str, Any]] = field(default_factory=list)

    @property
    def last(self) -> Path:
        """The checkpoint that a stopped training goes on from."""
        return self.folder / "checkpoints" / "last"

    @property
    def best(self) -> Path:
        """The best epoch's weights."""
        return self.folder / "checkpoints" / "best"

    def resume(self) -> Checkpoint | None:
        """Take up the history of the folder's checkpoint, and return the checkpoint; None where there is none.

        Raises:
            SettingsError: the training there was begun with other settings.
            LeukoscopeError: the checkpoint is damaged.
        """
        checkpoint = load_checkpoint(self.last)
        if checkpoint is None:
            return None
        state = checkpoint.state
        _refuse_other_settings(state["settings"], self.settings, self.folder)
        _warn_of_other_computing(state["computing"], self.computing)
        self.history = History(self.history.metric, self.history.smallest, tuple(state["history"]))
        self.timings = list(state["timings"])
        self._write_tables()
        return checkpoint

    def keep(self, learner: Learner, row: dict[str, Any], timing: dict[str, Any]) -> bool:
        """Write down a finished epoch; return whether it is the best so far.

        The best weights are written before the checkpoint: whoever is killed between the two trains this epoch again,
        and writes the same weights once more.
        """
        self.history = self.history.with_row(row)
        self.timings.append(timing)
        best = self.history.best is row
        if best:
            with evaluated_weights(learner.model, learner.average):
                kept = {"epoch": row["epoch"], VALIDATION + self.history.metric: row[VALIDATION + self.history.metric]}
                save_checkpoint(self.best, Checkpoint(weights_of(learner.model), kept))
        save_checkpoint(self.last, self._checkpoint(learner))
        self._write_tables()
        return best

    def _checkpoint(self, learner: Learner) -> Checkpoint:
        tensors, others = optimiser_state(learner.optimiser)
        state = {
            "settings": self.settings,
            "computing": self.computing,
            "history": list(self.history.rows),
            "timings": self.timings,
            "optimiser": others,
        }
        average = None if learner.average is None else learner.average.copies()
        return Checkpoint(weights_of(learner.model), state, tensors, average)

    def _write_tables(self) -> None:
        write_table(self.folder / "history.csv", self.history.table())
        write_table(self.folder / "timings.csv", as_table(self.timings))


def decisive_settings(
    recipe: Recipe, classes: Classes, train_data: CellData | BagData, validation_data: CellData | BagData, seed: int
) -> dict[str, Any]:
    """Return all that decides a training's result, by name, as JSON values; cells by a hash of ids and labels."""
    chosen = {name: value for name, value in recipe.model_dump(mode="json").items() if name in DECISIVE}
    cells = {"training cells": _hash_of(train_data), "validation cells": _hash_of(validation_data)}
    if isinstance(train_data, CellData) and recipe.balance.sampling == BAGGING:
        cells["linked groups"] = hashlib.sha256("\n".join(train_data.groups or []).encode()).hexdigest()
    return {"seed": seed, "classes": classes.as_json(), **chosen, **cells}


def computing_on(device: torch.device) -> dict[str, Any]:
    """Return what equal bits need besides equal settings."""
    name = torch.cuda.get_device_name(device) if device.type == "cuda" else "cpu"
    return {"device": name, "threads": torch.get_num_threads(), "torch": torch.__version__}


def _hash_of(data: CellData | BagData) -> str:
    names = data.ids if isinstance(data, CellData) else [*data.patients, *data.cells.ids]
    digest = hashlib.sha256("\n".join(names).encode())
    digest.update(data.labels.astype("<i8").tobytes())
    if isinstance(data, BagData):
        digest.update(data.sizes.astype("<i8").tobytes())
        digest.update(b"" if data.facts is None else data.facts.astype("<f4").tobytes())
    return digest.hexdigest()


def _refuse_other_settings(kept: dict[str, Any], asked: dict[str, Any], folder: Path) -> None:
    changed = [name for name in asked if kept.get(name) != asked[name]]
    if changed:
        raise SettingsError(
            f"The training in this folder was begun with other settings: {', '.join(changed)}.",
            where=str(folder),
            do="Give the same settings and data as then, or start anew in another folder.",
        )


def _warn_of_other_computing(kept: dict[str, Any], now: dict[str, Any]) -> None:
    changed = [f"{name} {kept.get(name)} then, {now[name]} now" for name in now if kept.get(name) != now[name]]
    if changed:
        message = f"The training goes on under other conditions ({'; '.join(changed)}): the last digits may differ."
        warnings.warn(LeukoscopeWarning(message), stacklevel=3)
