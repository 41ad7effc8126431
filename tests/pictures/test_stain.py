from __future__ import annotations

import numpy as np
import pytest

from leukoscope.errors import DataError
from leukoscope.pictures.framing import parse_framing
from leukoscope.pictures.stain import reference_of


def smear(strength: float = 1.0) -> np.ndarray:
    density = np.zeros((60, 60, 3))
    density[5:25, 5:55] = np.linspace(2.0, 2.6, 50)[:, None] * [0.49, 0.86, 0.11]
    density[30:50, 5:55] = np.linspace(0.4, 0.6, 50)[:, None] * [0.53, 0.66, 0.53]
    return np.rint(245 * np.exp(-strength * density)).astype(np.uint8)


def on_black() -> np.ndarray:
    pixels = smear()
    y, x = np.mgrid[:60, :60] - 30
    pixels[np.hypot(x, y) > 24] = 0
    return pixels


def test_settings_can_be_pasted_into_a_recipe() -> None:
    settings = reference_of(smear())
    for name in ("reinhard", "macenko"):
        framed = parse_framing([{name: settings[name]}]).apply(smear())
        assert np.abs(framed.astype(int) - smear()).max() <= 2  # its own reference changes nothing


def test_the_median_of_several_pictures_counts() -> None:
    weak, usual, strong = (reference_of(smear(f))["macenko"]["smear"]["concentrations"] for f in (0.8, 1.0, 1.3))
    together = reference_of(smear(0.8), smear(1.0), smear(1.3))["macenko"]["smear"]["concentrations"]
    assert weak < usual < strong
    assert together == usual


def test_cells_on_black_have_their_own_reference() -> None:
    settings = reference_of(on_black())
    assert list(settings["reinhard"]) == list(settings["macenko"]) == ["black"]


def test_what_has_no_stain_is_refused_by_its_number() -> None:
    with pytest.raises(DataError) as caught:
        reference_of(smear(), np.full((50, 50, 3), 240, dtype=np.uint8))
    assert str(caught.value) == (
        "Picture 2 shows no stain to speak of: it is blank, or tiny.\n  what to do: Leave it out."
    )


def test_what_has_no_nucleus_is_refused() -> None:
    pixels = smear()
    pixels[5:25] = 245
    with pytest.raises(DataError) as caught:
        reference_of(pixels)
    assert str(caught.value) == ("Picture 1 shows no nucleus: nothing in it is dense.\n  what to do: Leave it out.")


@pytest.mark.parametrize(("pictures", "black", "others"), [((), 0, 0), ((smear(), on_black(), smear()), 1, 2)])
def test_two_kinds_or_none_are_refused(pictures: tuple[np.ndarray, ...], black: int, others: int) -> None:
    with pytest.raises(DataError) as caught:
        reference_of(*pictures)
    assert str(caught.value) == (
        f"A reference needs pictures of one kind; got {black} cut out on black and {others} others.\n"
        "  what to do: Ask for each kind by itself."
    )
