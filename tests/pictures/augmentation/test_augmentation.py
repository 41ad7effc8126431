from __future__ import annotations

import subprocess
import sys

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from leukoscope.errors import DataError, SettingsError
from leukoscope.pictures.augmentation import AUGMENTATIONS, Augmentation, Parameters, parse_augmentation
from leukoscope.pictures.augmentation.parameters import rotation

EVERYTHING = parse_augmentation(
    [
        {"flip": 0.5},
        {"rotate": 360},
        {"translate": 0.2},
        {"noise": 0.02},
        {"brightness": 0.2},
        {"contrast": 0.3},
        {"channels": 0.1},
        {"fill": "reflect"},
    ]
)
NAMES = [f"cell {number}" for number in range(400)]


def cells(count: int, height: int = 21, width: int = 21) -> np.ndarray:
    rng = np.random.default_rng(0)
    coarse = rng.integers(30, 226, (count, 5, 5, 3), dtype=np.uint8)
    return np.array([cv2.resize(one, (width, height), interpolation=cv2.INTER_LINEAR) for one in coarse])


def parts(drawn: Parameters) -> list[np.ndarray]:
    return [drawn.linear, drawn.shift, drawn.gain, drawn.contrast, drawn.noise, drawn.noise_seed]


@settings(max_examples=30, deadline=None)
@given(st.permutations(range(9)), st.integers(0, 5), st.integers(1, 9))
def test_a_cell_depends_on_nothing_but_its_own_id(order: list[int], epoch: int, size: int) -> None:
    whole = EVERYTHING.on_arrays(cells(9), EVERYTHING.draw(3, epoch, NAMES[:9]))
    for start in range(0, 9, size):
        some = order[start : start + size]
        drawn = EVERYTHING.draw(3, epoch, [NAMES[place] for place in some])
        assert np.array_equal(EVERYTHING.on_arrays(cells(9)[some], drawn), whole[some])


@pytest.mark.parametrize("left_out", sorted(set(AUGMENTATIONS) - {"fill"}))
def test_leaving_one_change_out_leaves_the_others_as_they_were(left_out: str) -> None:
    steps = tuple(step for step in EVERYTHING.steps if step.name != left_out)
    drawn, fewer = EVERYTHING.draw(0, 0, NAMES), Augmentation(steps).draw(0, 0, NAMES)
    untouched = {
        "flip": ("contrast", "noise_seed", "gain"),
        "rotate": ("contrast", "noise_seed", "gain"),
        "translate": ("linear", "contrast", "noise_seed", "gain"),
        "noise": ("linear", "shift", "gain", "contrast"),
        "brightness": ("linear", "shift", "contrast", "noise_seed"),
        "contrast": ("linear", "shift", "gain", "noise_seed"),
        "channels": ("linear", "shift", "contrast", "noise_seed"),
    }
    for part in untouched[left_out]:
        assert np.array_equal(getattr(drawn, part), getattr(fewer, part))


def test_seeds_and_epochs_draw_anew_and_the_same_again() -> None:
    first = EVERYTHING.draw(1, 0, NAMES)
    for again, same in (
        (EVERYTHING.draw(1, 0, NAMES), True),
        (EVERYTHING.draw(1, 1, NAMES), False),
        (EVERYTHING.draw(2, 0, NAMES), False),
    ):
        assert np.array_equal(first.linear, again.linear) is same


def test_draws_have_their_distributions() -> None:
    drawn = parse_augmentation([{"flip": 0.25}]).draw(0, 0, NAMES)
    assert 0.18 < (drawn.linear[:, 0, 0] < 0).mean() < 0.32
    assert 0.18 < (drawn.linear[:, 1, 1] < 0).mean() < 0.32
    drawn = parse_augmentation([{"rotate": 60}]).draw(0, 0, NAMES)
    degrees = np.rad2deg(np.arctan2(drawn.linear[:, 0, 1], drawn.linear[:, 0, 0]))
    assert -30 <= degrees.min() < -28
    assert 28 < degrees.max() <= 30
    assert abs(degrees.mean()) < 3
    shift = parse_augmentation([{"translate": 0.2}]).draw(0, 0, NAMES).shift
    assert (shift.shape, shift.min() < -0.19, shift.max() > 0.19, np.abs(shift).max() <= 0.2) == (
        (400, 2),
        True,
        True,
        True,
    )
    assert abs(np.corrcoef(shift.T)[0, 1]) < 0.15
    gain = parse_augmentation([{"brightness": 0.3}]).draw(0, 0, NAMES).gain
    assert (gain == gain[:, :1]).all()
    assert 0.7 <= gain.min() < 0.72
    assert 1.28 < gain.max() <= 1.3
    gain = parse_augmentation([{"channels": 0.3}]).draw(0, 0, NAMES).gain
    assert np.abs(np.corrcoef(gain.T) - np.eye(3)).max() < 0.15


