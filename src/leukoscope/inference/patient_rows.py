"""One patient's row: pictures read as they come, in chunks through the network, one bag, the facts, the verdict."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import polars as pl
import torch
from torch import Tensor

from leukoscope.bundles.bundle import Bundle
from leukoscope.bundles.network import encoder_of
from leukoscope.bundles.verdicts import verdicts
from leukoscope.errors import DataError, counted
from leukoscope.facts.encoding import FactsEncoder
from leukoscope.inference.marks import PATIENT, Marks, marks_of
from leukoscope.inference.patient_sources import Patients
from leukoscope.models.bags import Bags
from leukoscope.models.patient_model import PatientModel
from leukoscope.models.probabilities import outputs_of
from leukoscope.pictures.reading import Known, Reading, Request, read_all
from leukoscope.predictions.table import probability_column
from leukoscope.training.device import as_input
from leukoscope.training.views import mean_of_views, seen, views_of

Encoded = npt.NDArray[np.float32]


@dataclass
class Bag:
    """What was seen of one patient so far.

    Args:
        views: For each view the instances of each chunk of cells, (n, m, w).
        cells: How many pictures were read.
        unreadable: Path and problem of each picture that was not.
        seen: Whether the model has seen one of them in training.
    """

    views: list[list[Tensor]]
    cells: int = 0
    seen: bool = False
    unreadable: list[str] = field(default_factory=list)


class PatientReader:
    """Makes the row of each patient, in their order; one patient's instances are held at a time.

    Args:
        bundle: A bundle of patients.
        patients: The patients.
        batch: Pictures at a time in the network.
    """

    def __init__(self, bundle: Bundle, patients: Patients, batch: int) -> None:
        assert isinstance(bundle.model, PatientModel)
        self.bundle, self.model, self.patients, self.batch = bundle, bundle.model, patients, batch
        self.encoder: FactsEncoder | None = encoder_of(bundle.card)
        self.marks = marks_of(bundle, patients.sets)
        self.template = empty_row(bundle, self.marks)
        self.pictures: dict[str, list[tuple[str, str | None]]] = {name: [] for name in patients.table["patient"]}
        for patient, path, problem in patients.pictures.select("patient", "path", "problem").iter_rows():
            self.pictures[patient].append((path, problem))

    def readings(self, workers: int | None) -> Generator[Reading]:
        """Read the pictures of all patients, one patient after the other, ahead of the network by a few."""
        root, framing = self.patients.root, self.bundle.framing
        paths = (path for found in self.pictures.values() for path, problem in found if problem is None)
        return read_all((Request(path, root / path, framed=True) for path in paths), Known({}, (), framing), workers)

    def row(self, place: int, readings: Iterator[Reading]) -> pl.DataFrame:
        """Return the row of one patient, with the columns of ``patient_table``.

        Args:
            place: The patient's place in the table; each is asked for once, in order.
            readings: From ``readings``.
        """
        known = self.patients.table[place]
        name = str(known["patient"][0])
        bag = self._seen(name, readings)
        facts, remarks, wrong = self._facts(known)
        problem = self._problem(name, bag) or wrong
        said = self.template.clear(1) if problem else self._verdict(name, bag, facts)
        texts = {
            "id": name,
            "patient": name,
            "label": known["label"][0],
            "remark": "; ".join([*(f"left out: {text}" for text in bag.unreadable), *remarks]) or None,
            "problem": problem,
        }
        numbers = {"cells": bag.cells, "unreadable": len(bag.unreadable)}
        columns = {column: pl.lit(text, pl.String) for column, text in texts.items()}
        columns |= {column: pl.lit(number, pl.Int64) for column, number in numbers.items()}
        marked = said.with_columns(**columns).with_columns(*self.marks.column([bag.seen], PATIENT))
        return marked.select(self.template.columns)

    def _facts(self, known: pl.DataFrame) -> tuple[Encoded | None, list[str], str | None]:
        """Return a patient's encoded facts, what must be remarked on them, and what is wrong with them."""
        if self.encoder is None:
            return None, [], None
        try:
            remarks = [f"{remark.fact}: {remark.text}" for remark in self.encoder.remarks(known)]
            return self.encoder.encode(known), remarks, None
        except DataError as error:
            return None, [], error.what

    def _seen(self, name: str, readings: Iterator[Reading]) -> Bag:
        bag, waiting = Bag([[] for _ in views_of(self.bundle.card.test_time)]), list[np.ndarray]()
        for path, known in self.pictures[name]:
            reading = None if known is not None else next(readings)
            problem = known if reading is None else reading.facts.problem
            if problem is not None or reading is None or reading.framed is None:
                bag.unreadable.append(f"{path}: {problem}")
                continue
            bag.seen |= self.marks.seen(reading.facts.sha256)
            waiting.append(reading.framed)
            if len(waiting) == self.batch:
                self._see(bag, waiting)
                waiting = []
        if waiting:
            self._see(bag, waiting)
        return bag

    def _see(self, bag: Bag, framed: list[np.ndarray]) -> None:
        settings = self.bundle.card.test_time
        with torch.inference_mode(), torch.backends.cudnn.flags(enabled=True, deterministic=True, allow_tf32=False):
            whole = as_input(np.stack(framed), self.bundle.device)
            for chunks, view in zip(bag.views, views_of(settings), strict=True):
                chunks.append(self.model.instances(seen(whole, view, settings)))
        bag.cells += len(framed)

    def _problem(self, name: str, bag: Bag) -> str | None:
        if not self.pictures[name]:
            return "There is no picture of this patient."
        if not bag.cells:
            count = counted(len(bag.unreadable), "picture")
            return f"None of the patient's {count} can be read. {bag.unreadable[0]}"
        return None

    def _verdict(self, name: str, bag: Bag, facts: Encoded | None) -> pl.DataFrame:
        device = self.bundle.device
        inside = None if facts is None or self.model.fusion is None else torch.from_numpy(facts).to(device)
        bags = Bags(torch.tensor([bag.cells], device=device))
        with torch.inference_mode():
            views = torch.stack([self.model.diagnose(torch.cat(chunks), bags, inside) for chunks in bag.views])
            logits = mean_of_views(views.double(), self.bundle.card.test_time)
        return verdicts(self.bundle.card, [name], logits.cpu().numpy(), facts).table


def empty_row(bundle: Bundle, marks: Marks) -> pl.DataFrame:
    """Return the table of no patient: every column with its type, in order.

    Args:
        bundle: A bundle of patients.
        marks: What marks its predictions.
    """
    card, encoder = bundle.card, encoder_of(bundle.card)
    facts = None if encoder is None else np.zeros((0, len(encoder.names)), dtype=np.float32)
    said = verdicts(card, [], np.zeros((0, outputs_of(card.classes))), facts).table
    # As in Predictions.save: of two classes the positive one's probability stands last.
    ordered = sorted(card.classes.names, key=lambda name: name == card.classes.positive)
    further = [name for name in ("logit", "raw_logit", "band", "referred") if name in said.columns]
    table = said.select("id", "patient", "label", "called", *map(probability_column, ordered), *further)
    text, number = pl.lit(None, pl.String), pl.lit(0, pl.Int64)
    counts = {"cells": number, "unreadable": number}
    return table.with_columns(**counts, remark=text, problem=text).with_columns(*marks.column([]))
