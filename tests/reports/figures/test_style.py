from __future__ import annotations

import sys

import matplotlib as mpl

from leukoscope.reports.figures.style import (
    COLOURS,
    LEAK_WORDS,
    class_colour,
    class_hatch,
    class_line,
    new_figure,
    styled,
    wrapped,
)


def luminance(colour: str) -> float:
    values = [int(colour[start : start + 2], 16) / 255 for start in (1, 3, 5)]
    red, green, blue = (v / 12.92 if v <= 0.04045 else ((v + 0.055) / 1.055) ** 2.4 for v in values)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


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


def test_colours_stand_out_from_paper() -> None:
    assert all((1.05 / (luminance(colour) + 0.05)) > 2 for colour in COLOURS)
    first, second = luminance(COLOURS[0]), luminance(COLOURS[1])
    # The two classes of most reports differ in print without colour as well.
    assert (second + 0.05) / (first + 0.05) > 1.3


def test_a_leaking_split_is_written_on_the_figure() -> None:
    assert new_figure(2, 2, leaking=True).get_suptitle() == LEAK_WORDS
    assert new_figure(2, 2).get_suptitle() == ""


def test_titles_are_wrapped_and_never_lost() -> None:
    assert wrapped("a b", 1) == "a\nb"
    assert wrapped(" ") == " "
