"""Two data sets merged on the command line, and the result used as one; a table of hashes audited without a picture."""

from __future__ import annotations

import contextlib
import io
import json
import sys
from dataclasses import dataclass
from pathlib import Path
from unittest import mock

import numpy as np
import pytest
from PIL import Image

from leukoscope import api
from leukoscope.cli import main as command_line
from leukoscope.cohort import load_cohort
from leukoscope.errors import SettingsError

MAP = "by: label\nmap: {granulocyte: myelocyte}\n"


@dataclass(frozen=True)
class Said:
    """What a command printed."""

    stdout: str
    stderr: str


def leukoscope(*arguments: str | Path, code: int = 0) -> Said:
    """Run the command line in this process (importing takes longer than all else) and check its exit code."""
    out, err = io.StringIO(), io.StringIO()
    with (
        mock.patch.object(sys, "argv", ["leukoscope", *map(str, arguments)]),
        contextlib.redirect_stdout(out),
        contextlib.redirect_stderr(err),
        pytest.raises(SystemExit) as stopped,
    ):
        command_line.main()
    assert (stopped.value.code or 0) == code, err.getvalue()
    return Said(out.getvalue(), err.getvalue())


@pytest.fixture(scope="module")
def sets(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two folders of small pictures: ours has blasts and myelocytes, theirs granulocytes and platelets."""
    top = tmp_path_factory.mktemp("sets")
    random = np.random.default_rng(0)
    for kind in ("ours/blast", "ours/myelocyte", "theirs/granulocyte", "theirs/platelet"):
        (top / kind).mkdir(parents=True)
        for number in range(6):
            Image.fromarray(random.integers(0, 255, (8, 8, 3), np.uint8)).save(top / kind / f"{number}.png")
    (top / "map.yaml").write_text(MAP, encoding="utf-8")
    return top


@pytest.fixture(scope="module")
def merged(sets: Path) -> Path:
    out = sets / "merged.parquet"
    done = leukoscope(
        "merge", sets / "ours", sets / "theirs", "--map", sets / "map.yaml", "--training-only", "--out", out
    )
    assert "Cohort 'ours+theirs': 18 cells" in done.stdout
    assert "note: Added from theirs: 6 cells by the column label, for training only." in done.stderr
    assert "note: Left out, being in no class of the map: 6 cells (platelet 6)." in done.stderr
    return out


def test_the_merged_cohort_is_data_for_the_other_verbs(merged: Path, sets: Path) -> None:
    cohort = load_cohort(merged)
    assert dict(cohort.counts().select("label", "cells").iter_rows()) == {"blast": 6, "myelocyte": 12}
    found = json.loads(leukoscope("audit", merged, "--json").stdout)
    assert (found["counts"]["cells"], found["counts"]["unreadable"]) == (24, 0)
    leukoscope("split", merged, "--out", sets / "split.csv")
    parts = dict(line.split(",")[::2] for line in (sets / "split.csv").read_text(encoding="utf-8").splitlines()[1:])
    assert {parts[name] for name in parts if name.startswith("theirs/")} == {"train"}


def test_the_same_data_set_twice_is_refused_on_the_command_line(merged: Path, sets: Path) -> None:
    given = ["merge", merged, sets / "theirs", "--map", sets / "map.yaml", "--out", sets / "again.parquet"]
    done = leukoscope(*given, code=2)
    assert done.stderr.splitlines()[-3] == "Error: Both cohorts have a cell of this name."
    leukoscope(*given, "--prefix", "once more")
    assert load_cohort(sets / "again.parquet").cells["source"].unique().sort().to_list() == [
        "once more",
        "ours",
        "theirs",
    ]


@pytest.mark.parametrize("name", ["folder", "merged.csv"])
def test_another_ending_is_refused_before_anything_is_read(sets: Path, name: str) -> None:
    done = leukoscope("merge", "nowhere", "nowhere", "--out", sets / name, code=2)
    assert done.stderr.splitlines()[-3] == "Error: A cohort's file must end in .parquet."
    assert not (sets / name).exists()
    with pytest.raises(SettingsError, match=r"^A cohort's file must end in \.parquet\."):
        api.merge(mock.sentinel.base, mock.sentinel.other, out=sets / name)


def test_a_folder_is_no_place_for_the_cohort(sets: Path) -> None:
    (sets / "folder.parquet").mkdir()
    given = ["--map", sets / "map.yaml", "--out", sets / "folder.parquet"]
    done = leukoscope("merge", sets / "ours", sets / "theirs", *given, code=2)
    assert "Error: A file is needed here, and this is a folder." in done.stderr
    assert "folder.parquet" in done.stderr
    assert list((sets / "folder.parquet").iterdir()) == []


def test_a_table_of_hashes_is_audited_and_split_without_a_picture(tmp_path: Path) -> None:
    rows = [
        f"training_data/fold_{person % 3}/{label}/UID_{mark}{person}_{cell}_1_{label}.bmp,{person * 10 + cell:064x}"
        for label, mark in (("all", ""), ("hem", "H"))
        for person in range(1, 9)
        for cell in range(5)
    ]
    rows[5] = rows[5].rsplit(",", 1)[0] + "," + rows[0].rsplit(",", 1)[1]
    rows = [row if "hem" not in row else row.replace(",00", ",ff") for row in rows]
    (tmp_path / "hashes.csv").write_text("path,sha256\n" + "\n".join(rows) + "\n", encoding="utf-8")
    done = leukoscope("audit", tmp_path / "hashes.csv", "--json")
    assert "A table of hashes: no picture is opened." in done.stderr
    found = json.loads(done.stdout)
    assert (found["counts"]["identical_pairs"], found["counts"]["unreadable"]) == (1, 0)
    assert "identical_across_patients" in {finding["code"] for finding in found["findings"]}
    leukoscope("split", tmp_path / "hashes.csv", "--out", tmp_path / "split.csv")
    lines = (tmp_path / "split.csv").read_text(encoding="utf-8").splitlines()[1:]
    sides = {line.split(",")[0].split("_")[1]: line.split(",")[-1] for line in lines}
    assert sides["1"] == sides["2"]
    assert len(lines) == 80
