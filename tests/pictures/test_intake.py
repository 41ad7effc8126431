from __future__ import annotations

import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from PIL import Image

from leukoscope.cohort.cohort import Cohort
from leukoscope.cohort.links import identical_pairs
from leukoscope.cohort.storage import load_cohort, save_cohort
from leukoscope.errors import LeukoscopeError, SettingsError
from leukoscope.files import locked
from leukoscope.pictures import reading
from leukoscope.pictures.decode import decode
from leukoscope.pictures.facts import SCHEMA
from leukoscope.pictures.framing import parse_framing
from leukoscope.pictures.intake import Intake, take_in
from leukoscope.pictures.store_index import StoreFiles

FRAMING = parse_framing([{"center_crop": 30}, {"resize": 16}])
MakeCohort = Callable[..., Cohort]


def expect_store(intake: Intake) -> None:
    """Every usable cell's row holds its framed picture."""
    assert intake.store is not None
    cells = intake.cohort.usable.join(intake.pictures, on="id", maintain_order="left")
    pixels = intake.store.batch(intake.store.rows(cells["sha256"]))
    wanted = [FRAMING.apply(decode(intake.cohort.file(path)).pixels) for path in cells["path"]]
    assert np.array_equal(pixels, np.array(wanted))


def test_the_table_has_a_row_for_every_cell_in_order(cohort_of: MakeCohort, tmp_path: Path) -> None:
    intake = take_in(cohort_of(7), framing=FRAMING, store=tmp_path / "store")
    assert dict(intake.pictures.schema) == {"id": pl.String(), **SCHEMA}
    assert intake.pictures["id"].to_list() == [f"{number:03}.bmp" for number in range(7)]
    assert intake.pictures["problem"].null_count() == 7
    first = intake.pictures.row(0, named=True)
    assert (first["width"], first["height"], first["mode"], first["format"]) == (40, 36, "RGB", "BMP")
    assert first["bytes"] == intake.cohort.file("000.bmp").stat().st_size
    expect_store(intake)
    assert repr(intake) == (
        f"Intake of 'made': 7 pictures, 0 unreadable\n  PixelStore: 7 pictures of 16 x 16, 0 MB, {tmp_path / 'store'}"
    )


def test_the_result_does_not_depend_on_workers_or_store(cohort_of: MakeCohort, tmp_path: Path) -> None:
    cohort = cohort_of(20)
    one = take_in(cohort, framing=FRAMING, store=tmp_path / "one", workers=1)
    four = take_in(cohort, framing=FRAMING, store=tmp_path / "four", workers=4)
    assert one.pictures.equals(four.pictures)
    assert one.pictures.equals(take_in(cohort, workers=3).pictures)
    files = [StoreFiles(tmp_path / name, FRAMING) for name in ("one", "four")]
    assert files[0].index.read_bytes() == files[1].index.read_bytes()
    assert files[0].pixels.read_bytes() == files[1].pixels.read_bytes()


def test_unreadable_cells_are_excluded_with_the_reason(cohort_of: MakeCohort, tmp_path: Path) -> None:
    cohort = cohort_of(3, names=["000.bmp", "empty.png", "page.jpg", "absent.bmp", "001.bmp", "cut.bmp", "folder"])
    cohort.file("empty.png").touch()
    cohort.file("page.jpg").write_text("<html></html>")
    cohort.file("cut.bmp").write_bytes(cohort.file("002.bmp").read_bytes()[:2000])
    cohort.file("folder").mkdir()
    intake = take_in(cohort, framing=FRAMING, store=tmp_path / "store")
    reasons = dict(intake.cohort.cells.select("id", "excluded").iter_rows())
    assert reasons.pop("cut.bmp").startswith("unreadable: The picture is damaged or cut off: image file is truncated")
    assert reasons == {
        "000.bmp": None,
        "001.bmp": None,
        "empty.png": "unreadable: The file is empty (0 bytes).",
        "page.jpg": "unreadable: This is a web page (HTML), not a picture; the download probably went wrong.",
        "absent.bmp": "unreadable: The file is missing.",
        "folder": "unreadable: This is no file.",
    }
    rows = {row["id"]: row for row in intake.pictures.iter_rows(named=True)}
    assert (rows["absent.bmp"]["sha256"], rows["absent.bmp"]["bytes"]) == (None, None)
    assert (rows["page.jpg"]["bytes"], rows["page.jpg"]["pixels_sha256"]) == (13, None)
    assert intake.store is not None
    assert len(intake.store) == 2
    expect_store(intake)
    assert take_in(cohort, framing=FRAMING, store=tmp_path / "store").pictures.equals(intake.pictures)


