from __future__ import annotations

import datetime as dt
from dataclasses import replace
from pathlib import Path, PureWindowsPath
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from leukoscope.cohort.class_maps import ClassMap
from leukoscope.cohort.classes import Classes
from leukoscope.cohort.cohort import Cohort
from leukoscope.cohort.links import LINK_SCHEMA, linked_groups
from leukoscope.cohort.merging import merge
from leukoscope.cohort.merging_notes import SIZES
from leukoscope.cohort.merging_tables import under_one_root
from leukoscope.cohort.storage import load_cohort, save_cohort
from leukoscope.cohort.under_classes import UNMAPPED
from leukoscope.errors import DataError, SettingsError

RARE = Classes(("blast", "myelocyte", "metamyelocyte"))
COARSE = Classes(("ig", "platelet"))
FINER = {"MY": "myelocyte", "MMY": "metamyelocyte"}


def made(name: str, root: Path | str, classes: Classes, rows: list[dict[str, Any]], **more: Any) -> Cohort:
    """Return a cohort of rows; id and path are numbered where they are not given."""
    cells = [{"id": str(at), "path": f"{at}.png", "source": name, **row} for at, row in enumerate(rows, 1)]
    cohort = Cohort.from_cells(name, Path(root), pl.DataFrame(cells, infer_schema_length=None), classes)
    return replace(cohort, **more)


@pytest.fixture
def base() -> Cohort:
    rows = [
        {"label": "blast", "patient": "1", "place": "fold_0"},
        {"label": "myelocyte", "patient": "2", "place": "fold_1"},
    ]
    links = pl.DataFrame({"patient_a": ["1"], "patient_b": ["7"], "pictures": [3], "kind": ["near"], "reason": ["r"]})
    return made("base", "/data/base", RARE, rows, notes=("Two folds.",), reader="cnmc", patient_links=links)


@pytest.fixture
def other() -> Cohort:
    rows = [
        {"label": "ig", "patient": "1", "subtype": "MY", "place": "fold_0"},
        {"label": "ig", "patient": "1", "subtype": "MMY", "place": None},
        {"label": "ig", "patient": "3", "subtype": "IG", "place": None},
        {"label": "platelet", "patient": "4", "subtype": "PLATELET", "place": None},
        {"label": None, "patient": "5", "subtype": None, "place": None, "excluded": "a hidden file"},
        {"label": "ig", "patient": "5", "subtype": None, "place": None, "excluded": None},
    ]
    links = pl.DataFrame({"patient_a": ["1"], "patient_b": ["9"], "pictures": [2], "kind": ["near"], "reason": ["r"]})
    return made("pbc", "/data/sets/pbc", COARSE, rows, notes=("One junk file.",), patient_links=links)


def test_the_other_s_cells_come_under_the_base_s_classes(base: Cohort, other: Cohort) -> None:
    merged = merge(base, other, FINER, by="subtype")
    assert (merged.name, merged.classes, merged.reader, merged.root) == ("base+pbc", RARE, "cnmc", Path("/data"))
    assert merged.cells.select("id", "path", "label", "patient", "source", "place", "excluded").rows() == [
        ("1", "base/1.png", "blast", "1", "base", "fold_0", None),
        ("2", "base/2.png", "myelocyte", "2", "base", "fold_1", None),
        ("pbc/1", "sets/pbc/1.png", "myelocyte", "pbc/1", "pbc", "pbc/fold_0", None),
        ("pbc/2", "sets/pbc/2.png", "metamyelocyte", "pbc/1", "pbc", None, None),
        ("pbc/3", "sets/pbc/3.png", None, "pbc/3", "pbc", None, UNMAPPED),
        ("pbc/4", "sets/pbc/4.png", None, "pbc/4", "pbc", None, UNMAPPED),
        ("pbc/5", "sets/pbc/5.png", None, "pbc/5", "pbc", None, "a hidden file"),
        ("pbc/6", "sets/pbc/6.png", None, "pbc/5", "pbc", None, UNMAPPED),
    ]
    assert merged.patients["patient"].to_list() == ["1", "2", "pbc/1", "pbc/3", "pbc/4", "pbc/5"]
    assert "training_only" not in merged.cells.columns


def test_the_notes_say_what_came_in_and_what_did_not(base: Cohort, other: Cohort) -> None:
    merged = merge(base, other, {**FINER, "PMY": "blast"}, by="subtype", training_only=True)
    assert merged.notes == (
        "Two folds.",
        "pbc: One junk file.",
        "Added from pbc: 2 cells by the column subtype, for training only.",
        "Left out, being in no class of the map: 3 cells (no subtype 1, PLATELET 1, IG 1).",
        "In the map, but no cell of pbc has it: PMY.",
        "With cells from one source only, so that the source may give them away: blast, metamyelocyte.",
        SIZES,
    )


