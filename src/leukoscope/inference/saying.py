"""What a bundle, of one model or of several, says of framed pictures."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import polars as pl
from torch import Tensor

from leukoscope.bundles.bundle import Bundle
from leukoscope.bundles.ensemble_bundle import AnyBundle, EnsembleBundle, models_of
from leukoscope.cohort.classes import Classes
from leukoscope.ensembles.rows import Floats
from leukoscope.evaluation.calling import decide
from leukoscope.evaluation.view_rule import ViewRule
from leukoscope.inference.certainty import calibrated_shares, certainty_columns
from leukoscope.models.probabilities import probabilities
from leukoscope.pictures.framing import Framing
from leukoscope.predictions.table import probability_column
from leukoscope.training.early_views import EarlyViews
from leukoscope.training.scoring import view_logits

Pixels = np.ndarray
"""(h, w, 3) uint8, RGB, framed."""


def framings_of(bundle: AnyBundle) -> dict[str, Framing]:
    """Return each way in which the bundle's models frame a picture, by its key; one where all frame it alike."""
    return {model.framing.key: model.framing for model in models_of(bundle)}


def said_of(bundle: AnyBundle, framed: Sequence[tuple[Pixels, ...]]) -> pl.DataFrame:
    """Return what a bundle says of pictures.

    Args:
        bundle: A bundle of cells.
        framed: Each picture in each of the bundle's framings, in the order of ``framings_of``.

    Returns:
        One row a picture: ``called``, ``p_<class>`` for each class, for two classes ``logit``; ``raw_logit`` where
            the bundle calibrates, ``confidence`` and ``referred`` where it refers, and ``views`` where it has a rule
            for fewer of them.
    """
    stacks = _stacks(bundle, framed)
    if isinstance(bundle, EnsembleBundle):
        shares = bundle.shares(lambda model: _shares_of_all_views(model, stacks[model.framing.key]))
        return _rows(shares, _log_odds(shares, bundle.classes), bundle)
    logits, looks = _looked(bundle, stacks[bundle.framing.key])
    values = logits.double()
    shares, own = calibrated_shares(bundle.card, probabilities(values, bundle.classes).numpy(), values.numpy()[:, 0])
    found = _rows(shares, values.numpy()[:, 0], bundle).with_columns(**own)
    found = found.with_columns(**certainty_columns(bundle.card, shares, bundle.classes))
    return found if looks is None else found.with_columns(pl.Series("views", looks.numpy()))


def _stacks(bundle: AnyBundle, framed: Sequence[tuple[Pixels, ...]]) -> dict[str, Pixels]:
    """Return the pictures of each framing as one array, (n, h, w, 3), by the framing's key."""
    sizes = {model.framing.key: model.card.input_size for model in models_of(bundle)}
    return {
        key: np.stack([ways[place] for ways in framed]) if framed else np.empty((0, *size, 3), dtype=np.uint8)
        for place, (key, size) in enumerate(sizes.items())
    }


def _rows(shares: Floats, logits: Floats, bundle: AnyBundle) -> pl.DataFrame:
    classes = bundle.classes
    columns: dict[str, pl.Series] = {}
    called = decide(shares, classes, bundle.threshold)
    columns["called"] = pl.Series([classes.names[place] for place in called], dtype=pl.String)
    # As in Predictions.save: of two classes the positive one's probability stands last.
    for place, name in sorted(enumerate(classes.names), key=lambda item: item[1] == classes.positive):
        columns[probability_column(name)] = pl.Series(shares[:, place])
    if classes.binary:
        columns["logit"] = pl.Series(logits)
    return pl.DataFrame(columns)


def _shares_of_all_views(model: Bundle, pixels: Pixels) -> Floats:
    """Return a member's probabilities, (n, k) float64, as its run had them when the rule was fitted.

    All its views are looked at, also where alone it gets by with fewer. The logits are rounded as there (float32): two
    members that are as sure as can be are equally sure here too.
    """
    logits = view_logits(model.model, pixels, device=model.device, test_time=model.card.test_time)
    return probabilities(logits.float().cpu(), model.classes).numpy().astype(np.float64)


def _log_odds(shares: Floats, classes: Classes) -> Floats:
    """Return the logit of the positive class, (n,), as the tables of ensembles have it; zeros for more classes."""
    if classes.positive is None:
        return np.zeros(len(shares))
    chance = np.clip(shares[:, classes.index(classes.positive)], 1e-12, 1 - 1e-12)
    return np.asarray(np.log(chance) - np.log1p(-chance))


def _looked(bundle: Bundle, pixels: Pixels) -> tuple[Tensor, Tensor | None]:
    """Return the mean logits of pictures, (n, outputs), and of how many views each, (n,); None where of all."""
    card = bundle.card
    if card.view_rule is None or card.threshold is None:
        return view_logits(bundle.model, pixels, device=bundle.device, test_time=card.test_time).cpu(), None
    early = EarlyViews(card.test_time, ViewRule.from_json(card.view_rule), card.threshold)
    logits, looks = early.logits(bundle.model, pixels, bundle.device)
    return logits.cpu(), looks.cpu()