def test_excluded_cells_are_looked_at_but_not_framed(cohort_of: MakeCohort, tmp_path: Path) -> None:
    excluded = {"001.bmp": "no label", "absent.bmp": "by hand"}
    cohort = cohort_of(3, names=["000.bmp", "001.bmp", "absent.bmp"], excluded=excluded)
    intake = take_in(cohort, framing=FRAMING, store=tmp_path / "store")
    assert intake.cohort.cells["excluded"].to_list() == [None, "no label", "by hand"]
    assert intake.pictures["pixels_sha256"].null_count() == 1
    assert intake.store is not None
    assert len(intake.store) == 1


def test_a_cell_that_is_no_longer_excluded_is_framed_later(cohort_of: MakeCohort, tmp_path: Path) -> None:
    take_in(cohort_of(2, excluded={"001.bmp": "by hand"}), framing=FRAMING, store=tmp_path / "store")
    expect_store(take_in(cohort_of(2), framing=FRAMING, store=tmp_path / "store"))


def test_copies_share_a_row_and_are_found(cohort_of: MakeCohort, tmp_path: Path) -> None:
    cohort = cohort_of(2, names=["000.bmp", "001.bmp", "copy.bmp", "as.png"])
    shutil.copy(cohort.file("000.bmp"), cohort.file("copy.bmp"))
    Image.open(cohort.file("001.bmp")).save(cohort.file("as.png"))
    intake = take_in(cohort, framing=FRAMING, store=tmp_path / "store")
    assert intake.store is not None
    assert len(intake.store) == 3
    pairs = identical_pairs(intake.pictures).select("id_a", "id_b", "kind").rows()
    assert sorted(pairs) == [("000.bmp", "copy.bmp", "exact bytes"), ("001.bmp", "as.png", "exact pixels")]


def test_the_name_is_remarked_upon_for_each_copy_apart(cohort_of: MakeCohort, tmp_path: Path) -> None:
    cohort = cohort_of(1, names=["000.bmp", "copy.jpg"])
    shutil.copy(cohort.file("000.bmp"), cohort.file("copy.jpg"))
    for _ in range(2):  # the second time the facts come from the cache
        intake = take_in(cohort, framing=FRAMING, store=tmp_path / "store")
        assert intake.pictures["remarks"].to_list() == [None, "named .jpg but is BMP"]
    assert repr(intake).splitlines()[:2] == [
        "Intake of 'made': 2 pictures, 0 unreadable, 1 with remarks",
        "  named .jpg but is BMP: 1",
    ]