def test_training_only_is_true_of_what_was_added_alone(base: Cohort, other: Cohort) -> None:
    merged = merge(base, other, FINER, by="subtype", training_only=True)
    assert merged.cells.schema["training_only"] == pl.Boolean
    assert merged.cells["training_only"].to_list() == [False] * 2 + [True] * 6
    again = merge(merged, replace(other, name="more"), FINER, by="subtype")
    assert again.cells["training_only"].to_list() == [False] * 2 + [True] * 6 + [False] * 6


def test_what_is_known_of_patients_comes_along_and_never_mixes(base: Cohort, other: Cohort) -> None:
    merged = merge(base, other, FINER, by="subtype")
    assert merged.patient_links.select("patient_a", "patient_b").rows() == [("1", "7"), ("pbc/1", "pbc/9")]
    groups = linked_groups(merged, pl.DataFrame(schema=LINK_SCHEMA))
    assert groups.table["group"].to_list() == ["1+7", "2", *["pbc/1+pbc/9"] * 2, "pbc/3", "pbc/4", *["pbc/5"] * 2]


def test_classes_of_the_same_names_need_no_map(base: Cohort) -> None:
    other = made("b", "/data/b", Classes(("blast", "smudge")), [{"label": "smudge"}, {"label": "blast"}])
    merged = merge(base, other)
    added = merged.cells.filter(pl.col("source") == "b")
    assert added.select("id", "label", "excluded").rows() == [("b/1", None, UNMAPPED), ("b/2", "blast", None)]
    assert "Added from b: 1 cell by classes of the same name." in merged.notes
    with pytest.raises(SettingsError) as raised:
        merge(base, made("b", "/data/b", Classes(("x", "y")), [{"label": "x"}]))
    assert str(raised.value) == (
        "No class of 'b' (x, y) has the name of one here (blast, myelocyte, metamyelocyte).\n"
        "  what to do: Name a class map: which of their classes is which of ours."
    )


def test_columns_of_both_are_kept_and_clashes_get_names_of_their_own(base: Cohort, other: Cohort) -> None:
    base = replace(
        base,
        cells=base.cells.with_columns(area=pl.lit(3), taken=dt.date(2020, 1, 2)),
        patients=base.patients.with_columns(age=pl.lit(61)),
    )
    other = replace(
        other,
        cells=other.cells.with_columns(area=pl.lit(2.5), taken=pl.lit("early")),
        patients=other.patients.with_columns(age=pl.lit("old"), sex=pl.lit("F")),
    )
    merged = merge(base, other, FINER, by="subtype")
    assert merged.cells["area"].to_list() == [3.0] * 2 + [2.5] * 6
    assert merged.cells["taken"].to_list()[1:3] == [dt.date(2020, 1, 2), None]
    assert merged.cells["pbc_taken"].to_list()[1:3] == [None, "early"]
    assert merged.cells["subtype"].to_list() == [None, None, "MY", "MMY", "IG", "PLATELET", None, None]
    assert merged.patients.select("age", "pbc_age", "sex").rows()[1:3] == [(61, None, None), (None, "old", "F")]
    assert "Of another kind in pbc, so kept under names of their own: taken, age." in merged.notes


def test_marks_and_masks_come_along(base: Cohort, other: Cohort) -> None:
    boxes = pl.DataFrame({"id": ["1", "4"], "label": ["x", "y"], "left": [1, 2]})
    other = replace(
        other,
        cells=other.cells.with_columns(mask=pl.lit("m/") + pl.col("path")),
        tables={"boxes": boxes, "centroids": pl.DataFrame({"id": ["2"], "x": [1.0]})},
    )
    base = replace(base, tables={"boxes": pl.DataFrame({"id": ["2"], "label": ["z"], "left": [0.5]})})
    merged = merge(base, other, FINER, by="subtype")
    assert merged.tables["boxes"].rows() == [("2", "z", 0.5), ("pbc/1", "x", 1.0), ("pbc/4", "y", 2.0)]
    assert merged.tables["centroids"].rows() == [("pbc/2", 1.0)]
    assert merged.cells["mask"].to_list()[1:3] == [None, "sets/pbc/m/1.png"]


