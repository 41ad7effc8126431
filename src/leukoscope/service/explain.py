"""``POST /v1/explain``: one cell and why: a map, the training cells that are most like it, whether it is odd."""

from __future__ import annotations

from collections.abc import Generator, Mapping
from typing import Any

from leukoscope.bundles.bundle import Bundle
from leukoscope.bundles.card import RESEARCH_USE_ONLY
from leukoscope.bundles.ensemble_bundle import AnyBundle, models_of
from leukoscope.errors import LeukoscopeError, SettingsError, nearest
from leukoscope.inference.flags import DISTANCE, FLAG
from leukoscope.inference.saying import Pixels, framings_of
from leukoscope.predictions.table import probability_column
from leukoscope.service.diagnosis import Diagnosis, diagnosing
from leukoscope.service.facts import read_facts
from leukoscope.service.finite import refuse_no_numbers
from leukoscope.service.framed import Framed
from leukoscope.service.maps import Map, map_of, why_none
from leukoscope.service.patients import refuse_other_texts
from leukoscope.service.plain import data_uri, number, png
from leukoscope.service.progress import Progress
from leukoscope.service.refusal import Refusal, unfit
from leukoscope.service.served import Served
from leukoscope.service.upload import Upload
from leukoscope.training.looks import looks_of

TEXTS = ("class", "method", "facts")
NEAREST = 5


async def answer_explain(served: Served, upload: Upload) -> dict[str, Any]:
    """Return why a bundle says of one cell what it says.

    Args:
        served: The bundle.
        upload: The request's form: ``picture``, and perhaps ``class``, ``method``, ``facts``.

    Raises:
        Refusal: the picture, the class, the method or the facts are refused.
    """
    bundle = served.bundle
    refuse_other_texts(upload.texts, TEXTS)
    facts = read_facts(upload.texts.get("facts"), bundle)
    shown, method = _class(upload.texts, bundle), _method(upload.texts, served)
    framed = await _one(served, upload)
    row = await _said(served, framed, facts)
    shares = {name: number(row[probability_column(name)]) for name in bundle.classes.names}
    shown = shown or str(bundle.classes.positive or max(shares, key=lambda name: shares[name] or 0.0))
    found, near = await served.worked(lambda: _explaining(bundle, framed.ways, shown, method))
    ordered = sorted(shares.items(), key=lambda item: -(item[1] or 0.0))
    titles = bundle.classes.title
    return {
        "shown": shown,
        "picture": png(found.picture if isinstance(found, Map) else framed.ways[0]),
        "map": png(found.over) if isinstance(found, Map) else None,
        "classes": [{"name": name, "title": titles(name), "probability": share} for name, share in ordered],
        "nearest": near,
        "flagged": bool(row[FLAG]) if row.get(FLAG) is not None else None,
        "distance": number(row.get(DISTANCE)),
        "method": method,
        "what": found.what if isinstance(found, Map) else found,
        "research_use_only": RESEARCH_USE_ONLY,
    }


async def _one(served: Served, upload: Upload) -> Framed:
    if len(upload.files) != 1 or upload.files[0].field != "picture":
        raise Refusal(422, "one_picture", "One picture is explained at a time.", do="Send it in the field 'picture'.")
    of_patients = served.bundle.card.task == "patients"
    framed, _ = await served.framed(upload, black=of_patients, field="picture")
    if len(framed) != 1:
        raise Refusal(422, "one_picture", "One picture is explained at a time.", do="Send no archive of several.")
    return framed[0]


async def _said(served: Served, framed: Framed, facts: Mapping[str, Any]) -> dict[str, Any]:
    """Return what the bundle says of the cell; a bundle of patients of someone who had this cell alone."""
    bundle = served.bundle
    if not isinstance(bundle, Bundle) or bundle.card.task == "cells":
        return (await served.seen([framed.ways], Progress())).row(0, named=True)
    found: Diagnosis = await served.worked(lambda: diagnosing(bundle, served.marks, [framed], facts, Progress()))
    refuse_no_numbers(found.row)
    row, cell = found.row.row(0, named=True), found.cells.row(0, named=True)
    if row["problem"] is not None:
        raise Refusal(422, "not_possible", row["problem"])
    return row | {name: cell.get(name) for name in (DISTANCE, FLAG)}


def _class(texts: Mapping[str, str], bundle: AnyBundle) -> str | None:
    name = texts.get("class") or None
    if name is not None and name not in bundle.classes.names:
        what = f"The bundle has no class {name[:60]!r}."
        raise Refusal(422, "unknown_class", what, where="class", do=nearest(name[:60], bundle.classes.names))
    return name


def _method(texts: Mapping[str, str], served: Served) -> str | None:
    """Return the method that is asked for; the first one that goes where none is named; None where none goes."""
    name, known = texts.get("method") or None, served.methods
    if name is None:
        return known[0] if known else None
    if name not in known:
        what = f"The bundle makes no maps by the method {name[:60]!r}."
        raise Refusal(422, "unknown_method", what, where="method", do=nearest(name[:60], known))
    return name


def _explaining(
    bundle: AnyBundle, ways: tuple[Pixels, ...], shown: str, method: str | None
) -> Generator[None, None, tuple[Map | str, list[dict[str, Any]]]]:
    """Make the map, then look for like cells; for the network's thread."""
    if method is None:
        found: Map | str = why_none(bundle)
    else:
        try:
            found = map_of(bundle, ways, shown, method)
        except SettingsError as error:
            found = error.what
        except LeukoscopeError as error:
            raise unfit(error) from None
    yield
    return found, nearest_cells(bundle, ways)


def nearest_cells(bundle: AnyBundle, ways: tuple[Pixels, ...]) -> list[dict[str, Any]]:
    """Return the reference cells that are most like a cell; none where the bundle has none.

    Args:
        bundle: The bundle; of several models the first one that has reference cells is asked.
        ways: The cell in each of the bundle's framings.
    """
    model = next((model for model in models_of(bundle) if model.reference is not None), None)
    if model is None or model.reference is None:
        return []
    own = ways[list(framings_of(bundle)).index(model.framing.key)]
    places, distances = model.reference.nearest(looks_of(model.model, own[None], model.device), NEAREST)
    labels, pictures = model.reference.cells["label"].to_list(), model.reference.pictures
    return [
        {
            "label": labels[place],
            "distance": number(distance),
            "picture": data_uri("jpeg", pictures[place]) if place < len(pictures) else None,
        }
        for place, distance in zip(places[0].tolist(), distances[0].tolist(), strict=True)
    ]