def test_nothing_changes_nothing() -> None:
    drawn = Augmentation().draw(0, 0, NAMES[:3])
    assert np.array_equal(Augmentation().on_arrays(cells(3), drawn), cells(3))
    assert drawn.exact.all()
    assert not drawn.coloured.any()


@pytest.mark.parametrize(("height", "width"), [(21, 21), (20, 24)])
def test_flips_are_exact(height: int, width: int) -> None:
    augmentation = parse_augmentation([{"flip": 0.5}])
    drawn = augmentation.draw(5, 0, NAMES[:12])
    pixels = cells(12, height, width)
    seen = set()
    for before, after, linear in zip(pixels, augmentation.on_arrays(pixels, drawn), drawn.linear, strict=True):
        across, down = int(linear[0, 0]), int(linear[1, 1])
        assert np.array_equal(after, before[::down, ::across])
        seen.add((across, down))
    assert len(seen) == 4


def one_pixel(row: int, column: int, side: int = 21) -> np.ndarray:
    pixels = np.zeros((1, side, side, 3), dtype=np.uint8)
    pixels[0, row, column] = 200
    return pixels


def brightest(pixels: np.ndarray) -> tuple[int, int]:
    row, column = np.unravel_index(int(pixels[0, :, :, 0].argmax()), pixels.shape[1:3])
    return int(row), int(column)


def test_rotation_is_counter_clockwise_about_the_centre() -> None:
    still = Parameters.unchanged(1)
    for degrees, place in ((30, (6, 17)), (45, (4, 16)), (90, (2, 10)), (180, (10, 2)), (-90, (18, 10))):
        turned = Augmentation().on_arrays(one_pixel(10, 18), still.moved(rotation([degrees])))
        assert brightest(turned) == place


def test_shifts_go_right_and_down_by_a_share_of_the_shorter_side() -> None:
    drawn = Parameters.unchanged(1).moved(np.eye(2)[None], np.array([[3 / 20, -2 / 20]]))
    pixels = np.zeros((1, 20, 30, 3), dtype=np.uint8)
    pixels[0, 10, 10] = 99
    moved = Augmentation().on_arrays(pixels, drawn)
    assert moved[0, 8, 13].tolist() == [99, 99, 99]
    assert int((moved > 0).sum()) == 3


def test_geometric_changes_follow_the_order_of_the_list() -> None:
    turned = Parameters.unchanged(1).moved(np.eye(2)[None], np.array([[0.25, 0.0]])).moved(rotation([90.0]))
    assert turned.shift.round(9).tolist() == [[0.0, -0.25]]
    first, second = ([{"translate": 0.2}, {"rotate": 360}], [{"rotate": 360}, {"translate": 0.2}])
    one, other = (parse_augmentation(steps).draw(0, 0, NAMES[:3]) for steps in (first, second))
    assert np.allclose(one.linear, other.linear)
    assert not np.allclose(one.shift, other.shift)


@given(st.floats(-360, 360), st.floats(-0.5, 0.5), st.floats(-0.5, 0.5), st.booleans())
def test_the_inverse_undoes(degrees: float, right: float, down: float, mirrored: bool) -> None:
    drawn = Parameters.unchanged(1).moved(np.diag([-1.0 if mirrored else 1.0, 1.0])[None])
    drawn = drawn.moved(rotation([degrees]), np.array([[right, down]]))
    linear, shift = drawn.inverse()
    there = drawn.linear[0] @ [0.3, -0.7] + drawn.shift[0]
    assert np.allclose(linear[0] @ there + shift[0], [0.3, -0.7])


@pytest.mark.parametrize(("fill", "corner"), [("black", 0), ("edge", 77), ("reflect", 77)])
def test_what_comes_in_from_outside(fill: str, corner: int) -> None:
    augmentation = parse_augmentation([{"fill": fill}])
    drawn = augmentation.draw(0, 0, ["a"]).moved(rotation([45.0]))
    after = augmentation.on_arrays(np.full((1, 31, 31, 3), 77, dtype=np.uint8), drawn)
    assert after[0, 0, 0].tolist() == [corner] * 3
    assert after[0, 15, 15].tolist() == [77] * 3