def test_patients_who_carry_the_label_keep_it(base: Cohort) -> None:
    rows = [{"patient": name} for name in ("a", "a", "b", "c")]
    other = made("lyon", "/data/lyon", Classes(("reactive", "tumoral")), rows)
    labels = pl.DataFrame({"patient": ["a", "b", "c"], "label": ["tumoral", "reactive", None]})
    merged = merge(base, replace(other, patients=labels), {"tumoral": "blast"})
    assert merged.cells["excluded"].to_list() == [None] * 4 + [UNMAPPED] * 2
    assert "Left out, being in no class of the map: 2 cells (no label 2)." in merged.notes
    assert merged.patients.filter(pl.col("patient") == "lyon/a")["label"].to_list() == ["blast"]


def test_another_prefix_and_a_third_cohort(base: Cohort, other: Cohort) -> None:
    merged = merge(merge(base, other, FINER, by="subtype"), other, FINER, by="subtype", prefix="pbc2")
    assert merged.name == "base+pbc+pbc2"
    assert merged.cells["id"].to_list()[2:] == [f"{name}/{at}" for name in ("pbc", "pbc2") for at in range(1, 7)]
    assert merged.cells["source"].unique(maintain_order=True).to_list() == ["base", "pbc", "pbc2"]
    assert merged.cells["path"].to_list()[2] == merged.cells["path"].to_list()[8] == "sets/pbc/1.png"


def test_the_same_data_set_twice_is_refused(base: Cohort, other: Cohort) -> None:
    with pytest.raises(DataError) as raised:
        merge(merge(base, other, FINER, by="subtype"), other, FINER, by="subtype")
    assert str(raised.value) == (
        "Both cohorts have a cell of this name.\n  where: pbc/1 (and 5 more)\n"
        "  what to do: Give what is added another prefix; a data set that was added already cannot be added again."
    )
    patients = base.cells.with_columns(patient=pl.lit("pbc/1"))
    with pytest.raises(DataError, match=r"^Both cohorts have a patient of this name\.\n  where: pbc/1\n"):
        merge(replace(base, cells=patients), other, FINER, by="subtype")


def test_a_class_that_there_is_not_and_a_column_that_there_is_not(base: Cohort, other: Cohort) -> None:
    with pytest.raises(SettingsError) as raised:
        merge(base, other, {"MY": "myelocite"}, by="subtype")
    assert str(raised.value) == (
        "The class map leads to 'myelocite', which is no class of 'base'.\n"
        "  what to do: Did you mean 'myelocyte'? Known: blast, metamyelocyte, myelocyte."
    )
    with pytest.raises(SettingsError) as raised:
        merge(base, other, ClassMap(FINER, "subtipe"))
    assert str(raised.value).startswith(
        "The cells of 'pbc' have no column 'subtipe' to map by.\n  what to do: Did you mean 'subtype'? "
    )


def test_a_map_that_fits_no_cell(base: Cohort, other: Cohort) -> None:
    with pytest.raises(DataError) as raised:
        merge(base, other, FINER)
    assert str(raised.value) == (
        "No cell of 'pbc' is in the class map, by the column 'label'.\n"
        "  what to do: Its values: ig, platelet; the map names: MY, MMY."
    )


def test_files_are_found_and_may_be_moved_together(tmp_path: Path) -> None:
    top = tmp_path / "top"
    for name in ("one/a.png", "deep/two/b.png"):
        (top / name).parent.mkdir(parents=True)
        (top / name).touch()
    (tmp_path / "link").symlink_to(top / "deep", target_is_directory=True)
    one = made("one", top / "one", COARSE, [{"label": "ig", "path": "a.png"}])
    two = made("two", tmp_path / "link" / "two", COARSE, [{"label": "platelet", "path": "b.png"}])
    merged = merge(one, two)
    assert all(merged.file(path).is_file() for path in merged.cells["path"])
    save_cohort(merged, tmp_path / "merged.parquet")
    top.rename(tmp_path / "moved")
    moved = load_cohort(tmp_path / "merged.parquet", root=tmp_path / "moved")
    assert all(moved.file(path).is_file() for path in moved.cells["path"])


def test_absolute_paths_stay_and_one_root_within_the_other_works(base: Cohort) -> None:
    other = made("two", "/data/base/two", RARE, [{"label": "blast"}, {"label": "blast", "path": "/elsewhere/2.png"}])
    merged = merge(base, other)
    assert merged.root == Path("/data/base")
    assert merged.cells["path"].to_list() == ["1.png", "2.png", "two/1.png", "/elsewhere/2.png"]


