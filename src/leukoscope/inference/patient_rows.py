"""One patient's row: pictures read as they come, in chunks through the network, one bag, the facts, the verdict."""

from __future__ import annotations

import contextlib
from collections.abc import Generator, Iterator
from dataclasses import dataclass, field
from functools import partial

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
from leukoscope.inference.flags import STRANGE_CELLS, flag_columns, with_flags
from leukoscope.inference.marks import PATIENT, Marks, marks_of
from leukoscope.inference.patient_cells import cells_table, evidence_of_views, explained_class
from leukoscope.inference.patient_sources import Patients
from leukoscope.models.bags import Bags
from leukoscope.models.cell_look import looking
from leukoscope.models.patient_model import PatientModel
from leukoscope.models.probabilities import outputs_of
from leukoscope.pictures.augmentation import View
from leukoscope.pictures.reading import Known, Reading, Request, read_all
from leukoscope.pictures.zip_archive import reading
from leukoscope.predictions.table import probability_column
from leukoscope.training.device import as_input
from leukoscope.training.views import mean_of_views, seen, views_of

Encoded = npt.NDArray[np.float32]
Floats = npt.NDArray[np.float64]


@dataclass
class Bag:
    """What was seen of one patient so far.

    Args:
        views: For each view the instances of each chunk of cells, (n, m, w).
        cells: How many pictures were read.
        unreadable: Path and problem of each picture that was not.
        seen: Whether the model has seen one of them in training.
        pictures: Path and problem of every picture, in order; no problem where it was read.
        distances: How far the cells of each chunk are from the training cells; none where the bundle cannot tell.
    """

    views: list[list[Tensor]]
    cells: int = 0
    seen: bool = False
    unreadable: list[str] = field(default_factory=list)
    pictures: list[tuple[str, str | None]] = field(default_factory=list)
    distances: list[Floats] = field(default_factory=list)

    def flags(self) -> list[pl.Series]:
        """Return ``distance`` and ``out_of_distribution`` of the cells that were read."""
        return flag_columns(np.concatenate([np.empty(0), *self.distances])[None])


