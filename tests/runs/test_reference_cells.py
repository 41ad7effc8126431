from __future__ import annotations

import polars as pl
import pytest

from leukoscope import predict
from leukoscope.bundles import load_bundle
from leukoscope.pictures.decode import Content, decode_content
from leukoscope.runs.reference_cells import spread
from leukoscope.runs.run import Run


def cells(rows: list[tuple[str | None, str, int]]) -> pl.DataFrame:
    """Return so many cells of each patient and class."""
    named = [(patient, label) for patient, label, number in rows for _ in range(number)]
    return pl.DataFrame(
        {
            "id": [f"c{place}" for place in range(len(named))],
            "patient": [patient for patient, _ in named],
            "group": [None] * len(named),
            "label": [label for _, label in named],
        },
        schema={"id": pl.String, "patient": pl.String, "group": pl.String, "label": pl.String},
    )


def test_classes_and_their_patients_take_turns() -> None:
    table = cells([("P1", "hem", 50), ("P2", "hem", 3), ("P3", "all", 9), ("P4", "all", 9), ("P5", "all", 9)])
    first = spread(table, 12, seed=0)
    assert first["label"].value_counts(sort=True)["count"].to_list() == [6, 6]
    counts = dict(first["patient"].value_counts().iter_rows())
    assert counts == {"P1": 3, "P2": 3, "P3": 2, "P4": 2, "P5": 2}
    # More of them are the same ones, and others behind: the first are the reference cells of the bundle.
    assert spread(table, 40, seed=0)["id"].to_list()[:12] == first["id"].to_list()


def test_what_is_drawn_depends_on_the_seed_and_not_on_the_order() -> None:
    table = cells([("P1", "hem", 30), ("P2", "all", 30)])
    found = spread(table, 10, seed=0)["id"].to_list()
    assert spread(table.reverse(), 10, seed=0)["id"].to_list() == found
    assert spread(table, 10, seed=1)["id"].to_list() != found


def test_without_patients_linked_cells_count_as_one() -> None:
    table = cells([(None, "hem", 6)]).with_columns(group=pl.Series(["g", "g", "g", "g", None, None]))
    assert spread(table, 3, seed=0)["group"].to_list().count("g") == 1
    assert spread(table, 50, seed=0).height == 6


def part_of(run: Run, part: str) -> pl.DataFrame:
    """Return the cells of a part, as the run's cohort has them."""
    split = pl.read_csv(run.folder / "split.csv", infer_schema=False).filter(part=part)
    return run.cohort.cells.filter(pl.col("id").is_in(split["id"].implode()))


def test_a_run_s_reference_cells_are_training_cells_and_its_limit_is_of_validation(referring_run: Run) -> None:
    found, train, validation = (
        load_bundle(referring_run.bundle).reference,
        *(part_of(referring_run, part) for part in ("train", "validation")),
    )
    assert found is not None
    own = found.cells.join(train, on=["id", "patient", "label"], how="semi")
    assert own.height == found.cells.height == train.height
    assert found.cells["label"].head(20).value_counts()["count"].to_list() == [10, 10]
    assert (found.fitted.cells, found.fitted.patients) == (validation.height, validation["patient"].n_unique())
    assert len(found.pictures) == found.cells.height
    assert {decode_content(Content(one)).pixels.shape for one in found.pictures} == {(32, 32, 3)}


@pytest.mark.filterwarnings("ignore::leukoscope.errors.LeukoscopeWarning")
def test_what_the_run_says_of_test_cells_its_bundle_says_too(referring_run: Run) -> None:
    section, test = referring_run.scores["out_of_distribution"], part_of(referring_run, "test")
    said = predict(referring_run.bundle, referring_run.cohort.select(test["id"]), device="cpu").table
    assert section["test"]["cells"] == said.height == test.height
    assert section["test"]["patients"] == test["patient"].n_unique()
    assert section["test"]["flagged_cells"] == said["out_of_distribution"].sum()
    unlike = pl.read_csv(referring_run.folder / "unlike.csv", schema_overrides={"patient": pl.String})
    furthest = said.sort("distance", descending=True).head(unlike.height)
    assert unlike["distance"].to_list() == pytest.approx(furthest["distance"].to_list(), rel=1e-3)
    assert set(unlike["id"]) <= set(test["id"])


def test_a_recipe_may_keep_pictures_or_all_of_it_back(referring_run: Run, stricter_run: Run, plain_run: Run) -> None:
    kept, whole = (load_bundle(run.bundle).reference for run in (stricter_run, referring_run))
    assert kept is not None
    assert whole is not None
    assert kept.pictures == ()
    assert kept.cells.equals(whole.cells.head(7))
    assert kept.fitted.as_json() == whole.fitted.as_json()
    assert load_bundle(plain_run.bundle).reference is None
    assert "out_of_distribution" not in plain_run.scores
    assert not (plain_run.folder / "unlike.csv").exists()
