"""Each way to break the contract of readers is found, on a reader that is whole but for that."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from leukoscope.cohort.classes import Classes
from leukoscope.cohort.cohort import Cohort
from leukoscope.cohort.readers.listing import Listing, list_files
from leukoscope.cohort.readers.reader import Description, Option, Reader
from leukoscope.cohort.readers.rows import set_repeats_apart
from leukoscope.errors import DataError, SettingsError
from leukoscope.testing import check_reader
from leukoscope.testing.reader_checks import rows

CLASSES = Classes(("normal", "blast"))
ABOUT = Description("Mini: cells", "Four cells.", "blast/P1_1.png", ("Nobody, 2020.",), "CC0", CLASSES)
PICTURES = ("blast/P1_1.png", "blast/P1_2.png", "normal/P2_1.png", "normal/P2_2.png")
Change = Callable[[Cohort], Cohort]


def recognises(listing: Listing) -> bool:
    return bool(_placed(listing)["patient"].is_not_null().any())


def read(path: Path) -> Cohort:
    listing = list_files(path)
    if not recognises(listing):
        raise DataError("This folder is not in Mini's layout.", where=str(path), do="Check the path.")
    stray = pl.when(pl.col("patient").is_null()).then(pl.lit("in no class folder, or not named P1_1"))
    cells = _placed(listing).with_columns(
        id=pl.col("path").str.replace(r"\.\w+$", ""), source=pl.lit("mini"), excluded=pl.coalesce("excluded", stray)
    )
    cells = set_repeats_apart(cells.with_columns(label=pl.when(pl.col("excluded").is_null()).then("folder")))
    cells = cells.select("id", "path", "label", "patient", "source", "excluded")
    return Cohort.from_cells("mini", path, cells, CLASSES, notes=listing.left_out())


def _placed(listing: Listing) -> pl.DataFrame:
    patient = pl.col("stem").str.extract(r"^(P\d+)_\d+$")
    return listing.pictures.with_columns(patient=pl.when(pl.col("folder").is_in(CLASSES.names)).then(patient))


WHOLE = Reader("mini", read, recognises, ABOUT)


def changed(change: Change) -> Reader:
    """Return the reader with something done to each cohort that it reads."""

    def read_changed(path: Path) -> Cohort:
        return change(read(path))

    return replace(WHOLE, read=read_changed)


def with_cells(*columns: pl.Expr) -> Reader:
    return changed(lambda cohort: replace(cohort, cells=cohort.cells.with_columns(*columns)))


@pytest.fixture
def example(tmp_path: Path) -> Path:
    for name in PICTURES:
        (tmp_path / "mini" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "mini" / name).write_bytes(b"no picture at all")
    return tmp_path / "mini"


def faults(reader: Reader, example: Path, **options: Any) -> list[str]:
    """Return what the suite says of a reader, a sentence a fault; none of them may have changed the example."""
    before = sorted(path.name for path in example.rglob("*"))
    with pytest.raises(AssertionError) as raised:
        check_reader(reader, example, **options)
    assert sorted(path.name for path in example.rglob("*")) == before
    head, *said = str(raised.value).split("\n- ")
    assert head == "The reader 'mini' breaks its contract:"
    return said


def test_a_whole_reader_passes_and_the_example_stays(example: Path) -> None:
    check_reader(WHOLE, str(example))
    assert [path.relative_to(example).as_posix() for path in sorted(example.rglob("*.png"))] == list(PICTURES)


def test_an_example_is_needed(tmp_path: Path) -> None:
    with pytest.raises(AssertionError) as raised:
        check_reader(WHOLE, tmp_path / "none")
    assert str(raised.value) == f"An example of the layout is needed, and there is nothing at {tmp_path}/none."


def test_an_example_that_cannot_be_read_is_one_fault(example: Path) -> None:
    with pytest.raises(AssertionError) as raised:
        check_reader(WHOLE, example / "blast")
    assert str(raised.value) == (
        "A reader must read its own layout; it stopped with DataError: This folder is not in Mini's layout."
    )


def test_what_is_returned_must_be_a_cohort(example: Path) -> None:
    with pytest.raises(AssertionError) as raised:
        check_reader(replace(WHOLE, read=lambda _path: {}), example)
    assert str(raised.value) == "A reader returns a Cohort; this one returned dict."


@pytest.mark.parametrize("name", ["title", "contents", "layout", "licence", "links"])
def test_an_empty_description(name: str, example: Path) -> None:
    reader = replace(WHOLE, description=replace(ABOUT, **{name: " "}))
    assert faults(reader, example) == [f"A description must say its {name}; it is ' '."]


def test_classes_without_a_source(example: Path) -> None:
    assert faults(replace(WHOLE, description=replace(ABOUT, sources=())), example) == [
        "A data set with classes of its own must name its sources, so that whoever made it is cited; there are none."
    ]


def test_official_parts_of_other_names(example: Path) -> None:
    about = replace(ABOUT, official={"training": ("fold_0",), "test": ("fold_1",)})
    assert faults(replace(WHOLE, description=about), example) == [
        "Official parts are called train, validation, test; found: training."
    ]


def test_a_crop_without_area(example: Path) -> None:
    assert faults(replace(WHOLE, description=replace(ABOUT, crop=0)), example) == [
        "A crop is a side in pixels; it is 0."
    ]


def test_an_option_that_is_not_listed(example: Path) -> None:
    def read_with(path: Path, *, fold: int = 1) -> Cohort:
        return replace(read(path), name=f"mini{fold}")

    assert faults(replace(WHOLE, read=read_with), example, fold=2) == [
        "READER.options must list what read takes, with its defaults; read takes {'fold': 1}, listed are {}."
    ]


def test_an_option_by_place_and_one_that_says_nothing(example: Path) -> None:
    def read_by_place(path: Path, fold: int = 1) -> Cohort:
        return replace(read(path), name=f"mini{fold}")

    def read_with(path: Path, *, fold: int = 1) -> Cohort:
        return read_by_place(path, fold)

    options = (Option("fold", " ", 1),)
    assert faults(replace(WHOLE, read=read_by_place, options=options), example) == [
        "Options are keywords only (after a *); these are not: fold."
    ]
    assert faults(replace(WHOLE, read=read_with, options=options), example) == [
        "An option must say what it does; these do not: fold."
    ]


def test_a_default_that_is_no_json(example: Path) -> None:
    def read_with(path: Path, *, folder: object = Path()) -> Cohort:
        return replace(read(path), name=f"mini{folder}")

    reader = replace(WHOLE, read=read_with, options=(Option("folder", "Where.", Path()),))
    assert faults(reader, example) == [
        (
            "The description and the defaults of options must be plain JSON values; Object of type PosixPath is not "
            "JSON serializable."
        )
    ]


def test_a_cohort_without_name(example: Path) -> None:
    assert faults(changed(lambda cohort: replace(cohort, name="")), example) == ["A cohort must have a name."]


def test_no_usable_cell(example: Path) -> None:
    reader = with_cells(pl.lit("not wanted").alias("excluded"))
    assert faults(reader, example)[0] == "At least one cell of the example must be usable."


def test_rows_without_source(example: Path) -> None:
    assert faults(with_cells(pl.lit(None, pl.String).alias("source")), example)[0] == (
        "Every row names its data set in the column source; 'blast/P1_1', 'blast/P1_2', 'normal/P2_1' does not."
    )


@pytest.mark.parametrize(
    ("path", "shown"),
    [
        (pl.concat_str(pl.lit("./"), "path"), "./blast/P1_1.png"),
        (pl.col("path").str.replace("/", "\\"), "blast\\P1_1.png"),
    ],
)
def test_paths_that_work_on_one_system_only(path: pl.Expr, shown: str, example: Path) -> None:
    said = faults(with_cells(path.alias("path")), example)[0]
    head = "The column path is relative to the cohort's root, written with / and without . or ..; found: "
    assert said.startswith(f"{head}{shown!r}, ")


def test_absolute_paths(example: Path) -> None:
    said = faults(changed(absolute), example)
    assert said[0].startswith("The column path is relative to the cohort's root")
    assert any(one.startswith("A cohort must be the same from a folder that was moved; the path of ") for one in said)


def absolute(cohort: Cohort) -> Cohort:
    return replace(cohort, cells=cohort.cells.with_columns(path=pl.lit(f"{cohort.root}/") + pl.col("path")))


def test_usable_cells_without_a_file(example: Path) -> None:
    said = faults(with_cells(pl.col("path").str.replace("png", "bmp")), example)
    assert said[0] == (
        "The path of a usable cell must be a file under the root (or lie in one); "
        "'blast/P1_1.bmp', 'blast/P1_2.bmp', 'normal/P2_1.bmp' is none."
    )


def test_masks_without_a_file(example: Path) -> None:
    said = faults(with_cells(pl.lit("masks/1.png").alias("mask")), example)
    assert said == ["The mask of a usable cell must be a file under the root (or lie in one); 'masks/1.png' is none."]


def test_a_root_that_is_no_folder(example: Path) -> None:
    said = faults(changed(lambda cohort: replace(cohort, root=cohort.root / "no")), example)
    assert said[0] == f"The cohort's root must be the folder of its files; it is {example}/no."


def test_no_label_at_all(example: Path) -> None:
    assert faults(with_cells(pl.lit(None, pl.String).alias("label")), example) == [
        "No label is known, neither of a cell nor of a patient nor of a mark; the example must have some."
    ]


def test_labels_of_marks_are_labels(example: Path) -> None:
    def boxed(cohort: Cohort) -> Cohort:
        boxes = cohort.cells.select("id", label=pl.lit("blast"))
        bare = cohort.cells.with_columns(label=pl.lit(None, pl.String))
        return replace(cohort, cells=bare, tables={"boxes": boxes})

    check_reader(changed(boxed), example)


def test_classes_that_the_description_does_not_have(example: Path) -> None:
    more = Classes(("normal", "blast", "smudge"))
    assert faults(changed(lambda cohort: replace(cohort, classes=more)), example) == [
        "The cohort's classes must be among the description's; smudge are not."
    ]


def test_an_empty_reason(example: Path) -> None:
    first = pl.when(pl.col("id") == "blast/P1_1").then(pl.lit(" ")).otherwise("excluded").alias("excluded")
    said = faults(with_cells(first), example)
    assert said == ["The column excluded holds a reason in words, or null; it is empty for 'blast/P1_1'."]


def test_notes_that_are_no_sentences(example: Path) -> None:
    assert faults(changed(lambda cohort: replace(cohort, notes=("two formats",))), example) == [
        "Notes are a tuple of sentences; found: ['two formats']."
    ]


def test_a_cohort_that_cannot_be_saved(example: Path) -> None:
    strange: Any = Path("mini")
    assert faults(changed(lambda cohort: replace(cohort, reader=strange)), example) == [
        "A cohort must be saved and loaded; TypeError: Object of type PosixPath is not JSON serializable"
    ]


def test_a_cohort_that_does_not_come_back_whole(example: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    load = rows.load_cohort

    def load_all_but_one(path: Path) -> Cohort:
        back = load(path)
        return back.select(back.cells["id"][1:])

    monkeypatch.setattr(rows, "load_cohort", load_all_but_one)
    assert faults(WHOLE, example) == [
        "A cohort must come back from its file as it was saved; the cells are 4 rows and 3."
    ]


def test_rows_in_the_system_s_order(example: Path) -> None:
    def as_listed(cohort: Cohort) -> Cohort:
        names = [f"{folder}/{name}" for folder in ("blast", "normal") for name in os.listdir(cohort.root / folder)]  # noqa: PTH208 - the fault
        order = pl.DataFrame({"path": names})
        known = order.join(cohort.cells, on="path", how="inner", maintain_order="left")
        rest = cohort.cells.join(order, on="path", how="anti", maintain_order="left")
        return replace(cohort, cells=pl.concat([known.select(cohort.cells.columns), rest]))

    assert faults(changed(as_listed), example) == [
        (
            "Rows must not depend on the order in which the system lists a folder (sort by path); backwards, the id in "
            "the cells is 'blast/P1_1' and 'blast/P1_2'."
        )
    ]


def test_ids_that_hold_the_whole_path(example: Path) -> None:
    reader = changed(
        lambda cohort: replace(cohort, cells=cohort.cells.with_columns(id=pl.lit(f"{cohort.root}") + pl.col("id")))
    )
    said = faults(reader, example)
    whens = [
        "from a folder that was moved",
        "through a symbolic link",
        "by a relative path",
        "from within a folder named",
    ]
    for when in whens:
        assert any(one.startswith(f"A cohort must be the same {when}") for one in said), when


def test_labels_that_come_from_the_folder_s_own_name(example: Path) -> None:
    def named(cohort: Cohort) -> Cohort:
        place = pl.lit(cohort.root.resolve().name)
        return replace(cohort, cells=cohort.cells.with_columns(place=place))

    assert faults(changed(named), example) == [
        (
            "The data set's own folder may have any name; in one named 'zellen für [1] 100% #é', the place of "
            "'blast/P1_1' in the cells is 'mini' and 'zellen für [1] 100% #é 2'."
        )
    ]


def test_brackets_in_a_folder_s_name(example: Path) -> None:
    def read_by_pattern(path: Path) -> Cohort:
        import glob  # noqa: PLC0415 - the fault

        cohort = read(path)
        kept = [name for name in cohort.cells["path"] if glob.glob(f"{path}/{name}")]  # noqa: PTH207 - the fault
        return replace(cohort, cells=cohort.cells.filter(pl.col("path").is_in(kept)))

    assert faults(replace(WHOLE, read=read_by_pattern), example) == [
        "A cohort must be the same from within a folder named 'zellen für [1] 100% #é'; the cells are 4 rows and 0."
    ]


def test_its_own_layout_not_recognised(example: Path) -> None:
    assert faults(replace(WHOLE, recognises=lambda _listing: False), example) == [
        "recognises must be True for the layout's own listing; 'mini' does not know its example."
    ]


def test_any_folder_recognised(example: Path) -> None:
    assert faults(replace(WHOLE, recognises=lambda _listing: True), example) == [
        "recognises must be False for a folder with only some notes.txt and stray.png; it is True."
    ]


def test_recognising_by_opening_files(example: Path) -> None:
    def opens(listing: Listing) -> bool:
        return recognises(listing) and bool((listing.root / "blast" / "P1_1.png").read_bytes())

    def looks(listing: Listing) -> bool:
        return recognises(listing) and listing.root.is_dir()

    (said,) = faults(replace(WHOLE, recognises=opens), example)
    head = "recognises looks at the listing and opens no file; "
    assert said.startswith(f"{head}of files that are not there it said FileNotFoundError: ")
    assert faults(replace(WHOLE, recognises=looks), example) == [f"{head}where the files are gone it is not True."]


def test_another_error_where_nothing_is(example: Path) -> None:
    def read_careless(path: Path) -> Cohort:
        os.listdir(path)  # noqa: PTH208 - the fault
        return read(path)

    (said,) = faults(replace(WHOLE, read=read_careless), example)
    assert said.startswith(
        "A path where nothing is must be refused with a DataError; the reader stopped with FileNotFoundError: "
    )


def test_a_settings_error_where_the_data_is_at_fault(example: Path) -> None:
    def read_strange(path: Path) -> Cohort:
        if path.is_dir() and not any(path.iterdir()):
            raise SettingsError("Empty.")
        return read(path)

    assert faults(replace(WHOLE, read=read_strange), example) == [
        "An empty folder must be refused with a DataError; the reader stopped with SettingsError: Empty."
    ]


def test_an_error_that_does_not_say_what_to_do(example: Path) -> None:
    def read_curt(path: Path) -> Cohort:
        try:
            return read(path)
        except DataError as error:
            raise DataError(error.what, where=error.where) from None

    said = faults(replace(WHOLE, read=read_curt), example)
    whats = ["a path where nothing is", "an empty folder", "a folder with only some notes.txt and stray.png"]
    assert [one.split(" must say where")[0] for one in said] == [f"The error on {what}" for what in whats]
    assert said[0].endswith("nothing here', do=None.")


def test_another_layout_read_as_an_empty_cohort(example: Path) -> None:
    def read_anything(path: Path) -> Cohort:
        listing = list_files(path)
        if recognises(listing):
            return read(path)
        return Cohort.from_cells("mini", path, pl.DataFrame(schema={"id": pl.String, "path": pl.String}), CLASSES)

    assert faults(replace(WHOLE, read=read_anything), example) == [
        "A folder with only some notes.txt and stray.png must be refused with a DataError; it was read."
    ]


def test_a_reader_that_writes(example: Path) -> None:
    def read_and_cache(path: Path) -> Cohort:
        cohort = read(path)
        if path.parent.name == "watched":
            (path / "cache.csv").write_text("id", encoding="utf-8")
        return cohort

    assert faults(replace(WHOLE, read=read_and_cache), example) == [
        "A reader writes nothing into the data set; written, changed or removed: ['cache.csv']."
    ]


def test_a_reader_that_needs_to_write(example: Path) -> None:
    def read_where_one_may_write(path: Path) -> Cohort:
        if path.exists() and not path.stat().st_mode & 0o200:
            raise PermissionError(13, "Permission denied", str(path))
        return read(path)

    (said,) = faults(replace(WHOLE, read=read_where_one_may_write), example)
    assert said.startswith("A reader must read its own layout from a read-only folder; it stopped with PermissionError")


def test_a_reader_that_opens_pictures(example: Path) -> None:
    def with_sizes(cohort: Cohort) -> Cohort:
        sizes = [float(cohort.file(path).stat().st_size) for path in cohort.cells["path"]]
        return replace(cohort, cells=cohort.cells.with_columns(size=pl.Series(sizes)))

    said = faults(changed(with_sizes), example)
    assert said == [
        (
            "A cohort must be the same where all pictures are empty files, since a reader opens no picture; "
            "the size of 'blast/P1_1' in the cells is 17.0 and 0.0."
        )
    ]


def test_stray_files_taken_for_cells(example: Path) -> None:
    def read_all(path: Path) -> Cohort:
        return replace(read(path), cells=read(path).cells.with_columns(excluded=pl.lit(None, pl.String)))

    said = faults(replace(WHOLE, read=read_all), example)
    assert said == [
        (
            "What has no place in the layout must not be usable; these stray files are: "
            "['.DS_169665.jpg', 'stray picture.png']."
        )
    ]


def test_stray_files_that_stop_it(example: Path) -> None:
    def read_tidy(path: Path) -> Cohort:
        if (path / "Thumbs.db").exists():
            raise KeyError("Thumbs.db")
        return read(path)

    assert faults(replace(WHOLE, read=read_tidy), example) == [
        "A reader must read its own layout beside stray files; it stopped with KeyError: 'Thumbs.db'"
    ]


def test_stray_files_that_change_other_cells(example: Path) -> None:
    def numbered(cohort: Cohort) -> Cohort:
        numbers = pl.int_range(pl.len()).cast(pl.String)
        return replace(cohort, cells=cohort.cells.with_columns(place=numbers))

    said = faults(changed(numbered), example)
    assert said == [
        (
            "The other cells must stay as they are beside stray files; the place of 'blast/P1_1' in the cells is '0' "
            "and '1'."
        ),
        (
            "The other cells must stay as they are where a picture is missing; the place of 'blast/P1_2' in the cells "
            "is '1' and '0'."
        ),
    ]


def test_a_missing_picture_that_is_still_usable(example: Path) -> None:
    def read_by_heart(path: Path) -> Cohort:
        cohort = read(path)
        listed = cohort.cells["path"].to_list()
        missing = [name for name in PICTURES if name not in listed]
        rows = [
            {"id": name[:-4], "path": name, "label": "blast", "patient": "P1", "source": "mini"} for name in missing
        ]
        cells = pl.concat([cohort.cells, pl.DataFrame(rows)], how="diagonal") if rows else cohort.cells
        return replace(cohort, cells=cells.sort("path"))

    assert faults(replace(WHOLE, read=read_by_heart), example) == [
        "A picture that is not there must not be usable; 'blast/P1_1.png' is."
    ]


def test_an_example_that_is_too_small(example: Path) -> None:
    for name in PICTURES[1::2]:
        (example / name).unlink()
    assert faults(WHOLE, example) == ["The example must hold two usable cells of one class."]


def test_all_faults_are_told_at_once(example: Path) -> None:
    reader = replace(with_cells(pl.lit(None, pl.String).alias("label")), recognises=lambda _listing: True)
    assert len(faults(reader, example)) == 2


def test_no_test_runner_and_no_network_library_is_needed() -> None:
    code = "import sys, leukoscope.testing; print([n for n in ('pytest', 'torch', 'timm') if n in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
