"""What every network must keep to, whoever made it: each function is one promise."""

from __future__ import annotations

import io

import torch
from torch import Tensor, nn

from leukoscope.models.fitted import FittedHead, ForestScores, shapes_within
from leukoscope.models.network import Network, cells_of
from leukoscope.models.patient_model import PatientModel
from leukoscope.models.stages import HEAD
from leukoscope.testing.aggregator_checks.example import told
from leukoscope.testing.contract import require
from leukoscope.testing.difference import difference
from leukoscope.testing.model_checks.example import BAGS, CELLS, Example

CLOSE = 1e-3
"""How far rounding may bring logits apart, in what lies between cells: other batches are summed in another order."""
MOST = 256
"""So many cells at once a graph must take, at least."""
SAME = 1e-5
"""The least that lies between cells that are told apart, in the largest logit: a hundred times float32's step."""


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


def tells_cells_apart(example: Example) -> None:
    """It does not say the same of all cells (or patients): all other promises are then kept by saying nothing."""
    said, _ = _said(example, example.made())
    require(
        _span(said) > SAME * said.abs().max(),
        "It says the same of every cell or patient. One that is fitted at once must be fitted to be tried.",
    )


def leaves_its_pictures(example: Example) -> None:
    """What it is given, facts too, is not changed."""
    model = example.made()
    given = example.given(model)
    before = [one.clone() for one in given if isinstance(one, Tensor)]
    example.said(model, *given)
    after = [one for one in given if isinstance(one, Tensor)]
    kept = [torch.equal(one, other) for one, other in zip(before, after, strict=True)]
    require(kept[0], "The pictures that it was given were changed.")
    require(all(kept), "The facts that it was given were changed.")


def keeps_when_asked_again(example: Example) -> None:
    """In evaluation mode nothing is drawn, and nothing is learnt by looking."""
    model = example.made()
    first, again = _said(example, model)[0], _said(example, model)[0]
    require(torch.equal(first, again), f"Asked the same again, it says something else: {difference(first, again)}.")


def keeps_the_order(example: Example) -> None:
    """Of the same cells in another order it says the same, in that order."""
    model = example.made()
    if isinstance(model, PatientModel):
        bags, facts = example.bags(model)
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
        bags, facts = example.bags(model)
        alone = [example.said_of(model, [bag], [fact]) for bag, fact in zip(bags, facts, strict=True)]
        together = example.said_of(model, bags, facts)
    else:
        pixels = example.pixels()
        alone, together = [example.said(model, one[None]) for one in pixels], example.said(model, pixels)
    _require_equal(torch.cat(alone), together, "One by one it says something else than of all together")


def keeps_beside_padding(example: Example) -> None:
    """Beside a large bag small ones are not padded with what counts."""
    model = example.made()
    if not isinstance(model, PatientModel):
        return
    bags, facts = example.bags(model)
    large = example.pixels(4 * sum(len(bag) for bag in bags))
    alone = example.said_of(model, bags, facts)
    beside = example.said_of(model, [*bags, large], [*facts, facts[0]])[:-1]
    _require_equal(alone, beside, "Beside a large bag it says something else of small ones")


def is_saved_and_loaded(example: Example) -> None:
    """One made with another seed says the same, once it has the state dict."""
    model, stored = example.made(), io.BytesIO()
    torch.save(model.state_dict(), stored)
    stored.seek(0)
    tensors, other = torch.load(stored, weights_only=True), example.made(seed=1)
    head = cells_of(other).head
    if isinstance(head, FittedHead):  # as many support vectors, or nodes, as the other fit found
        head.make_room(shapes_within({name: tuple(value.shape) for name, value in tensors.items()}, HEAD))
    other.load_state_dict(tensors)
    _require_equal(
        _said(example, model)[0],
        _said(example, other.eval())[0],
        "All that is learnt must be in the state dict; loaded into one of another seed, it says something else",
    )


