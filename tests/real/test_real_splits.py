"""Splits of the real C-NMC cells, from names and hashes alone."""

from __future__ import annotations

import re
from pathlib import Path

import polars as pl
import pytest

from leukoscope.cohort.classes import Classes
from leukoscope.cohort.cohort import Cohort
from leukoscope.cohort.links import LinkedGroups, identical_pairs, linked_groups
from leukoscope.cohort.splits import make_split
from leukoscope.errors import LeakageError
from leukoscope.files import sha256

NAME = re.compile(r"UID_(?P<patient>[hH]?\d+)_\d+_\d+_(?P<label>all|hem)")
CLASSES = Classes(("hem", "all"), ("normal cell (HEM)", "leukaemic blast (ALL)"))
OFFICIAL = {"train": ["fold_0"], "test": ["fold_2"]}
LINKED = {("20", "21"): 12, ("H2", "H4"): 3, ("H2", "H5"): 2, ("H2", "H6"): 1}


@pytest.fixture(scope="module")
def cnmc(real_data: Path) -> tuple[Cohort, LinkedGroups]:
    root = real_data / "cnmc" / "C-NMC_Leukemia" / "training_data"
    rows = []
    for path in sorted(root.glob("fold_*/*/UID_*")):
        named = NAME.fullmatch(path.stem)
        assert named is not None, path
        place = path.relative_to(root).parts[0]
        rows.append(
            (
                path.stem,
                path.relative_to(root).as_posix(),
                named["label"],
                named["patient"].upper(),
                place,
                sha256(path),
            )
        )
    cells = pl.DataFrame(rows, schema=["id", "path", "label", "patient", "place", "sha256"], orient="row")
    cohort = Cohort.from_cells("cnmc", root, cells.drop("sha256"), CLASSES)
    return cohort, linked_groups(cohort, identical_pairs(cells.select("id", "sha256")))


def test_the_known_pairs_are_found_and_no_others(cnmc: tuple[Cohort, LinkedGroups]) -> None:
    cohort, groups = cnmc
    assert cohort.counts().rows() == [("hem", 663, 21), ("all", 1109, 29)]
    units = groups.links.select(pl.min_horizontal("unit_a", "unit_b"), pl.max_horizontal("unit_a", "unit_b").alias("b"))
    assert {(one, other): number for one, other, number in units.group_by("unit_a", "b").len().iter_rows()} == LINKED
    assert groups.joined == {"20+21": ["20", "21"], "H2+H4+H5+H6": ["H2", "H4", "H5", "H6"]}


@pytest.mark.parametrize("seed", range(5))
def test_a_grouped_hold_out_keeps_them_together(cnmc: tuple[Cohort, LinkedGroups], seed: int) -> None:
    cohort, groups = cnmc
    split = make_split("holdout", cohort, groups, seed=seed)
    parts = split.table.join(cohort.cells.select("id", "patient"), on="id").group_by("patient")
    part = dict(parts.agg(pl.col("part").unique().sort().str.join("/")).iter_rows())
    assert part["20"] == part["21"]
    assert part["H2"] == part["H4"] == part["H5"] == part["H6"]
    assert set(part.values()) == {"train", "validation", "test"}
    assert split.statement.endswith(", 0 shared, 0 linked")
    assert split.warnings == ()
    for name, total in (("hem", 663), ("all", 1109)):
        shares = {part: held["classes"][name] / total for part, held in split.counts(cohort).items()}
        assert shares == pytest.approx({"train": 0.6, "validation": 0.15, "test": 0.25}, abs=0.02)


def test_the_official_folds_are_refused_with_the_pairs_named(cnmc: tuple[Cohort, LinkedGroups]) -> None:
    with pytest.raises(LeakageError) as raised:
        make_split("official", *cnmc, places=OFFICIAL, validation=0.1, seed=0)
    text = str(raised.value)
    assert text.startswith("The split puts on two sides what belongs together: 2 linked groups.\n  where: patient 20 (")
    assert "and patient 21 (test) share 12 identical pictures (UID_20_10_1_all = UID_21_10_1_all, " in text
    assert len(re.findall(r"UID_20_\d+_\d+_all = UID_21_\d+_\d+_all", text)) == 12
    assert re.search(
        r"patient H2 \(test\) and patient H6 \(\w+\) share 1 identical picture \(UID_H2_51_1_hem = UID_H6_16_1_hem\)",
        text,
    )
    assert raised.value.exit_code == 2


def test_a_reason_is_the_only_way_on(cnmc: tuple[Cohort, LinkedGroups]) -> None:
    split = make_split("official", *cnmc, places=OFFICIAL, seed=0, allow_leakage="the folds as published")
    assert split.leakage == "the folds as published"
    assert split.statement.endswith("22 patients in test, 0 shared, 2 linked")


def test_a_split_by_cell_is_refused(cnmc: tuple[Cohort, LinkedGroups]) -> None:
    with pytest.raises(LeakageError, match=r"patients\.\n"):
        make_split("holdout", *cnmc, by="cell", seed=0)


def test_the_whole_set_has_the_published_pairs(real_data: Path) -> None:
    listing = pl.read_csv(real_data / "cnmc" / "hashes_of_the_whole_set.csv")
    pictures = listing.filter(~pl.col("path").str.ends_with(".csv")).select("sha256", id="path")
    assert pictures.height == 15_114
    assert identical_pairs(pictures).height == 106
