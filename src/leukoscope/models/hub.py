"""Published weights from the hub's cache, or the hub, by way of timm."""

from __future__ import annotations

import urllib.request
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from huggingface_hub import constants, try_to_load_from_cache
from torch import Tensor

from leukoscope.errors import WeightsError
from leukoscope.files import sha256
from leukoscope.models.timm_backbones import create_net, has_published_weights

HUB_NAME = "model.safetensors"
ANSWER_SECONDS = 5.0


@dataclass(frozen=True)
class Published:
    """Weights that timm loaded from the hub or its cache.

    Args:
        name: The repository or address they came from.
        tensors: Name to tensor, without classifier.
        sha256: Of the file in the cache; None where it is not to be found there.
        licence: As timm states it; None where it does not.
        trained_on: timm's tag of the weights, which names the data (``a1_in1k``: ImageNet-1k); None where it has none.
    """

    name: str
    tensors: dict[str, Tensor]
    sha256: str | None
    licence: str | None
    trained_on: str | None


def published_weights(name: str, do: str) -> Published:
    """Load a network's published weights from the hub's cache, or the hub.

    Args:
        name: A timm name.
        do: What the user can do where this fails.

    Raises:
        WeightsError: timm knows of no weights, or they are neither in the cache nor to be had.
    """
    if not has_published_weights(name):
        raise WeightsError(f"timm knows no trained weights of {name}.", where="model.weights", do=do)
    try:
        net = create_net(name, pretrained=True)
    except Exception as error:  # the hub's and the network's libraries raise types of their own
        reason = (str(error).splitlines() or [type(error).__name__])[0].rstrip(".")
        raise WeightsError(
            f"The weights of {name} are neither in the hub's cache nor to be had.",
            where=f"model.weights ({reason})",
            do=do,
        ) from error
    config: dict[str, Any] = dict(getattr(net, "pretrained_cfg", {}))
    tag = config.get("tag")
    return Published(
        str(config.get("hf_hub_id") or config.get("url")),
        net.state_dict(),
        _digest_in_cache(str(config.get("hf_hub_id"))),
        config.get("license"),
        f"{tag} (timm's tag)" if tag else None,
    )


def can_be_had(name: str) -> bool:
    """Return whether a network's published weights are in the hub's cache, or the hub answers.

    Asked once and quickly: where there is no network, loading would try again for a minute.

    Args:
        name: A timm name.
    """
    if not has_published_weights(name):
        return False
    config: dict[str, Any] = dict(getattr(create_net(name), "pretrained_cfg", {}))
    address = str(config.get("hf_hub_id"))
    return _digest_in_cache(address) is not None or _hub_answers()


def _hub_answers() -> bool:
    if constants.HF_HUB_OFFLINE:
        return False
    request = urllib.request.Request(constants.ENDPOINT, method="HEAD")  # noqa: S310 - the hub's own https address
    try:
        with urllib.request.urlopen(request, timeout=ANSWER_SECONDS):  # noqa: S310
            return True
    except OSError:
        return False


def _digest_in_cache(address: str) -> str | None:
    repository, _, revision = address.partition("@")
    cached = try_to_load_from_cache(repository, HUB_NAME, revision=revision or None)
    return sha256(Path(cached)) if isinstance(cached, str) else None
