from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from leukoscope.audit import Audit
from leukoscope.errors import SettingsError
from leukoscope.files import read_json
from leukoscope.runs import audit_folder
from leukoscope.runs.audit_folder import write_audit


def files(folder: Path) -> list[str]:
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())


def test_the_folder_holds_the_record_the_tables_the_pictures_and_the_page(written: Any, tmp_path: Path) -> None:
    page = write_audit(written.found, written.cohort, written.pictures, tmp_path / "out", crop=40)
    assert page == tmp_path / "out" / "audit.html"
    assert files(page.parent) == [
        "audit.html",
        "audit.json",
        "pictures.csv",
        "pictures/001.jpg",
        "pictures/002.jpg",
        "pictures/003.jpg",
        "pictures/004.jpg",
        "tables/beyond_crop.cells.csv",
        "tables/linked.groups.csv",
        "tables/twins.pairs.csv",
    ]
    record = read_json(page.parent / "audit.json")
    assert {key: value for key, value in record.items() if key != "read"} == written.found.as_json()
    assert set(record["read"]) == {"at", "leukoscope", "reader"}
    assert pl.read_csv(page.parent / "tables" / "linked.groups.csv").rows() == [("P0+P1", "P0; P1")]
    assert list(tmp_path.glob(".*")) == []


def test_the_page_shows_the_twin_turned_and_says_what_cannot_be_shown(written: Any, tmp_path: Path) -> None:
    text = write_audit(written.found, written.cohort, written.pictures, tmp_path / "out", crop=40).read_text()
    assert text.count("data:image/jpeg;base64,") == 4
    assert "correlation 0.987, turned by 180°, mirrored" in text
    assert "turned onto the other" in text
    assert "7 px beyond the frame" in text
    assert re.search(r"Not to be shown: This is no picture", text)
    assert 'The pictures of 1 of these stand under <a href="#twins">Twins</a>.' in text


def test_an_earlier_audit_is_replaced_whole(written: Any, tmp_path: Path) -> None:
    write_audit(written.found, written.cohort, written.pictures, tmp_path / "out")
    nothing = Audit("bench", written.found.counts, ())
    write_audit(nothing, written.cohort, written.pictures, tmp_path / "out")
    assert files(tmp_path / "out") == ["audit.html", "audit.json", "pictures.csv"]


@pytest.mark.parametrize("name", ["mine.txt", "run.json"])
def test_a_folder_that_holds_something_else_is_refused(name: str, written: Any, tmp_path: Path) -> None:
    out = tmp_path / "out"
    out.mkdir()
    (out / name).write_text("{}", encoding="utf-8")
    (out / "audit.json").write_text("{}", encoding="utf-8")
    with pytest.raises(SettingsError) as caught:
        write_audit(written.found, written.cohort, written.pictures, out)
    assert str(caught.value) == (
        "This folder is not empty, and holds something else than an audit.\n"
        f"  where: {out}\n  what to do: Name another --out."
    )
    assert files(out) == sorted([name, "audit.json"])


def test_a_file_is_refused_and_an_empty_folder_is_not(written: Any, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("mine", encoding="utf-8")
    with pytest.raises(SettingsError, match=r"holds something else than an audit\."):
        write_audit(written.found, written.cohort, written.pictures, tmp_path / "file")
    (tmp_path / "empty").mkdir()
    assert write_audit(written.found, written.cohort, written.pictures, tmp_path / "empty").is_file()


def test_a_failure_leaves_the_earlier_audit_and_nothing_else(
    written: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_audit(written.found, written.cohort, written.pictures, tmp_path / "out")
    before = files(tmp_path / "out")

    def fail(_folder: Path) -> None:
        raise OSError("the disk is full")

    monkeypatch.setattr(audit_folder, "write_audit_page", fail)
    with pytest.raises(OSError, match="the disk is full"):
        write_audit(written.found, written.cohort, written.pictures, tmp_path / "out")
    assert files(tmp_path / "out") == before
    assert sorted(path.name for path in tmp_path.iterdir()) == ["data", "out"]
