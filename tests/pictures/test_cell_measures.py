"""The named measures of a cell: against what the drawing knows, on odd pictures, turned and flipped."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from leukoscope.drawn import Background, body, draw_cell, draw_look, drawing
from leukoscope.pictures.cell_light import cell_light
from leukoscope.pictures.cell_measures import DENSEST, MEASURES, measure_cell, measure_cells
from leukoscope.pictures.cell_outline import outline_cell
from leukoscope.randomness import generator

Picture = npt.NDArray[np.uint8]
Draw = Callable[..., tuple[Picture, float, float]]
NAMES = [measure.name for measure in MEASURES]
MONONUCLEAR = ("lymphocyte", "atypical_lymphocyte", "erythroblast", "monocyte", "myeloblast", "lymphoblast")
BACKGROUNDS: tuple[Background, ...] = ("smear", "black")


@pytest.fixture
def draw(monkeypatch: pytest.MonkeyPatch) -> Draw:
    """Draw a cell of 224 px; give the true areas of its nucleus and of the whole cell too, px."""
    true: dict[str, npt.NDArray[np.float32]] = {}
    paint_cell, paint_nucleus = drawing.paint_cell, body.paint_nucleus

    def cell(*given: object) -> npt.NDArray[np.float32]:
        true["cell"] = paint_cell(*given)  # type: ignore[arg-type]
        return true["cell"]

    def nucleus(sheet: object, distance: npt.NDArray[np.float32], *given: object) -> None:
        true["nucleus"] = distance
        paint_nucleus(sheet, distance, *given)  # type: ignore[arg-type]

    monkeypatch.setattr(drawing, "paint_cell", cell)
    monkeypatch.setattr(body, "paint_nucleus", nucleus)

    def drawn(kind: str, number: int, background: Background = "smear") -> tuple[Picture, float, float]:
        look = draw_look(0, f"P{number % 4}", background)
        picture = draw_cell(kind, size=224, background=background, look=look, generator=generator(number, kind))
        finer = 4  # it is drawn at twice the size
        return picture, (true["nucleus"] < 0).sum() / finer, (true["cell"] < 0).sum() / finer

    return drawn


def measured(picture: Picture) -> dict[str, float]:
    return dict(zip(NAMES, measure_cell(picture).tolist(), strict=True))


@pytest.mark.parametrize("background", BACKGROUNDS)
def test_areas_and_their_ratio_are_those_that_were_drawn(draw: Draw, background: Background) -> None:
    made = [draw(kind, number, background) for number in range(5) for kind in MONONUCLEAR]
    found = [measured(picture) for picture, _, _ in made]
    nucleus, cell = np.array([[nucleus, cell] for _, nucleus, cell in made]).T
    for name, truth in (
        ("log_nucleus_area", np.log(nucleus)),
        ("log_cell_area", np.log(cell)),
        ("nucleus_to_cell", nucleus / cell),
    ):
        assert np.corrcoef([one[name] for one in found], truth)[0, 1] > 0.9, name
    assert np.median(np.abs(np.exp([one["log_nucleus_area"] for one in found]) / nucleus - 1)) < 0.1


@pytest.mark.parametrize(
    ("name", "more", "less"),
    [
        ("log_nucleus_area", "lymphoblast", "erythroblast"),
        ("nucleus_to_cell", "lymphocyte", "erythroblast"),
        ("nucleus_roundness", "lymphocyte", "monocyte"),
        ("log_cell_area", "monocyte", "lymphocyte"),
        ("nucleus_red_density", "lymphocyte", "monoblast"),
        ("nucleus_red_density_sd", "lymphocyte", "myeloblast"),
        ("chromatin_grain", "lymphocyte", "myeloblast"),
        ("cytoplasm_red_density", "atypical_lymphocyte", "monocyte"),
        ("cytoplasm_basophilia", "atypical_lymphocyte", "monocyte"),
    ],
)
def test_a_measure_tells_kinds_of_cells_apart(draw: Draw, name: str, more: str, less: str) -> None:
    pairs = [(measured(draw(more, number)[0])[name], measured(draw(less, number)[0])[name]) for number in range(5)]
    assert sum(high > low for high, low in pairs) >= 4, pairs


def test_ten_names_with_unit_range_and_meaning() -> None:
    assert len(set(NAMES)) == 10
    assert all(measure.unit and measure.meaning.endswith(".") for measure in MEASURES)


@pytest.mark.parametrize("background", BACKGROUNDS)
@pytest.mark.parametrize("kind", ["lymphoblast", "monocyte"])
def test_turning_and_flipping_change_nothing(draw: Draw, kind: str, background: Background) -> None:
    picture = draw(kind, 1, background)[0]
    expected = measure_cell(picture)
    for quarters in range(4):
        turned = np.ascontiguousarray(np.rot90(picture, quarters))
        for other in (turned, np.ascontiguousarray(turned[:, ::-1])):
            np.testing.assert_allclose(measure_cell(other), expected, rtol=2e-3, atol=2e-3)


def test_a_brighter_lamp_changes_no_density_much(draw: Draw) -> None:
    picture = draw("lymphocyte", 2)[0]
    dimmed = np.rint(picture * 0.9).astype(np.uint8)
    np.testing.assert_allclose(measure_cell(dimmed), measure_cell(picture), atol=0.08)


def test_neighbours_are_not_the_cell(draw: Draw) -> None:
    picture = draw("lymphocyte", 3)[0]
    beside = picture.copy()
    beside[:, 150:] = 250
    beside[10:60, 160:210] = (60, 20, 110)
    plain = beside.copy()
    plain[10:60, 160:210] = 250
    assert measured(beside)["log_cell_area"] == pytest.approx(measured(plain)["log_cell_area"], abs=0.02)


def in_range(values: npt.NDArray[np.float32]) -> None:
    assert values.dtype == np.float32
    for measure, value in zip(MEASURES, values.tolist(), strict=True):
        low, high = measure.range
        assert np.isfinite(value)
        assert low <= value <= high + 1e-5, measure.name


@pytest.mark.parametrize("side", [1, 2, 7, 64, 224])
@pytest.mark.parametrize("level", [0, 1, 128, 255])
def test_a_picture_of_one_grey_has_the_disc_in_its_middle(level: int, side: int) -> None:
    picture = np.full((side, side, 3), level, dtype=np.uint8)
    found = measured(picture)
    in_range(measure_cell(picture))
    light = cell_light(picture)
    assert not outline_cell(picture, light).found
    assert found["nucleus_red_density"] == found["cytoplasm_red_density"] == found["chromatin_grain"] == 0
    assert found["log_nucleus_area"] <= np.log(np.pi * max(26 * side / 224, 1.5) ** 2)


def test_a_grey_cell_on_black_is_all_nucleus() -> None:
    rows, columns = np.mgrid[:224, :224] - 111.5
    picture = np.zeros((224, 224, 3), dtype=np.uint8)
    picture[np.hypot(rows, columns) < 50] = 90
    found = measured(picture)
    assert found["nucleus_to_cell"] == pytest.approx(1, abs=0.01)
    assert found["nucleus_roundness"] == pytest.approx(1, abs=0.1)
    assert found["nucleus_red_density"] == pytest.approx(np.log(246 / 91), abs=1e-5)


@settings(max_examples=40, deadline=None)
@given(
    arrays(
        np.uint8,
        st.tuples(st.integers(1, 24), st.integers(1, 24), st.just(3)),
        elements=st.sampled_from([0, 1, 90, 200, 255]),
    )
)
def test_any_picture_gives_finite_numbers_in_range(picture: Picture) -> None:
    in_range(measure_cell(picture))


@pytest.mark.parametrize("workers", [None, 1, 3])
def test_many_are_measured_as_one_by_one(draw: Draw, workers: int | None) -> None:
    pictures = np.stack([draw(kind, 0)[0] for kind in MONONUCLEAR])
    expected = np.stack([measure_cell(picture) for picture in pictures])
    np.testing.assert_array_equal(measure_cells(pictures, workers=workers), expected)
    assert measure_cells(pictures[:0], workers=workers).shape == (0, 10)


def test_density_is_the_logarithm_of_lamp_over_pixel() -> None:
    picture = np.full((20, 20, 3), (200, 220, 240), dtype=np.uint8)
    picture[5, 5] = (0, 109, 240)
    light = cell_light(picture)
    assert light.lamp.tolist() == [200, 220, 240]
    np.testing.assert_allclose(light.density[5, 5], [np.log(201), np.log(221 / 110), 0], rtol=1e-6)
    assert light.density[0, 0].tolist() == [0, 0, 0]
    assert not light.hidden.any()
    assert light.density.max() < DENSEST


def test_a_black_margin_about_a_smear_hides_but_the_lamp_is_seen(draw: Draw) -> None:
    picture = draw("lymphocyte", 0)[0]
    framed = np.pad(picture, ((40, 40), (40, 40), (0, 0)))
    light = cell_light(framed)
    assert not light.on_black
    assert light.hidden.sum() == framed.shape[0] ** 2 - 224**2
    np.testing.assert_array_equal(light.lamp, cell_light(picture).lamp)
