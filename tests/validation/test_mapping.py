from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from leukoscope.bundles.bundle import Bundle
from leukoscope.bundles.loading import load_bundle
from leukoscope.cohort.class_maps import ClassMap
from leukoscope.cohort.classes import Classes
from leukoscope.cohort.cohort import Cohort
from leukoscope.errors import DataError, SettingsError
from leukoscope.validation.mapping import mapped

THEIRS = Classes(("normal", "all", "smudge"))


def cohort(labels: list[str | None], *, patients: dict[str, str] | None = None) -> Cohort:
    rows = {"id": [str(row) for row in range(len(labels))], "label": labels, "kind": ["x", "y"] * (len(labels) // 2)}
    cells = pl.DataFrame(rows, schema_overrides={"label": pl.String}).with_columns(path="id")
    cells = cells.with_columns(patient=pl.concat_str(pl.lit("P"), "id"))
    people = None if patients is None else pl.DataFrame({"patient": [*patients], "label": [*patients.values()]})
    return Cohort.from_cells("theirs", Path("/data"), cells, THEIRS, patients=people)


def test_classes_of_equal_names_are_taken_and_the_others_left_out_and_said(bundle: Bundle) -> None:
    found = mapped(cohort(["normal", "all", "all", "smudge"]), bundle, None, None)
    assert found.cohort.classes == bundle.classes
    assert found.cohort.labelled["label"].to_list() == ["all", "all"]
    assert (found.classes, found.by, found.absent) == ({"all": "all"}, "label", ("hem",))
    assert found.notes == (
        "Of the bundle's 2 classes 1 class cannot be measured here, none being there: hem.",
        "Left out, of no class that the bundle knows: 2 cells.",
    )


def test_a_map_by_another_column_or_from_a_file(bundle: Bundle, tmp_path: Path) -> None:
    asked = cohort(["normal", "all", "all", "smudge"])
    found = mapped(asked, bundle, ClassMap({"x": "hem", "y": "all"}), "kind")
    assert found.cohort.labelled["label"].to_list() == ["hem", "all", "hem", "all"]
    assert (found.absent, found.notes) == ((), ())
    path = tmp_path / "map.yaml"
    path.write_text("map: {normal: hem, all: all}\n", encoding="utf-8")
    assert mapped(asked, bundle, path, None).cohort.labelled.height == 3


def test_a_map_to_a_class_that_the_bundle_does_not_know_is_refused(bundle: Bundle) -> None:
    with pytest.raises(SettingsError) as raised:
        mapped(cohort(["normal", "all"]), bundle, {"normal": "healthy"}, None)
    assert str(raised.value) == (
        "The class map leads to 'healthy', which is no class of 'run'.\n  what to do: Known: all, hem."
    )


def test_cells_without_labels_of_their_own_are_nothing_for_a_bundle_of_cells(bundle: Bundle, of_patients: Path) -> None:
    known = {"P0": "all", "P1": "all"}
    with pytest.raises(DataError) as raised:
        mapped(cohort([None, None], patients=known), bundle, None, None)
    assert str(raised.value) == (
        "No cell of 'theirs' has a label of its own, so nothing can be scored.\n"
        "  what to do: Take a bundle of patients."
    )
    found = mapped(cohort([None, None], patients=known), load_bundle(of_patients), None, None)
    assert found.cohort.patients["label"].to_list() == ["all", "all"]
    assert found.absent == ("hem",)
