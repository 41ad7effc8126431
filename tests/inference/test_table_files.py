from __future__ import annotations

import json
import os
from pathlib import Path

import polars as pl
import pytest

from leukoscope.bundles.bundle import Bundle
from leukoscope.inference import table_files
from leukoscope.inference.table_files import heading, write_blocks

BLOCKS = [pl.DataFrame({"id": [f"{block}{row}" for row in range(3)], "p": [0.5, None, 0.1]}) for block in "abc"]


@pytest.mark.parametrize("ending", [".csv", ".parquet"])
@pytest.mark.parametrize("piece", [1, 4, 100])
def test_blocks_become_one_table(tmp_path: Path, ending: str, piece: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(table_files, "ROWS_A_PIECE", piece)
    out = tmp_path / f"said{ending}"
    write_blocks(out, iter(BLOCKS))
    read = pl.read_csv(out) if ending == ".csv" else pl.read_parquet(out)
    assert read.equals(pl.concat(BLOCKS))


def test_a_heading_names_bundle_and_source_and_changes_with_each(bundle: Bundle, tmp_path: Path) -> None:
    found = heading(bundle, tmp_path, BLOCKS)
    assert (found["bundle"]["name"], found["source"]["path"]) == ("first", str(tmp_path))
    assert found["source"]["rows"] == "3 and 3 and 3"
    assert heading(bundle, tmp_path, BLOCKS) == found
    assert heading(bundle, tmp_path, BLOCKS[::-1])["source"] != found["source"]
    assert heading(bundle, tmp_path / "other", BLOCKS)["source"] != found["source"]


def test_a_source_is_where_it_lies_however_it_is_named(
    bundle: Bundle, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("one", "two"):
        (tmp_path / name / "cells").mkdir(parents=True)
    monkeypatch.chdir(tmp_path / "one")
    here = heading(bundle, Path("cells"), BLOCKS)
    assert here == heading(bundle, tmp_path / "one" / "cells", BLOCKS)
    monkeypatch.chdir(tmp_path / "two")
    assert heading(bundle, Path("cells"), BLOCKS)["source"] != here["source"]


def test_an_archive_is_another_once_it_was_changed(bundle: Bundle, tmp_path: Path) -> None:
    path = tmp_path / "cells.zip"
    path.write_bytes(b"12345")
    os.utime(path, (1e9, 1e9))
    found = heading(bundle, path, BLOCKS)["source"]
    assert (found["bytes"], found["changed"]) == ("5", "2001-09-09 01:46:40+00:00")
    assert heading(bundle, path, BLOCKS)["source"] == found
    os.utime(path, (1e9, 1e9 + 1))
    assert heading(bundle, path, BLOCKS)["source"] != found
    path.write_bytes(b"123456")
    os.utime(path, (1e9, 1e9))
    assert heading(bundle, path, BLOCKS)["source"] != found
    assert json.loads(json.dumps(found)) == found
