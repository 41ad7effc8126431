"""The run folder: the name of everything in it, and its record ``run.json``."""

from __future__ import annotations

import datetime as dt
import importlib.metadata
import platform
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from leukoscope.errors import SettingsError
from leukoscope.files import read_formatted, remove, write_json

FORMAT = 1
# Framed pictures are found by their content, so the next attempt can use them.
KEPT_OF_FAILED = {".lock", "pixels"}
NOTED_VERSIONS = ("leukoscope", "torch", "timm", "numpy", "polars", "opencv-python-headless", "pillow", "scikit-learn")


@dataclass(frozen=True)
class RunFolder:
    """Where a run keeps what.

    Args:
        path: The folder.
    """

    path: Path

    @property
    def record(self) -> Path:
        """What was done, with what, how far it is: ``run.json``."""
        return self.path / "run.json"

    @property
    def data(self) -> Path:
        """The drawn cells of a recipe that draws its own."""
        return self.path / "data"

    @property
    def recipe(self) -> Path:
        """The recipe as it was run, every setting spelled out."""
        return self.path / "recipe.yaml"

    @property
    def cohort(self) -> Path:
        """The cohort, excluded cells with their reasons included."""
        return self.path / "cohort.parquet"

    @property
    def pictures(self) -> Path:
        """What is known of each picture: hashes, size, mode."""
        return self.path / "pictures.parquet"

    @property
    def split(self) -> Path:
        """Which cell is in which part."""
        return self.path / "split.csv"

    @property
    def audit(self) -> Path:
        """The audit's findings."""
        return self.path / "audit.json"

    @property
    def pixels(self) -> Path:
        """The framed pictures, kept until the run is finished."""
        return self.path / "pixels"

    @property
    def composition(self) -> Path:
        """What balancing makes of each class of the training part."""
        return self.path / "composition.csv"

    @property
    def bagging(self) -> Path:
        """Which part of the largest class is seen as it is, and which as changed copies."""
        return self.path / "bagging.csv"

    @property
    def network(self) -> Path:
        """The network's layers."""
        return self.path / "network.csv"

    @property
    def joint(self) -> Path:
        """The plan of a joint model: its branches, and the layers of its head."""
        return self.path / "joint.json"

    @property
    def stages(self) -> Path:
        """What of the network each stage of training trained."""
        return self.path / "stages.csv"

    @property
    def importances(self) -> Path:
        """What each named measure counts for, where a head was fitted at once to measures."""
        return self.path / "importances.csv"

    @property
    def scores(self) -> Path:
        """All scores with their intervals."""
        return self.path / "scores.json"

    @property
    def gap(self) -> Path:
        """What the paper's own, leaking split makes of the scores."""
        return self.path / "gap.json"

    @property
    def wrong(self) -> Path:
        """The cells that were most confidently wrong."""
        return self.path / "wrong.csv"

    @property
    def examples(self) -> Path:
        """Typical cells of each class with their most probable classes, where there are more than two."""
        return self.path / "examples.csv"

    @property
    def unlike(self) -> Path:
        """The test cells that are most unlike the training cells."""
        return self.path / "unlike.csv"

    @property
    def bundle(self) -> Path:
        """The finished model, to be given away."""
        return self.path / "bundle"

    @property
    def figures(self) -> Path:
        """Figures and sheets."""
        return self.path / "figures"

    @property
    def report(self) -> Path:
        """The page that tells it all."""
        return self.path / "report.html"

    def predictions(self, part: str) -> Path:
        """The predictions of one part."""
        return self.path / "predictions" / f"{part}.parquet"

    def read_record(self) -> dict[str, Any]:
        """Return ``run.json``.

        Raises:
            DataError: the folder holds no run, or one of another format.
        """
        return read_formatted(self.record, FORMAT, "run", do="Name the --out of an earlier train.")

    def update(self, **values: Any) -> dict[str, Any]:  # noqa: ANN401 - JSON values
        """Change some values of the record and return it; dictionaries are merged one level deep."""
        record: dict[str, Any] = self.read_record() if self.record.is_file() else {"format": FORMAT}
        for key, value in values.items():
            merge = isinstance(value, dict) and isinstance(record.get(key), dict)
            record[key] = {**record[key], **value} if merge else value
        write_json(self.record, record)
        return record


def start_folder(folder: RunFolder) -> None:
    """Make the folder ready for a new run: a failed run's leftovers go, anything else is left alone.

    Raises:
        SettingsError: the folder holds a run that did not fail, or something else; with what to do.
    """
    if folder.record.is_file():
        status = folder.read_record().get("status", "unknown")
        # Without its cohort a run was stopped before it had begun.
        if status != "failed" and folder.cohort.is_file():
            way = (
                "Name another --out."
                if status == "finished"
                else "Add --resume to go on with it, or name another --out."
            )
            raise SettingsError(f"This folder already holds a run (status: {status}).", where=str(folder.path), do=way)
    elif folder.path.exists() and (
        not folder.path.is_dir() or [entry for entry in folder.path.iterdir() if entry.name != ".lock"]
    ):
        what = "This folder is not empty, and holds no run."
        raise SettingsError(what, where=str(folder.path), do="Name another --out.")
    for entry in folder.path.iterdir() if folder.path.is_dir() else ():
        if entry.name not in KEPT_OF_FAILED:
            remove(entry)


def versions() -> dict[str, str]:
    """Return the versions of Python and of the libraries that results depend on."""
    found = {"python": platform.python_version(), "system": f"{platform.system()} {platform.machine()}"}
    return found | {name: importlib.metadata.version(name) for name in NOTED_VERSIONS}


def now() -> str:
    """Return the time in UTC, to the second, as ISO 8601 text."""
    return dt.datetime.now(dt.UTC).isoformat(timespec="seconds")
