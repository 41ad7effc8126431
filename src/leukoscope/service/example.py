"""``GET /v1/example``: a drawn patient to try the service with; nobody's cells."""

from __future__ import annotations

import io
from typing import Any

import numpy as np
from PIL import Image

from leukoscope.bundles.card import RESEARCH_USE_ONLY
from leukoscope.bundles.ensemble_bundle import AnyBundle, models_of
from leukoscope.drawn.drawing import LARGEST, draw_cell
from leukoscope.drawn.look import Background, draw_look
from leukoscope.drawn.plan import make_plan
from leukoscope.drawn.schemes import SCHEMES
from leukoscope.facts.category import CategoryFact
from leukoscope.randomness import generator
from leukoscope.service.facts import asked_of, bounds_of
from leukoscope.service.plain import png

CELLS, SEED, SMALLEST = 12, 7, 96
CORNER = 4


def example_of(bundle: AnyBundle) -> dict[str, Any]:
    """Return a drawn patient: twelve cells, of kinds that the bundle's classes have, and facts.

    Args:
        bundle: The bundle.
    """
    background, size = background_of(bundle), _size(bundle)
    plan = make_plan(classes=_scheme(bundle), patients=2, cells=CELLS, counts=None, malignant_share=0.6, seed=SEED)
    ill = plan.patients.filter(plan.patients["label"].eq_missing("all"))
    patient = (ill if ill.height else plan.patients).row(0, named=True)
    look = draw_look(SEED, patient["patient"], background)
    rows = plan.cells.filter(plan.cells["patient"] == patient["patient"]).head(CELLS).rows(named=True)
    pictures = []
    for number, row in enumerate(rows, start=1):
        drawn = draw_cell(
            row["kind"], size=size, background=background, look=look, generator=generator(SEED, "cell", row["id"])
        )
        pictures.append({"name": f"drawn_{number:02d}.png", "data": png(np.ascontiguousarray(drawn))})
    return {"pictures": pictures, "facts": _facts(bundle, patient), "research_use_only": RESEARCH_USE_ONLY}


def background_of(bundle: AnyBundle) -> Background:
    """Return what is around the cells that a bundle learned from, as its reference cells show it."""
    reference = models_of(bundle)[0].reference
    if reference is None or not reference.pictures:
        return "smear"
    corners = [_corner(picture) for picture in reference.pictures[:20]]
    return "black" if np.median(corners) < CORNER * 2 else "smear"


def _corner(picture: bytes) -> float:
    with Image.open(io.BytesIO(picture)) as opened:
        return float(np.asarray(opened.convert("L"))[:CORNER, :CORNER].mean())


def _scheme(bundle: AnyBundle) -> int:
    """Return how many classes the drawn cells have: as many as the bundle's, where they are the same; else two."""
    names = set(bundle.classes.names)
    return next((number for number, scheme in SCHEMES.items() if set(scheme) == names), 2)


def _size(bundle: AnyBundle) -> int:
    steps = [step.size for model in models_of(bundle) for step in model.framing.steps[:1] if step.size is not None]
    sides = [max(size) for size in steps] + [max(model.card.input_size) for model in models_of(bundle)]
    return min(max(SMALLEST, *sides), LARGEST)


def _facts(bundle: AnyBundle, patient: dict[str, Any]) -> dict[str, Any]:
    """Return those of the drawn patient's facts that the bundle takes."""
    found = dict[str, Any]()
    for fact in asked_of(bundle):
        value = patient.get(fact.name)
        if isinstance(fact, CategoryFact):
            found |= {fact.name: value} if value in fact.words else {}
        elif isinstance(value, int | float):
            low, high = bounds_of(fact)
            fits = (low is None or value >= low) and (high is None or value <= high) and not (fact.log and value <= 0)
            found |= {fact.name: value} if fits else {}
    return found
