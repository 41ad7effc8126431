from __future__ import annotations

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from leukoscope.models.cell_pooling import CellPooling, cell_pixels, within


def drawn(n: int = 2, side: int = 24, seed: int = 0) -> tuple[list[Tensor], Tensor]:
    """Return maps of two stages, and bright discs on black of which they were not made."""
    generator = torch.Generator().manual_seed(seed)
    maps = [torch.randn(n, 3, 6, 6, generator=generator), torch.randn(n, 2, side, side, generator=generator)]
    across = torch.arange(side) - side / 2 + 0.5
    disc = (across[:, None] ** 2 + across**2 < (side / 3) ** 2).float()
    return maps, disc * (0.3 + 0.7 * torch.rand(n, 3, side, side, generator=generator))


def test_it_is_mean_and_deviation_of_the_cells_own_pixels() -> None:
    maps, pixels = drawn()
    found = CellPooling(["a", "b"])(maps, pixels)
    assert found.shape == (2, 2 * 3 + 2 * 2)
    for place in range(2):
        inside = maps[1][place][:, pixels[place].any(dim=0)]
        expected = torch.cat([inside.mean(dim=1), inside.std(dim=1, correction=0)])
        torch.testing.assert_close(found[place, 6:], expected)


def test_a_pixel_of_a_coarser_map_counts_by_its_share_of_cell() -> None:
    pixels = torch.zeros(1, 3, 4, 4)
    pixels[:, 0, :, 0] = 0.5  # half of the left cells of a map of 2 x 2
    pixels[:, 1, :2, 2:] = 0.5  # all of the upper right one
    maps = torch.tensor([[[[1.0, 4.0], [3.0, 100.0]]]])
    mean = (0.5 * 1 + 0.5 * 3 + 1 * 4) / 2
    variance = (0.5 * (1 - mean) ** 2 + 0.5 * (3 - mean) ** 2 + (4 - mean) ** 2) / 2
    found = CellPooling(["a"])([maps], pixels)
    torch.testing.assert_close(found, torch.tensor([[mean, variance**0.5]]))


def test_the_background_has_no_say() -> None:
    maps, pixels = drawn()
    other = [found.clone() for found in maps]
    other[1][:, :, ~pixels[0].any(dim=0)] = 1e6
    torch.testing.assert_close(CellPooling(["b"])(maps[1:], pixels), CellPooling(["b"])(other[1:], pixels))


def test_where_nothing_is_black_all_pixels_count() -> None:
    maps, _ = drawn()
    found = CellPooling(["a"])(maps[:1], torch.full((2, 3, 24, 24), 1 / 255))
    torch.testing.assert_close(found[:, :3], maps[0].mean(dim=(2, 3)))
    torch.testing.assert_close(found[:, 3:], maps[0].flatten(2).std(dim=2, correction=0))


def test_a_cell_without_pixels_gives_zeros_and_finite_gradients() -> None:
    maps, pixels = drawn()
    pixels[0] = 0
    wanted = [found.requires_grad_() for found in maps]
    found = CellPooling(["a", "b"])(wanted, pixels)
    assert not found[0].any()
    found.sum().backward()
    assert all(torch.isfinite(each.grad).all() for each in wanted)
    assert found[1].abs().min() > 0


def test_maps_that_do_not_vary_give_finite_gradients() -> None:
    flat = torch.full((1, 2, 8, 8), 3.0, requires_grad=True)
    found = CellPooling(["a"])([flat], torch.ones(1, 3, 8, 8))
    found.sum().backward()
    torch.testing.assert_close(found[0], torch.tensor([3.0, 3.0, 0.0, 0.0]), atol=1e-5, rtol=0)
    assert torch.isfinite(flat.grad).all()


def test_a_large_mean_does_not_cost_the_deviation_its_digits() -> None:
    maps, pixels = drawn()
    plain, lifted = (CellPooling(["b"])([maps[1] + by], pixels)[:, 2:] for by in (0, 1000))
    torch.testing.assert_close(lifted, plain, rtol=1e-3, atol=0)


def test_gradients_with_respect_to_the_maps_are_right() -> None:
    maps, pixels = drawn(side=9)
    doubles = [found[..., :5, :5].double().contiguous().requires_grad_() for found in maps]
    assert torch.autograd.gradcheck(lambda *given: CellPooling(["a", "b"], rim=1)(given, pixels.double()), doubles)


@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 99), place=st.integers(0, 3))
def test_a_cells_vector_does_not_depend_on_its_batch_mates(seed: int, place: int) -> None:
    maps, pixels = drawn(4, seed=seed)
    pooling = CellPooling(["a", "b"], rim=2)
    alone = pooling([found[place : place + 1] for found in maps], pixels[place : place + 1])
    torch.testing.assert_close(pooling(maps, pixels)[place : place + 1], alone, rtol=1e-5, atol=1e-6)


def test_memory_format_makes_no_difference() -> None:
    maps, pixels = drawn()
    last = [found.contiguous(memory_format=torch.channels_last) for found in maps]
    pooling = CellPooling(["a", "b"])
    torch.testing.assert_close(
        pooling(last, pixels.contiguous(memory_format=torch.channels_last)), pooling(maps, pixels)
    )


def test_the_faintest_light_is_cell_and_rounding_is_not() -> None:
    pixels = torch.tensor([0.0, 0.4 / 255, 1 / 255, 1.0]).expand(1, 3, 1, 4)
    assert cell_pixels(pixels).tolist() == [[[[0, 0, 1, 1]]]]


def test_a_rim_is_left_out_within_the_outline_but_not_at_the_pictures_border() -> None:
    cell = torch.zeros(1, 1, 40, 40)
    cell[..., 5:, :30] = 1  # reaches the left and the lower border
    inner = within(cell, 3)
    expected = torch.zeros(1, 1, 40, 40)
    expected[..., 8:, :27] = 1
    assert torch.equal(inner, expected)
    assert within(cell, 0) is cell


def test_a_cell_that_is_all_rim_stays_whole() -> None:
    cells = torch.zeros(2, 1, 40, 40)
    cells[0, :, 10:20, 10:20] = 1
    cells[1, :, 2:38, 2:38] = 1
    inner = within(cells, 4)
    assert torch.equal(inner[0], cells[0])
    assert inner[1].sum() == 28 * 28


def test_it_says_what_it_pools() -> None:
    assert repr(CellPooling(["stem", "layer1"], rim=10)) == "CellPooling(stem, layer1, rim=10)"


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_the_vector_has_the_maps_type(dtype: torch.dtype) -> None:
    maps, pixels = drawn()
    assert CellPooling(["a"])([maps[0].to(dtype)], pixels).dtype == dtype
