from __future__ import annotations

import numpy as np

from leukoscope.pictures.augmentation import Augmentation, parse_augmentation
from leukoscope.pictures.copies import Copies, drawn_changes

NOISE, TURN = parse_augmentation([{"noise": 0.2}]), parse_augmentation([{"rotate": 360}])
IDS = [f"c{number}" for number in range(12)]
ALL = np.arange(12)


def test_each_cell_has_one_kind_of_change_the_copies_their_own() -> None:
    copies = Copies(np.array([False, True] * 6), (NOISE, TURN))
    drawn = drawn_changes(Augmentation(), copies, ALL, IDS, seed=0, epoch=1)
    assert sorted(np.concatenate([places for places, _ in drawn]).tolist()) == list(range(12))
    own, *changed = drawn
    assert own[0].tolist() == [0, 2, 4, 6, 8, 10]
    assert own[1].exact.all()
    assert not own[1].coloured.any()
    [(_, first), (_, second)] = changed
    assert first.coloured.all()
    assert not second.exact.any()
    assert not second.coloured.any()


def test_cells_that_are_no_copies_have_the_recipes_changes() -> None:
    [(places, drawn)] = drawn_changes(NOISE, None, ALL[:3], IDS[:3], seed=0, epoch=1)
    assert places.tolist() == [0, 1, 2]
    assert np.array_equal(drawn.noise_seed, NOISE.draw(0, 1, IDS[:3]).noise_seed)


def test_a_copys_changes_hang_on_its_id_the_model_and_the_epoch_where_they_are_redrawn() -> None:
    def seeds(copies: Copies, epoch: int, order: np.ndarray = ALL) -> dict[str, int]:
        names = [IDS[place] for place in order]
        drawn = drawn_changes(Augmentation(), copies, order, names, seed=0, epoch=epoch)
        return {
            names[place]: int(one) for places, each in drawn for place, one in zip(places, each.noise_seed, strict=True)
        }

    every = np.ones(12, dtype=bool)
    fixed, redrawn, other = (
        Copies(every, (NOISE,)),
        Copies(every, (NOISE,), redrawn=True),
        Copies(every, (NOISE,), model=1),
    )
    assert seeds(fixed, 1) == seeds(fixed, 2) == seeds(fixed, 3, ALL[::-1])
    assert not set(seeds(redrawn, 1).values()) & set(seeds(redrawn, 2).values())
    assert not set(seeds(fixed, 1).values()) & set(seeds(other, 1).values())


def test_some_of_the_cells_are_copies_as_before() -> None:
    copies = Copies(np.array([True, False, True]), (NOISE,))
    assert copies.subset(np.array([2, 1])).changed.tolist() == [True, False]