class PatientReader:
    """Makes the row of each patient, in their order; one patient's instances are held at a time.

    Args:
        bundle: A bundle of patients.
        patients: The patients.
        batch: Pictures at a time in the network.
        marks: What marks the predictions; asked of the bundle's files where None.
    """

    def __init__(self, bundle: Bundle, patients: Patients, batch: int, marks: Marks | None = None) -> None:
        assert isinstance(bundle.model, PatientModel)
        self.bundle, self.model, self.patients, self.batch = bundle, bundle.model, patients, batch
        self.encoder: FactsEncoder | None = encoder_of(bundle.card)
        self.marks = marks_of(bundle, patients.sets) if marks is None else marks
        self.template = empty_row(bundle, self.marks)
        self.names: list[str] = patients.table["patient"].to_list()
        self.pictures: dict[str, list[tuple[str, str | None]]] = {name: [] for name in self.names}
        for patient, path, problem in patients.pictures.select("patient", "path", "problem").iter_rows():
            self.pictures[patient].append((path, problem))

    def readings(self, workers: int | None, done: int = 0) -> Generator[Reading]:
        """Read the pictures of all patients, one patient after the other, ahead of the network by a few.

        Args:
            workers: Threads; one a core where None.
            done: So many patients, the first ones, are passed over.
        """
        root, framing, first = self.patients.root, self.bundle.framing, self.names[done:]
        paths = (path for name in first for path, problem in self.pictures[name] if problem is None)
        with reading(self.patients.archive) as member:
            contents = ((path, None if member is None else partial(member, path)) for path in paths)
            requests = (Request(path, root / path, framed=True, content=content) for path, content in contents)
            with contextlib.closing(read_all(requests, Known({}, (), framing), workers)) as readings:
                yield from readings

    def row(self, place: int, readings: Iterator[Reading]) -> pl.DataFrame:
        """Return the row of one patient, with the columns of ``patient_table``; arguments as of ``rows``."""
        return self.rows(place, readings)[0]

    def rows(
        self, place: int, readings: Iterator[Reading], *, evidence: bool = False
    ) -> tuple[pl.DataFrame, pl.DataFrame]:
        """Return the row of one patient, with the columns of ``patient_table``, and those of the patient's cells.

        Args:
            place: The patient's place in the table; each is asked for once, in order.
            readings: From ``readings``.
            evidence: Whether to say what each cell adds.
        """
        bag = self.empty_bag()
        for _ in self.seeing(place, readings, bag):
            pass
        return self.rows_of(place, bag, evidence=evidence)

    def rows_of(self, place: int, bag: Bag, *, evidence: bool = False) -> tuple[pl.DataFrame, pl.DataFrame]:
        """Return what ``rows`` does, of a patient whose pictures were all seen.

        Args:
            place: As of ``rows``.
            bag: Filled by ``seeing``.
            evidence: As of ``rows``.
        """
        known = self.patients.table[place]
        name = str(known["patient"][0])
        facts, remarks, wrong = self.facts_of(place)
        problem = self._problem(name, bag) or wrong
        logits = None if problem else self._logits(bag, facts)
        said = self.template.clear(1) if logits is None else self._verdict(name, logits, facts)
        texts = {
            "id": name,
            "patient": name,
            "label": known["label"][0],
            "remark": "; ".join([*(f"left out: {text}" for text in bag.unreadable), *remarks]) or None,
            "problem": problem,
        }
        numbers = {"cells": bag.cells, "unreadable": len(bag.unreadable), **self._strange(bag)}
        columns = {column: pl.lit(text, pl.String) for column, text in texts.items()}
        columns |= {column: pl.lit(number, pl.Int64) for column, number in numbers.items()}
        marked = said.with_columns(**columns).with_columns(*self.marks.column([bag.seen], PATIENT))
        cells = self._cells(name, bag, facts, logits if evidence else None)
        if self.bundle.reference is not None:
            cells = with_flags(cells, bag.flags())
        return marked.select(self.template.columns), cells

    def empty_bag(self) -> Bag:
        """Return the bag of a patient of whom nothing was seen yet."""
        return Bag([[] for _ in views_of(self.bundle.card.test_time)])

    def facts_of(self, place: int) -> tuple[Encoded | None, list[str], str | None]:
        """Return a patient's encoded facts, what must be remarked on them, and what is wrong with them."""
        if self.encoder is None:
            return None, [], None
        known = self.patients.table[place]
        try:
            remarks = [f"{remark.fact}: {remark.text}" for remark in self.encoder.remarks(known)]
            return self.encoder.encode(known), remarks, None
        except DataError as error:
            return None, [], error.what

    def seeing(self, place: int, readings: Iterator[Reading], bag: Bag) -> Iterator[None]:
        """Let the network see a patient's pictures; it stops after each batch, so that others may have their turn.

        Args:
            place: As of ``rows``.
            readings: From ``readings``.
            bag: From ``empty_bag``; what is seen goes there.
        """
        waiting = list[np.ndarray]()
        for path, known in self.pictures[self.names[place]]:
            reading = None if known is not None else next(readings)
            problem = known if reading is None else reading.facts.problem
            bag.pictures.append((path, problem))
            if problem is not None or reading is None or reading.framed is None:
                bag.unreadable.append(f"{path}: {problem}")
                continue
            bag.seen |= self.marks.seen(reading.facts.sha256)
            waiting.append(reading.framed)
            if len(waiting) == self.batch:
                self._see(bag, waiting)
                waiting = []
                yield
        if waiting:
            self._see(bag, waiting)

    def _see(self, bag: Bag, framed: list[np.ndarray]) -> None:
        settings = self.bundle.card.test_time
        with torch.inference_mode(), torch.backends.cudnn.flags(enabled=True, deterministic=True, allow_tf32=False):
            whole = as_input(np.stack(framed), self.bundle.device)
            with self._looking(bag, whole):
                bag.views[0].append(self.model.instances(seen(whole, views_of(settings)[0], settings)))
            for chunks, view in zip(bag.views[1:], views_of(settings)[1:], strict=True):
                chunks.append(self.model.instances(seen(whole, view, settings)))
        bag.cells += len(framed)

    @contextlib.contextmanager
    def _looking(self, bag: Bag, whole: Tensor) -> Generator[None]:
        """Note how far cells are from the training cells, while the network sees them in the first view."""
        if self.bundle.reference is None:
            yield
            return
        with looking(self.model.cells) as noted:
            yield
            if views_of(self.bundle.card.test_time)[0] != View():
                self.model.cells.embed(whole)
            bag.distances.append(self.bundle.reference.distances(noted.look(whole)))

    def _strange(self, bag: Bag) -> dict[str, int]:
        """Return how many of a patient's cells are out of distribution, where the bundle can tell."""
        return {} if self.bundle.reference is None else {STRANGE_CELLS: int(bag.flags()[1].sum())}

    def _problem(self, name: str, bag: Bag) -> str | None:
        if not self.pictures[name]:
            return "There is no picture of this patient."
        if not bag.cells:
            count = counted(len(bag.unreadable), "picture")
            return f"None of the patient's {count} can be read. {bag.unreadable[0]}"
        return None

    def _logits(self, bag: Bag, facts: Encoded | None) -> Tensor:
        """Return what the network says of a patient, (1, outputs) float64: the mean over the views."""
        bags, inside = Bags(torch.tensor([bag.cells], device=self.bundle.device)), self.inside(facts)
        with torch.inference_mode():
            views = torch.stack([self.model.diagnose(torch.cat(chunks), bags, inside) for chunks in bag.views])
            return mean_of_views(views.double(), self.bundle.card.test_time)

    def _verdict(self, name: str, logits: Tensor, facts: Encoded | None) -> pl.DataFrame:
        return verdicts(self.bundle.card, [name], logits.cpu().numpy(), facts).table

    def _cells(self, name: str, bag: Bag, facts: Encoded | None, logits: Tensor | None) -> pl.DataFrame:
        if logits is None:
            return cells_table(name, bag.pictures, None, None)
        output, explained = explained_class(self.bundle.classes, logits)
        views = [torch.cat(chunks) for chunks in bag.views]
        evidence = evidence_of_views(self.model, views, self.inside(facts), output)
        return cells_table(name, bag.pictures, evidence, explained)

    def inside(self, facts: Encoded | None) -> Tensor | None:
        """Return the facts that join within the network, on its device."""
        if facts is None or self.model.fusion is None:
            return None
        return torch.from_numpy(facts).to(self.bundle.device)


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
    counts = {"cells": number, "unreadable": number} | ({} if bundle.reference is None else {STRANGE_CELLS: number})
    return table.with_columns(**counts, remark=text, problem=text).with_columns(*marks.column([]))
