from __future__ import annotations

import json
import subprocess
import sys

import pytest

from leukoscope.cli.datasets import datasets
from leukoscope.cohort.readers import READERS


def test_the_known_links_of_cnmc_are_shown_with_groups_and_numbers(capsys: pytest.CaptureFixture[str]) -> None:
    datasets("cnmc")
    said = " ".join(capsys.readouterr().out.split())
    assert "linked groups 17, 20, 21 51, 75, 78 H2, H4, H5, H6 H3, H10 known links" in said
    assert "known links 20 and 21: 71 pictures, exact bytes. Equal files stand under both names in the" in said
    assert "H2 and H6: 1 picture, exact bytes." in said
    assert "17 and 20: 1 picture, near. UID_17_18_2_all and UID_20_34_2_all show one cell" in said


def test_a_data_set_without_known_links_has_no_such_row(capsys: pytest.CaptureFixture[str]) -> None:
    datasets("pbc")
    said = capsys.readouterr().out
    assert "contradictions" in said
    assert "known links" not in said
    assert "linked groups" not in said


def test_the_json_holds_every_reader_and_its_links() -> None:
    command = [sys.executable, "-m", "leukoscope", "datasets", "--json"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    said = json.loads(done.stdout)
    assert list(said) == list(READERS)
    assert said["cnmc"]["known_groups"][0] == ["17", "20", "21"]
    assert said["cnmc"]["known_links"][0]["pictures"] == 71
    assert said["folder"]["known_links"] == []
