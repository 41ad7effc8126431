"""A head at random for a stage that teaches the classes anew on features that earlier stages made."""

from __future__ import annotations

import torch

from leukoscope.cohort.classes import Classes
from leukoscope.models.heads import make_head
from leukoscope.models.network import Network, cells_of
from leukoscope.models.probabilities import outputs_of
from leukoscope.randomness import integer
from leukoscope.recipes.schema import ModelSettings


def renew_head(model: Network, settings: ModelSettings, classes: Classes, *, seed: int, stage: int) -> None:
    """Give a network of cells a head at random, as it was built with one.

    With batches drawn evenly from the classes and the backbone left as it is, that is classifier retraining (Kang et
    al. 2020, ICLR, section 4.1): features learnt from the cells as they come, classes told apart evenly.

    Args:
        model: The network; its head's weights are changed in place.
        settings: The recipe's ``model``.
        classes: The classes.
        seed: The run's.
        stage: The stage's number, from 1; each has weights of its own.
    """
    cells, drawn = cells_of(model), integer(seed, "fresh head", stage)
    with torch.random.fork_rng(devices=[]):
        torch.default_generator.manual_seed(drawn)
        fresh = make_head(settings, cells.embedded, outputs_of(classes), seed=drawn)
    cells.head.load_state_dict(fresh.state_dict())