def test_reflection_mirrors_at_the_edge() -> None:
    augmentation = parse_augmentation([{"fill": "reflect"}])
    ramp = np.tile(np.arange(0, 200, 10, dtype=np.uint8)[None, None, :, None], (1, 20, 1, 3))
    drawn = augmentation.draw(0, 0, ["a"]).moved(np.eye(2)[None], np.array([[3 / 20, 0.0]]))
    assert augmentation.on_arrays(ramp, drawn)[0, 5, :5, 0].tolist() == [20, 10, 0, 0, 10]


def test_colours_by_the_formula() -> None:
    still = Parameters.unchanged(2)
    pixels = cells(2)
    gained = Parameters(
        still.linear, still.shift, np.array([[0.5, 1.0, 1.2]] * 2), np.array([1.0, 0.5]), still.noise, still.noise_seed
    )
    after = Augmentation().on_arrays(pixels, gained).astype(float)
    lit = pixels * [0.5, 1.0, 1.2]
    assert np.abs(after[0] - np.clip(lit[0], 0, 255)).max() <= 0.5
    assert np.abs(after[1] - np.clip(lit[1].mean() + 0.5 * (lit[1] - lit[1].mean()), 0, 255)).max() <= 0.5 + 1e-6


def test_brightness_leaves_black_black() -> None:
    augmentation = parse_augmentation([{"brightness": 0.5}, {"channels": 0.5}])
    pixels = cells(5)
    pixels[:, :8] = 0
    assert (augmentation.on_arrays(pixels, augmentation.draw(0, 0, NAMES[:5]))[:, :8] == 0).all()


def test_noise_has_its_deviation_and_is_each_cell_s_own() -> None:
    augmentation = parse_augmentation([{"noise": 0.05}])
    grey = np.full((3, 80, 80, 3), 128, dtype=np.uint8)
    after = augmentation.on_arrays(grey, augmentation.draw(0, 0, NAMES[:3])).astype(float) - 128
    assert np.abs(after.mean(axis=(1, 2, 3))).max() < 0.5
    assert np.abs(after.std(axis=(1, 2, 3)) - 0.05 * 255).max() < 0.4
    assert abs(np.corrcoef(after[0].ravel(), after[1].ravel())[0, 1]) < 0.03


def test_the_input_is_left_as_it_was() -> None:
    pixels = cells(6)
    after = EVERYTHING.on_arrays(pixels, EVERYTHING.draw(0, 0, NAMES[:6]))
    assert np.array_equal(pixels, cells(6))
    assert (after.shape, after.dtype) == (pixels.shape, np.uint8)
    assert not np.shares_memory(after, pixels)


def test_spec_is_read_back() -> None:
    spec = [{"flip": 0.5}, {"rotate": 360.0}, {"fill": "edge"}]
    assert parse_augmentation(spec).spec() == spec


def test_faults_are_told_together() -> None:
    with pytest.raises(SettingsError) as caught:
        parse_augmentation([{"flip": 1.5}, {"rotation": 90}, {"fill": "white"}, {"translate": "far"}])
    assert str(caught.value) == (
        "The augmentation cannot be used:\n"
        "  - step 1: flip: probability must be less than or equal to 1; got 1.5.\n"
        "  - step 2: there is no 'rotation'. Did you mean 'rotate'? "
        "Known: brightness, channels, contrast, fill, flip, noise, rotate, translate.\n"
        "  - step 3: fill: kind must be 'black', 'edge' or 'reflect'; got 'white'.\n"
        "  - step 4: translate: most must be a valid number, unable to parse string as a number; got 'far'.\n"
        "  what to do: Mend 'augmentation' in the recipe."
    )


def test_one_kind_twice_is_refused() -> None:
    with pytest.raises(SettingsError) as caught:
        parse_augmentation([{"flip": 0.5}, {"rotate": 9}, {"flip": 0.1}])
    assert str(caught.value) == "The augmentation names a change twice: flip.\n  what to do: Keep one of them."


def test_another_number_of_cells_is_refused() -> None:
    with pytest.raises(DataError) as caught:
        EVERYTHING.on_arrays(cells(3), EVERYTHING.draw(0, 0, NAMES[:2]))
    assert str(caught.value) == "There are 3 pictures but changes for 2."


def test_the_array_backend_needs_no_torch() -> None:
    heavy = "{'torch', 'timm', 'matplotlib'}"
    code = f"import sys, leukoscope.pictures.batches, leukoscope.pictures.intake; assert not {heavy} & set(sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
