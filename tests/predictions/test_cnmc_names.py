from __future__ import annotations

import polars as pl

from leukoscope.predictions.cnmc_names import all_cnmc, named_classes, subjects


def test_subjects_and_classes_are_read_from_names() -> None:
    names = pl.Series(["UID_57_29_1_all.bmp", "fold_0/hem/UID_h3_1_12_hem.webp", "uid_H49_2_2_HEM"])
    assert all_cnmc(names)
    assert subjects(names).to_list() == ["57", "H3", "H49"]
    assert named_classes(names).to_list() == ["all", "hem", "hem"]


def test_names_of_another_rule_are_none_of_cnmcs() -> None:
    for strange in ("1.bmp", "UID_57_29_all.bmp", "UID_57_29_1_other.bmp", "UID_57_29_1_all.bmp.txt.gz", None):
        assert not all_cnmc(pl.Series(["UID_57_29_1_all.bmp", strange]))
    assert not all_cnmc(pl.Series([], dtype=pl.String))
