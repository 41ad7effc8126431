from __future__ import annotations

import pytest

from leukoscope.cohort.readers import READERS
from leukoscope.models.same_pictures import MADE_FROM, others_with_the_pictures_of


@pytest.mark.parametrize(
    ("names", "others"),
    [
        (["pbc"], ("bloodmnist",)),
        (["bloodmnist", None], ("pbc",)),
        (["pbc", "bloodmnist"], ()),
        (["matek", "PBC"], ()),
        ([], ()),
    ],
)
def test_sets_of_the_same_pictures_are_known_both_ways(names: list[str | None], others: tuple[str, ...]) -> None:
    assert others_with_the_pictures_of(names) == others


def test_they_are_called_as_their_readers_are() -> None:
    assert {*MADE_FROM, *MADE_FROM.values()} <= set(READERS)
