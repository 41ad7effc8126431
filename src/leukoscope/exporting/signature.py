"""What graphs take and give, whatever they are of: pictures, measures, logits, distances; who frames the pictures."""

from __future__ import annotations

from leukoscope.bundles.bundle import Bundle
from leukoscope.bundles.ensemble_bundle import AnyBundle, models_of
from leukoscope.bundles.reference import Reference
from leukoscope.cohort.classes import Classes
from leukoscope.errors import SettingsError
from leukoscope.exporting.framing import fits_graph
from leukoscope.exporting.graph import Input, Output
from leukoscope.models.network import cells_of
from leukoscope.pictures.augmentation import View
from leukoscope.training.views import views_of

PICTURES = "pictures"
DISTANCE = "How far a picture is from the training cells: above 1 it is out of distribution, in the eyes"


def framing_inside(bundle: AnyBundle) -> bool:
    """Return whether a bundle's framing, or all of its models' framings, can be part of a graph."""
    return all(fits_graph(model.framing) for model in models_of(bundle))


def framers(bundle: AnyBundle) -> dict[str, Bundle]:
    """Return a model for each input of pictures, by the input's name, which says how pictures are framed for it.

    Where framing is part of the graph, or all models frame pictures alike, there is one input, ``pictures``; else one
    for each way: ``pictures_1`` and so on.
    """
    models = models_of(bundle)
    ways: dict[str, Bundle] = {}
    for model in models:
        ways.setdefault(model.framing.key, model)
    if framing_inside(bundle) or len(ways) == 1:
        return {PICTURES: models[0]}
    return {f"{PICTURES}_{number}": model for number, model in enumerate(ways.values(), start=1)}


def inputs_of(bundle: AnyBundle) -> tuple[Input, ...]:
    """Return the inputs that pictures and their measures need.

    Raises:
        SettingsError: a member of several measures cells by name, or the training cells' measures are not among those
            that are asked for.
    """
    found = [_pictures(name, model, inside=framing_inside(bundle)) for name, model in framers(bundle).items()]
    measuring = [model for model in models_of(bundle) if cells_of(model.model).measures is not None]
    if measuring and measuring[0] is not bundle:
        raise SettingsError(
            "A member measures cells by name, which is counted outside of a graph.",
            where=str(measuring[0].folder),
            do="Export the members one by one.",
        )
    return (*found, *map(_measures, measuring))


def logits_meaning(classes: Classes) -> str:
    """Return what the logits are, for whoever writes a client."""
    of = f"of {classes.positive}" if classes.binary else "one a class"
    return f"Before calibration, {of}."


def distance_outputs(reference: Reference) -> list[Output]:
    """Return the outputs by which a client tells which pictures are unlike the training cells."""
    return [
        Output("distance", ("n",), f"{DISTANCE} of the model."),
        Output("features", ("n", reference.fitted.width), "What the network saw, by which cells are compared."),
    ]


def _pictures(name: str, model: Bundle, *, inside: bool) -> Input:
    height, width = model.card.input_size
    size: tuple[int | str, ...] = ("n", "h", "w", 3) if inside else ("n", height, width, 3)
    how = ": as they are, of one size." if inside else ", framed by the client as 'framing' says."
    return Input(name, "uint8", size, f"Pictures of one cell each, red, green, blue, 0 to 255{how}")


def _measures(model: Bundle) -> Input:
    views, measures = views_of(model.card.test_time), cells_of(model.model).measures
    assert measures is not None, "asked before"
    if model.reference is not None and views[0] != View():
        raise SettingsError(
            "The bundle measures crops of each cell by name, but its training cells were measured whole.",
            where=str(model.folder),
            do="Export a bundle without crops (test_time: {crops: none}), or one without model.measures.",
        )
    meaning = (
        "Named measures of each framed picture in each of its views, as leukoscope.models.measures.CellMeasures gives "
        f"them: {', '.join(measures.names)}."
    )
    return Input("measures", "float32", ("n", len(views), len(measures.names)), meaning)
