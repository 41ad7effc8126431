from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from leukoscope.cohort import Cohort, read_cohort, save_cohort
from leukoscope.cohort.readers.listing import list_files
from leukoscope.cohort.readers.saved import is_saved, recognises
from leukoscope.errors import DataError

PICTURES = ["basophil/BA_1.jpg", "ig/MMY_1.jpg"]


@pytest.fixture
def saved(tree: Callable[[list[str]], Path], tmp_path: Path) -> Path:
    save_cohort(read_cohort(tree(PICTURES), "pbc"), tmp_path / "kept.parquet")
    return tmp_path / "kept.parquet"


def same(one: Cohort, other: Cohort) -> bool:
    return one.cells.equals(other.cells) and (one.classes, one.reader) == (other.classes, other.reader)


def test_a_saved_cohort_is_recognised_and_keeps_its_reader(saved: Path, tmp_path: Path) -> None:
    cohort = read_cohort(saved)
    assert same(cohort, read_cohort(tmp_path / "data", "pbc"))
    assert (cohort.name, cohort.root) == ("pbc", tmp_path / "data")
    assert cohort.notes[0] == "Read by the reader 'saved', recognised by its layout."


def test_notes_on_how_it_was_read_do_not_pile_up(saved: Path, tmp_path: Path) -> None:
    once = read_cohort(saved)
    save_cohort(once, tmp_path / "again.parquet")
    assert read_cohort(tmp_path / "again.parquet").notes == once.notes


def test_a_folder_that_was_moved_is_named(saved: Path, tmp_path: Path) -> None:
    (tmp_path / "data").rename(tmp_path / "elsewhere")
    with pytest.raises(DataError) as raised:
        read_cohort(saved)
    assert str(raised.value) == (
        f"The folder of this cohort's pictures is gone.\n  where: {tmp_path}/data\n"
        "  what to do: Name the folder where it is now: --option root=FOLDER."
    )
    assert read_cohort(saved, "saved", root=tmp_path / "elsewhere").file(PICTURES[0]).is_file()
    assert read_cohort(saved, root="elsewhere").root == tmp_path / "elsewhere"


def test_another_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "x.parquet").write_bytes(b"no parquet")
    assert not is_saved(tmp_path / "x.parquet")
    for name in ("x.parquet", "none.parquet", "none"):
        with pytest.raises(DataError) as raised:
            read_cohort(tmp_path / name, "saved")
        assert str(raised.value) == (
            f"This is no cohort that Leukoscope saved.\n  where: {tmp_path}/{name}\n"
            "  what to do: Name the parquet file that merge or a run (cohort.parquet) wrote."
        )


def test_no_folder_is_a_saved_cohort(saved: Path) -> None:
    assert not recognises(list_files(saved.parent))
