"""Writing a bundle."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from pathlib import Path
from typing import Any

from safetensors.torch import save_file

from leukoscope.bundles.card import BundleCard
from leukoscope.bundles.loading import load_bundle
from leukoscope.bundles.model_card import write_model_card
from leukoscope.bundles.network import normalisation_of, rebuild
from leukoscope.bundles.parts import CARD, FORMATS, WEIGHTS, hashes_of, refuse_other_content, versions
from leukoscope.bundles.reference import Reference, keep_distances, write_reference
from leukoscope.bundles.seals import SEALS, seals_of
from leukoscope.bundles.selftest import look_at_pictures, write_selftest
from leukoscope.files import remove, write_json, write_text
from leukoscope.models.bundle_weights import SEEN
from leukoscope.models.network import Network
from leukoscope.models.probabilities import outputs_of


def save_bundle(
    folder: Path,
    model: Network,
    card: BundleCard,
    seen: Collection[str] = (),
    reference: Reference | None = None,
) -> None:
    """Write a bundle: ``bundle.json``, ``weights.safetensors``, ``seen.txt``, ``selftest/`` and ``reference/``.

    There is no code in it, and no pickle. ``MODEL_CARD.md`` and ``CHECKLIST.md`` say for people what ``bundle.json``
    says; they have no sums, so that a bundle goes on loading with words added to them.

    It is written beside its place, loaded once to see that it can be, and then put there; a bundle that was there
    before is replaced.

    Args:
        folder: Where to; new, empty, or an earlier bundle.
        model: The trained network, on any device; left as it is.
        card: Everything else.
        seen: The pictures that the weights have seen (``Seen.pictures``), for whoever starts from them.
        reference: The training cells that others are held beside; None for none. The card's field of it is theirs.

    Raises:
        SettingsError: the folder holds something else.
        BundleError: the network is not the one that the card speaks of.
    """
    folder = Path(folder)
    refuse_other_content(folder)
    fresh = folder.with_name(f".{folder.name}.new")
    remove(fresh)
    fresh.mkdir(parents=True)
    tensors = {name: value.detach().cpu().contiguous().clone() for name, value in model.state_dict().items()}
    save_file(tensors, fresh / WEIGHTS)
    write_text(fresh / SEEN, "".join(f"{digest}\n" for digest in sorted(seen)))
    rebuilt = rebuild(card, tensors)
    card = replace(card, out_of_distribution=None if reference is None else reference.fitted.as_json())
    write_selftest(fresh, rebuilt, card)
    if reference is not None:
        write_reference(fresh, reference)
        keep_distances(fresh, reference, look_at_pictures(fresh, rebuilt, card))
    write_json(fresh / CARD, _sealed(fresh, rebuilt, card))
    write_model_card(fresh)
    load_bundle(fresh)
    remove(folder)
    fresh.rename(folder)


def _sealed(folder: Path, model: Network, card: BundleCard) -> dict[str, Any]:
    fields = {
        "format": FORMATS[card.task],
        **card.as_json(),
        "normalisation": normalisation_of(model),
        "outputs": outputs_of(card.classes),
        "versions": versions(),
        "files": hashes_of(folder),
    }
    return {**fields, SEALS: seals_of(fields)}