def draws_from_its_seed(example: Example) -> None:
    """Made twice with one seed it is the same, whatever torch drew in between; with another seed it is another."""
    first = example.fresh().state_dict()
    torch.rand(3)
    again, another = example.fresh().state_dict(), example.fresh(seed=1).state_dict()
    other = [name for name, value in first.items() if not torch.equal(value, again[name])]
    require(not other, f"Made twice with one seed, it has other weights: {', '.join(other[:3])}.")
    same = all(torch.equal(value, another[name]) for name, value in first.items())
    require(not same, "Made with two seeds, it has the same weights: nothing is drawn from the seed.")


def agrees_in_any_layout(example: Example) -> None:
    """With channels last in memory, as it is trained and run here, it says what it says with channels first."""
    plain, turned = example.made(), example.made()
    turned.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    _require_equal(
        _said(example, plain)[0], _said(example, turned)[0], "With channels last in memory it says something else"
    )


def is_one_graph(example: Example) -> None:
    """``torch.export`` finds one graph, of 1 to 256 cells, that says the same: it can leave for other machines.

    Of networks of cells alone (which cells are a patient's is no tensor), without named measures, which are taken on
    the processor, and without a forest, in which a cell goes on until it comes to a leaf.
    """
    model = example.made()
    if isinstance(model, PatientModel) or model.measures is not None or _is_forest(model.head):
        return
    pixels = example.pixels()
    try:
        shapes = ({0: torch.export.Dim("cells", max=MOST)},)
        graph = torch.export.export(model, (pixels,), dynamic_shapes=shapes).module()
    except Exception as error:
        said = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise AssertionError(f"torch.export finds no single graph of it: {said}") from error
    with torch.inference_mode():
        exported = torch.cat([graph(pixels[:1]), graph(pixels[1:])])
    _require_equal(example.said(model, pixels), exported, "The exported graph says something else")


def reaches_every_weight(example: Example) -> None:
    """In training every weight that is to be learnt has a gradient; of what is fitted at once none is learnt so."""
    model = example.made().train()
    if isinstance(cells_of(model).head, FittedHead):
        return
    generator = torch.Generator().manual_seed(0)
    with torch.random.fork_rng(devices=[]):
        torch.default_generator.manual_seed(0)  # of dropout
        logits = told(lambda: model(*example.given(model)), "Asking it in training mode")
    (logits * torch.randn(logits.shape, generator=generator)).sum().backward()
    learnt = [(name, weight) for name, weight in model.named_parameters() if weight.requires_grad]
    lost = [name for name, weight in learnt if weight.grad is None or not weight.grad.any()]
    require(not lost, f"No gradient reaches {', '.join(lost[:3])}.")


def _is_forest(head: nn.Module) -> bool:
    return isinstance(head, FittedHead) and isinstance(head.scores, ForestScores)


def _said(example: Example, model: Network) -> tuple[Tensor, int]:
    """Return the logits of the example's cells or patients, and how many there are."""
    return example.said(model, *example.given(model)), len(BAGS) if isinstance(model, PatientModel) else CELLS


def _span(said: Tensor) -> Tensor:
    """Return what lies between cells (or patients): of the logits that differ the most, how much they do."""
    return (said.amax(dim=0) - said.amin(dim=0)).amax()


def _require_equal(one: Tensor, other: Tensor, otherwise: str) -> None:
    """Require that two tables of logits are the same, up to a small share of what lies between cells."""
    require(one.shape == other.shape, f"{otherwise}: {difference(one, other)}.")
    # Where nothing lies between them, ``tells_cells_apart`` says so, and there is nothing to compare with.
    middle, span = one.mean(dim=0), _span(one)
    unit = torch.where(span > 0, span, 1)
    apart = difference((one - middle) / unit, (other - middle) / unit, CLOSE)
    require(apart is None, f"{otherwise}: {apart}, where 1 is what lies between the cells.")
