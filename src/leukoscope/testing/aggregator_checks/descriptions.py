"""What an aggregator says of itself, and how it is made."""

from __future__ import annotations

import torch

from leukoscope.errors import SettingsError
from leukoscope.testing.aggregator_checks.example import FEATURES, Example
from leukoscope.testing.contract import require


def says_its_assumption(example: Example) -> None:
    """``assumption`` is a sentence."""
    said = getattr(example.made(), "assumption", None)
    require(
        isinstance(said, str) and said.strip().endswith("."),
        f"assumption must be a sentence that says when the aggregator is right, ending in a full stop; it is {said!r}.",
    )


def says_its_kind(example: Example) -> None:
    """``linear``, ``multiclass`` and ``stop_gradient`` are True or False, ``projected`` a whole number."""
    aggregator = example.made()
    for name in ("linear", "multiclass", "stop_gradient"):
        said = getattr(aggregator, name)
        require(isinstance(said, bool), f"{name} must be True or False; it is {said!r}.")
    projected = aggregator.projected
    require(
        isinstance(projected, int) and projected >= 0,
        f"projected must be how many further numbers an instance has, 0 or more; it is {projected!r}.",
    )


def refuses_more_columns(example: Example) -> None:
    """Where it is made for one logit, more are refused when it is made."""
    if example.made().multiclass:
        return
    try:
        example.make(FEATURES, 3, 0)
    except SettingsError:
        return
    except Exception as error:
        raise AssertionError(
            "Where multiclass is False, more than one column must be refused with a SettingsError (the base's "
            f"constructor does, if it is given the columns); it stopped with {type(error).__name__}: {error}"
        ) from error
    raise AssertionError(
        "Where multiclass is False, more than one column must be refused with a SettingsError (the base's constructor "
        "does, if it is given the columns); 3 were taken."
    )


def draws_from_its_seed(example: Example) -> None:
    """The same seed gives the same weights, whatever torch's own random state."""
    states = []
    for state in (1, 2):
        with torch.random.fork_rng(devices=[]):
            torch.default_generator.manual_seed(state)
            states.append(example.made(seed=7).state_dict())
    one, other = states
    changed = [name for name in one if name not in other or not torch.equal(one[name], other[name])]
    require(
        not changed,
        "Random weights must come from the seed alone (give torch's initialisers a generator); with the same seed and "
        f"another random state of torch, these differ: {', '.join(changed)}.",
    )
