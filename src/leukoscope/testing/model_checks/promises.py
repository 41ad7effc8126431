"""What every network must keep to, whoever made it: each function is one promise."""

from __future__ import annotations

import io

import torch
from torch import Tensor

from leukoscope.models.network import Network
from leukoscope.models.patient_model import PatientModel
from leukoscope.testing.contract import require
from leukoscope.testing.difference import difference
from leukoscope.testing.model_checks.example import CLOSE, Example


def gives_finite_logits(example: Example) -> None:
    """One row of finite float32 logits a cell (or patient), as many as there are outputs."""
    model = example.made()
    said, rows = _said(example, model)
    require(
        tuple(said.shape) == (rows, example.outputs),
        f"Logits are of the shape ({rows}, {example.outputs}); these are {tuple(said.shape)}.",
    )
    require(said.dtype == torch.float32, f"Logits are float32; these are {said.dtype}.")
    require(torch.isfinite(said).all(), "Logits are finite; some of these are not.")


def leaves_its_pictures(example: Example) -> None:
    """What it is given is not changed."""
    model, pixels = example.made(), example.pixels()
    if isinstance(model, PatientModel):
        return
    before = pixels.clone()
    example.said(model, pixels)
    require(torch.equal(pixels, before), "The pictures that it was given were changed.")


def keeps_when_asked_again(example: Example) -> None:
    """In evaluation mode nothing is drawn, and nothing is learnt by looking."""
    model = example.made()
    first, again = _said(example, model)[0], _said(example, model)[0]
    require(torch.equal(first, again), f"Asked the same again, it says something else: {difference(first, again)}.")


def keeps_the_order(example: Example) -> None:
    """Of the same cells in another order it says the same, in that order."""
    model = example.made()
    if isinstance(model, PatientModel):
        bags, facts = example.bags()
        said = example.said_of(model, bags, facts).flip(0)
        turned = example.said_of(model, [bag.flip(0) for bag in reversed(bags)], facts[::-1])
        _require_equal(said, turned, "Of patients, and the cells of each, in another order it says something else")
        return
    pixels = example.pixels()
    said, turned = example.said(model, pixels).flip(0), example.said(model, pixels.flip(0))
    _require_equal(said, turned, "Of pictures in another order it says something else")


def keeps_in_any_batch(example: Example) -> None:
    """What it says of a cell, or a patient, does not depend on what else is in the batch: one by one it is the same."""
    model = example.made()
    if isinstance(model, PatientModel):
        bags, facts = example.bags()
        alone = [example.said_of(model, [bag], [fact]) for bag, fact in zip(bags, facts, strict=True)]
        together = example.said_of(model, bags, facts)
    else:
        pixels = example.pixels()
        alone, together = [example.said(model, one[None]) for one in pixels], example.said(model, pixels)
    _require_equal(torch.cat(alone), together, "One by one it says something else than of all together")


def keeps_beside_padding(example: Example) -> None:
    """Beside a large bag a small one is not padded with what counts."""
    model = example.made()
    if not isinstance(model, PatientModel):
        return
    bags, facts = example.bags()
    large = example.pixels(4 * sum(len(bag) for bag in bags))
    alone = example.said_of(model, bags[:1], facts[:1])
    beside = example.said_of(model, [bags[0], large], [facts[0], facts[0]])[:1]
    _require_equal(alone, beside, "Beside a large bag it says something else of a small one")


def is_saved_and_loaded(example: Example) -> None:
    """One made with another seed says the same, once it has the state dict."""
    model, stored = example.made(), io.BytesIO()
    torch.save(model.state_dict(), stored)
    stored.seek(0)
    other = example.made(seed=1)
    other.load_state_dict(torch.load(stored, weights_only=True))
    _require_equal(
        _said(example, model)[0],
        _said(example, other.eval())[0],
        "All that is learnt must be in the state dict; loaded into one of another seed, it says something else",
    )


def draws_from_its_seed(example: Example) -> None:
    """Made twice with one seed it is the same, whatever torch drew in between."""
    first = example.made().state_dict()
    torch.rand(3)
    again = example.made().state_dict()
    other = [name for name, value in first.items() if not torch.equal(value, again[name])]
    require(not other, f"Made twice with one seed, it has other weights: {', '.join(other[:3])}.")


def agrees_in_any_layout(example: Example) -> None:
    """With channels last in memory, as it is trained and run here, it says what it says with channels first."""
    plain, turned = example.made(), example.made()
    turned.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    _require_equal(
        _said(example, plain)[0], _said(example, turned)[0], "With channels last in memory it says something else"
    )


def is_one_graph(example: Example) -> None:
    """``torch.export`` finds one graph that says the same: it can leave for machines without Leukoscope.

    Of networks of cells alone, and of those without named measures, which are taken on the processor.
    """
    model = example.made()
    if isinstance(model, PatientModel) or model.measures is not None:
        return
    pixels = example.pixels()
    try:
        graph = torch.export.export(model, (pixels,)).module()
    except Exception as error:
        said = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise AssertionError(f"torch.export finds no single graph of it: {said}") from error
    with torch.inference_mode():
        _require_equal(example.said(model, pixels), graph(pixels), "The exported graph says something else")


def reaches_every_weight(example: Example) -> None:
    """In training every weight that is to be learnt has a gradient."""
    model = example.made().train()
    if isinstance(model, PatientModel):
        return
    generator = torch.Generator().manual_seed(0)
    logits = model(example.pixels())
    (logits * torch.randn(logits.shape, generator=generator)).sum().backward()
    lost = [name for name, weight in model.named_parameters() if weight.requires_grad and weight.grad is None]
    require(not lost, f"No gradient reaches {', '.join(lost[:3])}.")


def _said(example: Example, model: Network) -> tuple[Tensor, int]:
    """Return the logits of the example's cells or patients, and how many there are."""
    if isinstance(model, PatientModel):
        bags, facts = example.bags()
        return example.said_of(model, bags, facts), len(bags)
    pixels = example.pixels()
    return example.said(model, pixels), len(pixels)


def _require_equal(one: Tensor, other: Tensor, otherwise: str) -> None:
    apart = difference(one, other, CLOSE)
    require(apart is None, f"{otherwise}: {apart}.")
