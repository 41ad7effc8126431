"""The conformance suite of networks: what every model must keep to before one may rely on a bundle of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from leukoscope.testing.contract import require

if TYPE_CHECKING:
    from leukoscope.testing.model_checks.example import MakeNetwork


def check_model(make: MakeNetwork, *, outputs: int, size: tuple[int, int]) -> None:
    """Check that a network of cells, or of patients, keeps to what Leukoscope relies on.

    Order of cells, size of the batch, padding of bags, saving and loading, the seed, and parity between memory layouts
    and with the exported graph; all faults are told at once, but for logits that are not as they must be, which cannot
    be compared. No test runner is needed; within one, this is a whole test.

    Args:
        make: Makes the network of a seed, anew each time. A head that is fitted at once must be fitted.
        outputs: Number of its logits: 1 for two classes, else one a class.
        size: Height and width in px of the pictures that it takes.

    Raises:
        AssertionError: the contract is broken; a sentence a fault.

    Example:
        >>> from leukoscope.models.building import build_model
        >>> from leukoscope.recipes.schema import ModelSettings
        >>> settings = ModelSettings(backbone="four_convolutions", head="dense", hidden=[8])
        >>> check_model(lambda seed: build_model(settings, 3, seed=seed)[0], outputs=3, size=(64, 64))
    """
    from leukoscope.testing.model_checks.all_checks import faults  # noqa: PLC0415 - torch takes seconds to load
    from leukoscope.testing.model_checks.example import Example  # noqa: PLC0415

    name, said = faults(Example(make, outputs, size))
    require(not said, "\n".join([f"The network {name} breaks its contract:", *(f"- {one}" for one in said)]))
