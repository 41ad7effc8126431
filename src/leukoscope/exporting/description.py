"""``export.json``: all that a client must know of a graph, and what it must tell those who read its answers."""

from __future__ import annotations

from typing import Any

from leukoscope.bundles.bundle import Bundle
from leukoscope.bundles.card import RESEARCH_USE_ONLY, BundleCard
from leukoscope.bundles.ensemble_bundle import AnyBundle, models_of
from leukoscope.bundles.network import encoder_of
from leukoscope.bundles.parts import CARD
from leukoscope.cohort.classes import Classes
from leukoscope.evaluation.calling import EVEN
from leukoscope.exporting.graph import Graph, Input, Output
from leukoscope.exporting.signature import framers
from leukoscope.facts.category import CategoryFact
from leukoscope.facts.encoding import FactsEncoder
from leukoscope.files import sha256
from leukoscope.training.views import views_of

FORMAT = 1
RECORD = "export.json"
FEWER_VIEWS = (
    "The graph looks at all views of every cell, and was compared with the bundle doing so. leukoscope predict stops "
    "at fewer where these decide a cell: its probabilities differ somewhat, a call seldom."
)


def about(bundle: AnyBundle) -> dict[str, str]:
    """Return what a graph's file says of itself, wherever it is copied to."""
    card, threshold = bundle.card, threshold_of(bundle)
    told = {"name": card.name, "use": RESEARCH_USE_ONLY, "classes": ", ".join(card.classes.names)}
    told |= {} if threshold is None else {"threshold": repr(threshold), "positive": str(card.classes.positive)}
    return told | ({"leakage": card.leakage} if card.leakage else {})


def described(bundle: AnyBundle, graph: Graph, precision: str) -> dict[str, Any]:
    """Return what ``export.json`` says of a bundle and its graph, but for the files.

    Args:
        bundle: The bundle.
        graph: Its graph.
        precision: The graph's.
    """
    card, model = bundle.card, models_of(bundle)[0]
    own = card if isinstance(card, BundleCard) else None
    tells = any(one.name == "distance" for one in graph.outputs)
    return {
        "format": FORMAT,
        "name": card.name,
        "use": RESEARCH_USE_ONLY,
        "leakage": card.leakage,
        "task": card.task,
        "classes": card.classes.as_json(),
        "threshold": threshold_of(bundle),
        "calls": _calls(bundle.classes),
        "precision": precision,
        "inputs": [_axis(one) for one in graph.inputs],
        "outputs": [_axis(one) for one in graph.outputs],
        "framing": {
            "inside": graph.framing_inside,
            "by_client": [] if graph.framing_inside else [_framing(*one) for one in framers(bundle).items()],
        },
        "facts": _facts(model),
        "calibrated": None if own is None or own.calibrator is None else own.calibrator["kind"],
        "refers": None if own is None else _refers(own),
        "out_of_distribution": own.out_of_distribution if own is not None and tells else None,
        "views": sum(len(views_of(one.card.test_time)) for one in models_of(bundle)),
        "fewer_views": None if own is None or own.view_rule is None else FEWER_VIEWS,
        "models": [_model(one) for one in models_of(bundle)],
        "trained_on": card.trained_on,
        "scores": card.scores,
        "bundle": {"sha256": sha256(bundle.folder / CARD)},
    }


def threshold_of(bundle: AnyBundle) -> float | None:
    """Return from which probability of the positive class on it is called; None for more than two classes."""
    return EVEN if bundle.threshold is None and bundle.classes.binary else bundle.threshold


def _calls(classes: Classes) -> str:
    """Return how a client makes calls of probabilities, in a sentence."""
    if classes.positive is None:
        return "The most probable class is called; of equally probable ones the first."
    other = next(name for name in classes.names if name != classes.positive)
    return f"{classes.positive} is called where its probability is at least the threshold, else {other}."


def _refers(card: BundleCard) -> dict[str, Any] | None:
    """Return by what a client refers cells, or a patient, and how, in a sentence; None where none are referred."""
    if card.confidence is not None:
        how = (
            "Every cell is referred: the wanted accuracy was not reached."
            if card.confidence["least"] is None
            else "A cell is referred where the probability of the called class is below 'least'."
        )
        return {"how": how, **card.confidence}
    if card.band is None:
        return None
    how = (
        "A class is possible where 1 less its probability is at most its limit, or the limit is null. A patient is "
        "referred unless the called class alone is possible."
    )
    return {"how": how, **card.band}


def _framing(name: str, model: Bundle) -> dict[str, Any]:
    return {"input": name, "steps": model.framing.spec(), "size": list(model.card.input_size)}


def _model(one: Bundle) -> dict[str, Any]:
    card = one.card
    return {"name": card.name, "framing": card.framing.spec(), "test_time": card.test_time.model_dump(mode="json")}


def _axis(one: Input | Output) -> dict[str, Any]:
    kind = one.kind if isinstance(one, Input) else "float32"
    return {"name": one.name, "type": kind, "shape": list(one.shape), "meaning": one.meaning}


def _facts(model: Bundle) -> list[dict[str, Any]]:
    """Return each fact that a patient's graph takes, in order: its words, or the range of the training patients."""
    encoder: FactsEncoder | None = encoder_of(model.card)
    if encoder is None:
        return []
    return [
        {"name": fact.name, "words": list(fact.words)}
        if isinstance(fact, CategoryFact)
        else {"name": fact.name, "low": fact.low, "high": fact.high, "above_0": fact.log}
        for fact in encoder.facts
    ]
