from __future__ import annotations

import itertools
import sys

import matplotlib as mpl
import numpy as np
import pytest
from skimage.color import rgb2lab

from leukoscope.reports.figures.style import (
    COLOURS,
    LEAK_WORDS,
    class_colour,
    class_hatch,
    class_line,
    class_marker,
    new_figure,
    styled,
    wrapped,
)


def luminance(colour: str) -> float:
    values = [int(colour[start : start + 2], 16) / 255 for start in (1, 3, 5)]
    red, green, blue = (v / 12.92 if v <= 0.04045 else ((v + 0.055) / 1.055) ** 2.4 for v in values)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


# Machado, Oliveira & Fernandes (2009), IEEE TVCG 15:1291, full severity, on linear RGB.
VISIONS = {
    "all cones": np.eye(3),
    "no red cones": [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]],
    "no green cones": [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.01182, 0.04294, 0.968881]],
    "no blue cones": [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.3039]],
}


def seen(colour: str, vision: str) -> np.ndarray:
    """Return a colour in CIELAB as somebody with this vision sees it."""
    coded = np.array([int(colour[start : start + 2], 16) / 255 for start in (1, 3, 5)])
    linear = np.where(coded <= 0.04045, coded / 12.92, ((coded + 0.055) / 1.055) ** 2.4)
    light = np.clip(np.array(VISIONS[vision]) @ linear, 0, 1)
    shown = np.where(light <= 0.0031308, 12.92 * light, 1.055 * light ** (1 / 2.4) - 0.055)
    return np.asarray(rgb2lab(shown[None, None])[0, 0])


def test_the_settings_of_the_caller_stay_as_they_are() -> None:
    before = dict(mpl.rcParams)
    inside = styled(lambda: mpl.rcParams["svg.fonttype"])()
    assert inside == "none"
    assert dict(mpl.rcParams) == before


def test_no_figure_is_kept_in_a_global_list() -> None:
    new_figure(2, 2)
    assert "matplotlib.pyplot" not in sys.modules or not sys.modules["matplotlib.pyplot"].get_fignums()


def test_classes_are_told_apart_by_more_than_colour() -> None:
    looks = {(class_colour(place), class_line(place)) for place in range(24)}
    assert len(looks) == 24
    assert len({class_hatch(place) for place in range(6)}) == 6


def test_without_any_colour_line_and_marker_and_hatch_still_tell_every_colour_apart() -> None:
    # In grey print the last two colours are of nearly one lightness, so that something else has to tell.
    for look in (class_line, class_marker, class_hatch):
        assert len({look(place) for place in range(len(COLOURS))}) == len(COLOURS)


@pytest.mark.parametrize("vision", VISIONS)
def test_the_colour_blind_tell_any_two_colours_apart(vision: str) -> None:
    colours = [seen(colour, vision) for colour in COLOURS]
    apart = [float(np.linalg.norm(one - other)) for one, other in itertools.combinations(colours, 2)]
    # A difference of 2.3 is just noticed; neighbouring lines want several times that.
    assert min(apart) > 15


def test_the_distance_is_one_that_can_fail() -> None:
    red, green = seen("#ff0000", "no green cones"), seen("#9f7c00", "no green cones")
    assert float(np.linalg.norm(red - green)) < 15


def test_colours_stand_out_from_paper() -> None:
    contrasts = [1.05 / (luminance(colour) + 0.05) for colour in COLOURS]
    # Three is what WCAG 2.1 asks of graphics (1.4.11); few figures have more than four lines.
    assert min(contrasts[:4]) > 3
    assert min(contrasts) > 2.2
    first, second = luminance(COLOURS[0]), luminance(COLOURS[1])
    # The two classes of most reports differ in print without colour as well.
    assert (second + 0.05) / (first + 0.05) > 1.3


def test_a_leaking_split_is_written_on_the_figure() -> None:
    assert new_figure(2, 2, leaking=True).get_suptitle() == LEAK_WORDS
    assert new_figure(2, 2).get_suptitle() == ""


def test_titles_are_wrapped_and_never_lost() -> None:
    assert wrapped("a b", 1) == "a\nb"
    assert wrapped(" ") == " "
