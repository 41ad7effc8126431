from __future__ import annotations

import inspect
import json
from pathlib import Path

import pytest

from leukoscope.cohort.readers import READERS, Description, Reader
from leukoscope.cohort.readers.listing import list_files


@pytest.mark.parametrize("name", READERS)
def test_a_reader_takes_exactly_the_options_that_it_lists(name: str) -> None:
    reader = READERS[name]
    parameters = list(inspect.signature(reader.read).parameters.values())
    keywords = {parameter.name: parameter.default for parameter in parameters[1:]}
    assert reader.name == name
    assert all(parameter.kind is inspect.Parameter.KEYWORD_ONLY for parameter in parameters[1:])
    assert {option.name: option.default for option in reader.options} == keywords


@pytest.mark.parametrize("name", READERS)
def test_a_reader_describes_itself_as_plain_json(name: str) -> None:
    said = json.loads(json.dumps(READERS[name].as_json(), allow_nan=False))
    assert said["name"] == name
    assert {"title", "contents", "layout", "sources", "licence", "official", "contradictions", "links"} <= set(said)


def test_data_sets_name_their_sources_classes_and_contradictions() -> None:
    cnmc = READERS["cnmc"].description
    assert "10.7937/tcia.2019.dc64i46r" in cnmc.source
    assert (cnmc.crop, cnmc.background) == (300, "black")
    assert cnmc.as_json()["classes"]["positive"] == "all"
    assert cnmc.as_json()["official"] == {"train": ["fold_0", "fold_1", "fold_2"], "test": ["preliminary"]}
    assert "10.17632/snkd93bnjr.1" in READERS["pbc"].description.source
    for name in ("cnmc", "lyon", "pbc"):
        assert len(READERS[name].description.contradictions) >= 4
        assert READERS[name].description.links != "nothing is known"


def test_a_reader_prints_its_layout_and_options() -> None:
    description = Description("Cells", "Some.", "class/*.png")
    reader = Reader("mine", READERS["lyon"].read, READERS["lyon"].recognises, description, READERS["lyon"].options)
    assert repr(reader) == (
        "Reader 'mine': Cells\n"
        "  class/*.png\n"
        "  option reference = '2021-01-01': The day on which ages are stated, YYYY-MM-DD; no date of sampling is "
        "published."
    )


def test_no_folder_is_recognised_as_a_table(tmp_path: Path) -> None:
    (tmp_path / "cells.csv").touch()
    assert not READERS["table"].recognises(list_files(tmp_path))
