"""The network as a table for people: what it consists of, what each piece gives, how much of it is trained."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import polars as pl
import torch
from torch import Tensor, nn

from leukoscope.models.bags import Bags
from leukoscope.models.fitted import FittedHead
from leukoscope.models.network import Network, cells_of
from leukoscope.models.patient_model import AGGREGATOR, FACTS, PatientModel
from leukoscope.models.stages import HEAD
from leukoscope.models.stored_numbers import parameters_of, stored_numbers
from leukoscope.models.timm_backbones import CutAway

TIMES = "\u00d7"
SCHEMA = {
    "layer": pl.String,
    "part": pl.String,
    "kind": pl.String,
    "output_shape": pl.String,
    "parameters": pl.Int64,
    "trained": pl.Int64,
    "frozen": pl.Int64,
    "fitted": pl.Int64,
    "statistics": pl.Int64,
    "trained_in": pl.String,
}
STAGES = {
    "stage": pl.Int64,
    "trained_parts": pl.String,
    "parameters": pl.Int64,
    "trained": pl.Int64,
    "frozen": pl.Int64,
    "statistics": pl.Int64,
}
RUNNING = ("running_mean", "running_var")
Piece = tuple[str, str, nn.Module]


def network_table(
    model: Network, size: tuple[int, int], stages: Sequence[Sequence[str]] = (), *, at_once: bool = False
) -> pl.DataFrame:
    """Describe a network, block by block; one black picture is sent through it to see the shapes.

    Args:
        model: The network; its mode is the same afterwards.
        size: Height and width of its input in px.
        stages: The parts that each stage of training trained, in order; none where nothing was trained in stages.
        at_once: Whether the head was fitted at once, and everything else left as it was.

    Returns:
        One row a block: ``layer`` (the name in timm), ``part``, ``kind`` (the module's class), ``output_shape``
        (``n x channels x height x width`` with multiplication signs, n for any number of cells; null where a block is
        not run or gives several tensors), ``parameters`` (as ``stored_numbers`` counts them), how many of these are
        ``trained`` and ``frozen`` now, ``fitted`` (all numbers that a head holds which was fitted at once, parameters
        or none: support vectors, nodes of trees, scales; none of it is trained or frozen), ``statistics`` (running
        means and variances of batch-norm, which Keras counts as parameters), and ``trained_in``, the stages that
        trained it, from 1 ("1, 2"; null for none). Every parameter is counted once. What has no parameters and does
        nothing is left out.

    Raises:
        SettingsError: the network does not take pictures of this size.
    """
    pieces = list(_pieces(model))
    shapes = _shapes(model, pieces, size)
    rows = [
        (name, part, type(module).__name__, shapes.get(module), *_numbers(module, part, at_once=at_once))
        for name, part, module in pieces
        if module in shapes or _counts(module)[0]
    ]
    rows = [(*row, _trained_in(row, stages)) for row in _own_parameters(model, at_once=at_once) + rows]
    return pl.DataFrame(rows, schema=SCHEMA, orient="row")


def stages_table(model: Network, stages: Sequence[Sequence[str]]) -> pl.DataFrame:
    """Count a network's parameters as each stage of training had them.

    Args:
        model: The network; what of it is trained now does not matter.
        stages: The parts that each stage trained, in order.

    Returns:
        One row a stage: ``stage`` (from 1), ``trained_parts`` ("layer3, head"), ``parameters``, how many of them were
        ``trained`` and ``frozen`` in it, and the network's ``statistics``, as in ``network_table``.
    """
    sizes = {part: sum(value.numel() for value in values) for part, values in model.parts().items()}
    total, statistics = sum(sizes.values()), statistics_of(model)
    rows = []
    for number, parts in enumerate(stages, start=1):
        trained = sum(sizes[part] for part in parts)
        rows.append((number, ", ".join(parts), total, trained, total - trained, statistics))
    return pl.DataFrame(rows, schema=STAGES, orient="row")


def statistics_of(module: nn.Module) -> int:
    """Return how many running means and variances of batch-norm a module has; Keras counts them as parameters."""
    return sum(value.numel() for name, value in module.named_buffers() if name.rpartition(".")[2] in RUNNING)


def count_parameters(model: nn.Module) -> tuple[int, int]:
    """Return how many parameters a network has, as ``stored_numbers`` counts them, and how many are trained."""
    return _counts(model)


def _counts(module: nn.Module) -> tuple[int, int]:
    sizes = [(parameter.numel(), parameter.requires_grad) for parameter in parameters_of(module)]
    return sum(size for size, _ in sizes), sum(size for size, learns in sizes if learns)


def _numbers(module: nn.Module, part: str, *, at_once: bool) -> tuple[int, int, int, int, int]:
    """Return a piece's parameters, those trained and frozen, the numbers that were fitted at once, and statistics."""
    (parameters, trained), statistics = _counts(module), statistics_of(module)
    if isinstance(module, FittedHead) or (at_once and part == HEAD):
        return parameters, 0, 0, stored_numbers(module).stored, statistics
    trained = 0 if at_once else trained
    return parameters, trained, parameters - trained, 0, statistics


def _pieces(network: Network) -> Iterator[Piece]:
    model = cells_of(network)
    net = model.backbone.net
    for unit in model.division.units:
        yield from _opened(unit.name, unit.part, net.get_submodule(unit.name))
    pooling = model.flattening or model.pooling or model.backbone.pool
    if pooling is not None:
        yield from _opened("pool", HEAD, pooling)
    if model.measures is not None:
        yield from _opened("measures", HEAD, model.measures)
    yield from _opened(HEAD, HEAD, model.head)
    if isinstance(network, PatientModel):
        yield from _opened(AGGREGATOR, AGGREGATOR, network.aggregator)
        yield from [] if network.fusion is None else _opened(FACTS, FACTS, network.fusion)


def _opened(name: str, part: str, module: nn.Module) -> Iterator[Piece]:
    has_own = any(True for _ in module.parameters(recurse=False))
    if isinstance(module, nn.Sequential) and not has_own:
        for inner, child in module.named_children():
            yield from _opened(f"{name}.{inner}", part, child)
    elif not _does_nothing(module):
        yield name, part, module


def _does_nothing(module: nn.Module) -> bool:
    return isinstance(module, nn.Identity | CutAway) or (isinstance(module, nn.Dropout) and module.p == 0)


def _own_parameters(network: Network, *, at_once: bool) -> list[tuple[Any, ...]]:
    model = cells_of(network)
    # a transformer's tokens and position tables stand in no block
    own = [each for each in model.backbone.net.named_parameters() if not model.division.owns(each[0])]
    part_of = model.division.part_of
    return [
        (name, part_of(name), "Parameter", None, size, size * learns, size * (not learns), 0, 0)
        for name, value in own
        for size, learns in [(value.numel(), value.requires_grad and not at_once)]
    ]


def _trained_in(row: tuple[Any, ...], stages: Sequence[Sequence[str]]) -> str | None:
    _, part, _, _, parameters, *_ = row
    numbers = [str(number) for number, parts in enumerate(stages, start=1) if parameters and part in parts]
    return ", ".join(numbers) or None


def _shapes(model: Network, pieces: list[Piece], size: tuple[int, int]) -> dict[nn.Module, str]:
    shapes: dict[nn.Module, str] = {}
    handles = [module.register_forward_hook(_noting(shapes)) for _, _, module in pieces]
    training = model.training
    model.eval()
    try:
        with torch.inference_mode():
            _try(model, torch.zeros(1, 3, *size, device=model.mean.device))
    finally:
        model.train(training)
        for handle in handles:
            handle.remove()
    return shapes


def _try(model: Network, pixels: Tensor) -> None:
    if isinstance(model, PatientModel):
        facts = None if model.fusion is None else torch.zeros(1, model.facts, device=pixels.device)
        model(pixels, Bags(torch.ones(1, dtype=torch.int64, device=pixels.device)), facts)
    else:
        model(pixels)


def _noting(shapes: dict[nn.Module, str]) -> Callable[[nn.Module, Any, Any], None]:
    def note(module: nn.Module, _given: Any, result: Any) -> None:  # noqa: ANN401 - whatever a layer takes and gives
        if isinstance(result, Tensor):
            shapes[module] = TIMES.join(["n", *map(str, result.shape[1:])])

    return note
