from __future__ import annotations

import pytest

from leukoscope.drawn import KINDS, drawn_classes
from leukoscope.drawn.schemes import SCHEMES, kind_in, scheme_of
from leukoscope.errors import SettingsError
from leukoscope.randomness import generator


def test_two_classes_are_those_of_cnmc() -> None:
    classes = drawn_classes(2)
    assert classes.names == ("hem", "all")
    assert classes.titles == ("normal cell", "leukaemic blast")
    assert classes.positive == "all"


def test_eight_and_fifteen_are_those_of_pbc_and_matek() -> None:
    assert drawn_classes(8).names == (
        "basophil",
        "eosinophil",
        "erythroblast",
        "ig",
        "lymphocyte",
        "monocyte",
        "neutrophil",
        "platelet",
    )
    assert " ".join(drawn_classes(15).names) == "BAS EBO EOS KSC LYA LYT MMZ MOB MON MYB MYO NGB NGS PMB PMO"
    assert drawn_classes(15).title("KSC") == "smudge cell"
    assert drawn_classes(15).positive is None


def test_every_kind_is_used_and_every_used_kind_is_there() -> None:
    used = {kind for scheme in SCHEMES.values() for _, kinds in scheme.values() for kind in kinds}
    assert used == set(KINDS)


def test_a_class_of_several_kinds_holds_all_of_them() -> None:
    drawn = {kind_in(scheme_of(8), "ig", generator(0, "kind", number)).name for number in range(40)}
    assert drawn == {"promyelocyte", "myelocyte", "metamyelocyte"}


def test_another_number_of_classes_is_refused() -> None:
    with pytest.raises(SettingsError) as error:
        drawn_classes(3)
    assert str(error.value) == "Cells are drawn in 2, 8 or 15 classes, not in 3."