def test_what_is_known_is_not_decoded_again(
    cohort_of: MakeCohort, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cohort = cohort_of(6)
    before = take_in(cohort, framing=FRAMING, store=tmp_path / "store")
    Image.new("RGB", (40, 36), (1, 2, 3)).save(cohort.file("002.bmp"))
    decoded: list[int] = []
    real = reading.decode_content
    monkeypatch.setattr(reading, "decode_content", lambda content: decoded.append(1) or real(content))
    after = take_in(cohort, framing=FRAMING, store=tmp_path / "store")
    assert len(decoded) == 1
    assert after.pictures["mean_red"].to_list()[2] == 1.0
    assert before.pictures.filter(pl.col("id") != "002.bmp").equals(after.pictures.filter(pl.col("id") != "002.bmp"))
    expect_store(after)


def test_an_intake_shows_itself_in_notebooks(cohort_of: MakeCohort) -> None:
    intake = take_in(cohort_of(1, names=["000.bmp", "<b>.bmp"]))
    intake = replace(intake, notes=("a < b",))
    assert intake._repr_html_() == (
        "<b>Intake of &#x27;made&#x27;: 2 pictures, 1 unreadable</b><ul><li>note: a &lt; b</li></ul>"
    )


def test_a_damaged_store_is_built_anew_and_it_is_said(cohort_of: MakeCohort, tmp_path: Path) -> None:
    cohort = cohort_of(4)
    take_in(cohort, framing=FRAMING, store=tmp_path / "store")
    pixels = StoreFiles(tmp_path / "store", FRAMING).pixels
    pixels.write_bytes(bytes(pixels.stat().st_size))
    intake = take_in(cohort, framing=FRAMING, store=tmp_path / "store")
    assert intake.notes == ("The pixel store is damaged: the pixels of row 0 are wrong. It was built anew.",)
    expect_store(intake)


def test_a_store_in_use_is_refused(cohort_of: MakeCohort, tmp_path: Path) -> None:
    with locked(tmp_path / "store"), pytest.raises(LeukoscopeError, match="Another process is working"):
        take_in(cohort_of(1), framing=FRAMING, store=tmp_path / "store")


def test_framing_and_store_belong_together(cohort_of: MakeCohort, tmp_path: Path) -> None:
    both = "A framing and the store's folder belong together; only one of them was given."
    with pytest.raises(SettingsError) as caught:
        take_in(cohort_of(1), framing=FRAMING)
    assert str(caught.value) == both
    with pytest.raises(SettingsError) as caught:
        take_in(cohort_of(1), store=tmp_path / "store")
    assert str(caught.value) == both


def test_an_empty_cohort(cohort_of: MakeCohort, tmp_path: Path) -> None:
    intake = take_in(cohort_of(0), framing=FRAMING, store=tmp_path / "store")
    assert intake.pictures.height == 0
    assert dict(intake.pictures.schema) == {"id": pl.String(), **SCHEMA}


CHILD = """
import os, signal, sys
from pathlib import Path
from leukoscope.cohort.storage import load_cohort
from leukoscope.pictures import intake, store_writer
from leukoscope.pictures.framing import parse_framing

intake.SAVED_EVERY, store_writer.BLOCK_BYTES = 10, 4 * 16 * 16 * 3
left, before, real = [int(sys.argv[2])], sys.argv[3] == "before", os.fsync

def fsync(handle):
    left[0] -= 1
    if before or left[0]:
        left[0] or os.kill(os.getpid(), signal.SIGKILL)
    real(handle)
    left[0] or os.kill(os.getpid(), signal.SIGKILL)

os.fsync = fsync
folder = Path(sys.argv[1])
framing = parse_framing([{"center_crop": 30}, {"resize": 16}])
intake.take_in(load_cohort(folder / "cohort.parquet"), framing=framing, store=folder / "store")
"""


@pytest.mark.parametrize(("call", "when"), [(1, "before"), (4, "before"), (5, "after"), (8, "before"), (13, "after")])
def test_killed_while_building_and_taken_up_again(cohort_of: MakeCohort, tmp_path: Path, call: int, when: str) -> None:
    cohort = cohort_of(40)
    save_cohort(cohort, tmp_path / "cohort.parquet")
    command = [sys.executable, "-c", CHILD, str(tmp_path), str(call), when]
    assert subprocess.run(command, check=False, capture_output=True).returncode == -signal.SIGKILL
    intake = take_in(load_cohort(tmp_path / "cohort.parquet"), framing=FRAMING, store=tmp_path / "store")
    fresh = take_in(replace(cohort), framing=FRAMING, store=tmp_path / "fresh")
    assert intake.notes == ()
    assert intake.pictures.equals(fresh.pictures)
    expect_store(intake)
    resumed, whole = (StoreFiles(tmp_path / name, FRAMING) for name in ("store", "fresh"))
    assert resumed.index.read_bytes() == whole.index.read_bytes()
    assert resumed.pixels.read_bytes() == whole.pixels.read_bytes()
    assert [path.name for path in (tmp_path / "store").rglob(".*")] == [".lock"]
