from __future__ import annotations

import re

import pytest

from leukoscope.cohort.readers import READERS
from leukoscope.fetching.connection import check_address
from leukoscope.fetching.source import Source
from leukoscope.fetching.sources import SOURCES, bloodmnist, pbc


@pytest.mark.parametrize("source", SOURCES.values(), ids=list(SOURCES))
def test_every_source_says_where_under_which_licence_and_what_to_do(source: Source) -> None:
    check_address(source.page)
    assert source.licence
    assert source.cite
    assert source.steps
    assert source.layout
    assert any(source.page in step for step in source.steps)


@pytest.mark.parametrize("source", SOURCES.values(), ids=list(SOURCES))
def test_what_is_fetched_comes_from_its_publisher_by_https(source: Source) -> None:
    if source.download is not None:
        for file in source.download.files.values():
            assert file.url.startswith("https://")
            assert "/" not in file.name
            assert file.digest is None or re.fullmatch(r"[0-9a-f]{32}|[0-9a-f]{64}", file.digest.value)


def test_the_numbers_of_pbc_are_those_of_its_reader() -> None:
    assert sum(pbc.PICTURES.values()) == 17_092
    for number in pbc.PICTURES.values():
        assert f"{number:,}" in READERS["pbc"].description.contents


def test_a_source_that_has_a_reader_states_the_reader_s_licence() -> None:
    stated = {name: READERS[name].description.licence for name in SOURCES if name in READERS}
    assert {"pbc", "cnmc"} <= set(stated)
    assert {name: SOURCES[name].licence for name, licence in stated.items() if licence != "not stated"} == {
        name: licence for name, licence in stated.items() if licence != "not stated"
    }


def test_bloodmnist_s_names_are_those_of_medmnist() -> None:
    download = bloodmnist.SOURCE.download
    assert download is not None
    assert [file.name for file in download.files.values()] == [
        "bloodmnist.npz",
        "bloodmnist_64.npz",
        "bloodmnist_128.npz",
        "bloodmnist_224.npz",
    ]
    assert download.about.startswith("at most 40 MB at 28 px, 210 MB at 64 px, 840 MB at 128 px, 2,573 MB at 224 px")