def test_two_disks_have_no_folder_above_both(base: Cohort, other: Cohort, monkeypatch: pytest.MonkeyPatch) -> None:
    on_disks: list[Any] = [PureWindowsPath("C:/base"), PureWindowsPath("D:/pbc")]
    monkeypatch.setattr(Path, "resolve", lambda _path: on_disks.pop(0))
    one, two = under_one_root(base, other)
    assert one.cells["path"].to_list() == ["1.png", "2.png"]
    assert two.cells["path"].to_list()[0] == "D:/pbc/1.png"
    assert one.root == two.root == base.root


@settings(deadline=None, max_examples=30)
@given(
    st.lists(st.sampled_from([*FINER, "IG", None]), min_size=1), st.lists(st.sampled_from(["1", "2", None]), min_size=9)
)
def test_no_name_of_the_base_ever_changes_and_none_is_lost(
    subtypes: list[str | None], patients: list[str | None]
) -> None:
    one = made("one", "/one", RARE, [{"label": "blast", "patient": patient} for patient in patients])
    rows = [{"subtype": kind, "patient": who} for kind, who in zip(subtypes, patients, strict=False)]
    two = made("two", "/two", COARSE, [*rows, {"subtype": "MY", "patient": None}])
    merged = merge(one, two, FINER, by="subtype")
    columns = ["id", "label", "patient", "source", "excluded"]
    assert merged.cells.head(len(patients)).select(columns).equals(one.cells.select(columns))
    added = merged.cells.tail(-len(patients))
    assert added.filter(pl.col("excluded").is_null()).height == sum(kind in FINER for kind in subtypes[: len(rows)]) + 1
    assert added.height == two.cells.height
    assert added["id"].str.starts_with("two/").all()
    assert added["patient"].drop_nulls().str.starts_with("two/").all()


def ties(cohort: Cohort, prefix: str = "") -> set[frozenset[str]]:
    """Return the groups of cells that identical files and patients tie together, for the ids with a prefix."""
    pairs = cohort.cells.join(cohort.cells, on="sha256", suffix="_b").filter(pl.col("id") < pl.col("id_b"))
    links = pairs.select(id_a="id", id_b="id_b", kind=pl.lit("exact bytes"), correlation=pl.lit(None, pl.Float64))
    table = linked_groups(cohort, links.cast(LINK_SCHEMA)).table.filter(pl.col("id").str.starts_with(prefix))
    members = table.group_by("group").agg(pl.col("id").str.strip_prefix(prefix))["id"]
    return {frozenset(ids) for ids in members.to_list()}


@settings(deadline=None, max_examples=30)
@given(
    st.lists(
        st.tuples(st.sampled_from([*FINER, "IG"]), st.sampled_from(["1", "2", "3", "4"]), st.integers(0, 6)), max_size=9
    )
)
def test_what_belongs_together_in_the_other_still_does(cells: list[tuple[str, str, int]]) -> None:
    rows = [{"subtype": kind, "patient": who, "sha256": f"{file:064x}"} for kind, who, file in cells]
    two = made("two", "/two", COARSE, [*rows, {"subtype": "MY", "patient": "5", "sha256": "7" * 64}])
    one = made("one", "/one", RARE, [{"label": "blast", "patient": "1", "sha256": "8" * 64}])
    assert ties(merge(one, two, FINER, by="subtype"), "two/") == ties(two)


def test_an_identical_picture_outside_the_map_ties_its_patients(base: Cohort) -> None:
    rows = [{"label": kind, "patient": who, "sha256": file * 64} for kind, who, file in (
        ("blast", "a", "1"), ("blast", "b", "2"), ("smudge", "a", "f"), ("smudge", "b", "f"), ("blast", "c", "3"),
    )]  # fmt: skip
    base = replace(base, cells=base.cells.with_columns(sha256=pl.col("id").str.zfill(64)))
    merged = merge(base, made("b", "/data/b", Classes(("blast", "smudge")), rows))
    assert ties(merged, "b/") == {frozenset("1234"), frozenset("5")}


@pytest.mark.parametrize("prefix", ["", "  ", "pbc/", "/pbc"])
def test_a_prefix_that_names_nothing_is_refused(base: Cohort, other: Cohort, prefix: str) -> None:
    with pytest.raises(SettingsError) as raised:
        merge(base, other, FINER, by="subtype", prefix=prefix)
    assert str(raised.value) == (
        f"{prefix!r} cannot stand before names: it is empty, or begins or ends with a slash.\n  where: prefix\n"
        "  what to do: Give a short name, such as --prefix pbc."
    )
