from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from leukoscope.errors import DataError, LeukoscopeError, SettingsError
from leukoscope.inference.unfinished import Unfinished, part_of, unfinished_table

HEADER: dict[str, Any] = {"bundle": {"name": "first", "sha256": "ab"}, "source": {"path": "cells", "rows": "4"}}
ROWS = pl.DataFrame({"id": ["a", "b"], "p": [0.1, None], "referred": [True, None], "problem": [None, "x"]})


def begun(out: Path) -> Unfinished:
    """Return a table of two blocks, of three rows."""
    found = unfinished_table(out, HEADER, resume=False)
    found.append({"rows": ROWS})
    found.append({"rows": ROWS.head(1), "cells": pl.DataFrame({"n": [1, 2, 3]})})
    return found


def test_blocks_come_back_as_they_were(tmp_path: Path) -> None:
    found = begun(tmp_path / "out" / "said.csv")
    first, second = list(found.tables())
    assert first["rows"].equals(ROWS)
    assert first["rows"].schema == ROWS.schema
    assert (second["rows"].height, second["cells"]["n"].to_list()) == (1, [1, 2, 3])
    assert found.rows == {"rows": 3, "cells": 3}
    found.remove()
    assert list((tmp_path / "out").iterdir()) == []


def test_nothing_is_written_before_there_is_a_row(tmp_path: Path) -> None:
    found = unfinished_table(tmp_path / "out" / "said.csv", HEADER, resume=False)
    assert (list(found.tables()), list((tmp_path / "out").iterdir())) == ([], [])


def test_one_goes_on_where_it_was_broken_off(tmp_path: Path) -> None:
    out = tmp_path / "said.csv"
    begun(out)
    found = unfinished_table(out, HEADER, resume=True)
    assert (found.blocks, found.rows, found.notes) == (2, {"rows": 3, "cells": 3}, ())
    found.append({"rows": ROWS})
    assert unfinished_table(out, HEADER, resume=True).rows["rows"] == 5


@pytest.mark.parametrize("cut", [1, 5, 13, 200])
def test_a_block_that_was_cut_off_is_dropped(tmp_path: Path, cut: int) -> None:
    out = tmp_path / "said.csv"
    begun(out)
    data = part_of(out).read_bytes()
    part_of(out).write_bytes(data[:-cut])
    found = unfinished_table(out, HEADER, resume=True)
    assert found.rows == {"rows": 2}
    found.append({"rows": ROWS})
    assert [block["rows"].height for block in unfinished_table(out, HEADER, resume=True).tables()] == [2, 2]


@pytest.mark.parametrize("rest", [bytes(40), b"\xff" * 40, (1 << 40).to_bytes(8, "little") + bytes(40)])
def test_zeros_and_noise_behind_the_blocks_are_none(tmp_path: Path, rest: bytes) -> None:
    """A machine that lost power may leave a file longer than what was written into it."""
    out = tmp_path / "said.csv"
    begun(out)
    part_of(out).write_bytes(part_of(out).read_bytes() + rest)
    found = unfinished_table(out, HEADER, resume=True)
    assert (found.blocks, found.rows) == (2, {"rows": 3, "cells": 3})
    found.append({"rows": ROWS})
    assert [block["rows"].height for block in unfinished_table(out, HEADER, resume=True).tables()] == [2, 1, 2]


def test_a_block_whose_bytes_were_changed_is_dropped(tmp_path: Path) -> None:
    out = tmp_path / "said.csv"
    begun(out)
    data = bytearray(part_of(out).read_bytes())
    data[-3] ^= 0xFF
    part_of(out).write_bytes(data)
    assert unfinished_table(out, HEADER, resume=True).rows == {"rows": 2}


def test_without_resume_nothing_is_lost_and_with_nothing_there_it_says_so(tmp_path: Path) -> None:
    out = tmp_path / "said.csv"
    begun(out)
    known = part_of(out).read_bytes()
    with pytest.raises(SettingsError) as caught:
        unfinished_table(out, HEADER, resume=False)
    assert str(caught.value) == (
        f"An unfinished table lies there.\n  where: {part_of(out)}\n"
        "  what to do: Go on with it by --resume; or remove it, or name another --out, to begin anew."
    )
    assert part_of(out).read_bytes() == known
    part_of(out).unlink()
    assert unfinished_table(out, HEADER, resume=False).notes == ()
    assert unfinished_table(out, HEADER, resume=True).notes == (
        "There was nothing to go on with: no unfinished table lay there.",
    )


def test_rows_of_another_bundle_or_source_are_refused(tmp_path: Path) -> None:
    out = tmp_path / "said.csv"
    begun(out)
    with pytest.raises(SettingsError) as caught:
        unfinished_table(out, HEADER | {"bundle": {"name": "second", "sha256": "cd"}}, resume=True)
    assert str(caught.value) == (
        "The unfinished table was begun with another bundle: name first, sha256 ab; now it is name second, sha256 cd.\n"
        f"  where: {part_of(out)}\n  what to do: Remove it, or name another --out, to begin anew."
    )
    with pytest.raises(SettingsError, match="begun with another source: path cells, rows 4; now it is path c, rows 4"):
        unfinished_table(out, HEADER | {"source": {"path": "c", "rows": "4"}}, resume=True)
    assert unfinished_table(out, HEADER, resume=True).blocks == 2


def test_what_is_no_unfinished_table_is_refused(tmp_path: Path) -> None:
    out = tmp_path / "said.csv"
    for content in (b"", b"id,p\n1,2\n", b'{"format": 7}\n'):
        part_of(out).write_bytes(content)
        with pytest.raises(DataError) as caught:
            unfinished_table(out, HEADER, resume=True)
        assert str(caught.value) == (
            f"This is no unfinished table.\n  where: {part_of(out)}\n  what to do: Remove it to begin anew."
        )


def test_two_processes_do_not_write_one_table(tmp_path: Path) -> None:
    out = tmp_path / "said.csv"
    one = begun(out)
    other = unfinished_table(out, HEADER, resume=True)
    other.append({"rows": ROWS})
    with pytest.raises(LeukoscopeError) as caught:
        one.append({"rows": ROWS})
    assert str(caught.value) == (
        f"Another process writes this table, too.\n  where: {part_of(out)}\n  what to do: Name another --out."
    )


def test_a_source_whose_name_is_no_utf8_is_told_from_others(tmp_path: Path) -> None:
    header = {"source": {"path": os.fsdecode(b"cells\xff")}}
    unfinished_table(tmp_path / "said.csv", header, resume=False).append({"rows": ROWS})
    assert unfinished_table(tmp_path / "said.csv", header, resume=True).blocks == 1
    with pytest.raises(SettingsError, match="begun with another source"):
        unfinished_table(tmp_path / "said.csv", {"source": {"path": os.fsdecode(b"cells\xfe")}}, resume=True)
