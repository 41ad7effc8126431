from __future__ import annotations

from collections.abc import Callable

import numpy as np
import polars as pl
import pytest

from leukoscope.cohort.cohort import Cohort
from leukoscope.errors import DataError
from leukoscope.pictures.intake import take_in
from leukoscope.twins import FINGERPRINT, Proposals, Twins, finding
from leukoscope.twins.finding import find_twins
from leukoscope.twins.spanning import Connected

Drawn = Callable[..., np.ndarray]
MakeCohort = Callable[[dict[str, np.ndarray]], Cohort]


def searched(cohort: Cohort, workers: int = 2) -> Twins:
    intake = take_in(cohort, measures=(FINGERPRINT,))
    return find_twins(cohort, intake.pictures, intake.measured["fingerprint"], workers=workers)


@pytest.fixture
def pictures(cell: Drawn, turned: Drawn) -> dict[str, np.ndarray]:
    """Four cells, two of them twice, one picture four times over, and one that shows nothing."""
    found = {f"{seed}": cell(seed) for seed in range(4)}
    found["0 turned"] = turned(found["0"], 77, flipped=True)
    found["1 shifted"] = turned(found["1"], 0.4, shift=(4, 2))
    found |= {f"0 turned again {number}": found["0 turned"] for number in range(3)}
    return found | {"blank": np.full((200, 200, 3), 240, np.uint8)}


def test_twins_are_found_once_each_and_identical_pictures_are_not(
    pictures: dict[str, np.ndarray], cohort_of: MakeCohort
) -> None:
    found = searched(cohort_of(pictures))
    assert found.pairs.select("id_a", "id_b", "kind", "flipped").rows() == [
        ("0", "0 turned", "near", True),
        ("1", "1 shifted", "near", False),
    ]
    assert found.pairs["correlation"].min() > 0.9  # type: ignore[operator]
    assert found.pairs["overlap"].min() > 0.97  # type: ignore[operator]
    assert found.pairs["degrees"].to_list() == pytest.approx([77, 0.4], abs=0.3)
    assert found.pairs["shift"].null_count() == 2
    assert repr(found) == (
        "Twins: 2 near pairs among 6 different pictures, 0 pairs of overlapping fields "
        "(2 pairs looked at pixel by pixel, 1 without a fingerprint)"
    )
    assert found._repr_html_() == f"<p>{found!r}</p>"


def test_order_of_rows_and_number_of_threads_change_nothing(
    pictures: dict[str, np.ndarray], cohort_of: MakeCohort
) -> None:
    cohort = cohort_of(pictures)
    backwards = cohort_of(dict(reversed(pictures.items())))
    assert searched(cohort, workers=1).pairs.equals(searched(backwards, workers=2).pairs)


def test_many_pictures_of_one_cell_are_connected_not_compared_each_with_each(
    cell: Drawn, turned: Drawn, cohort_of: MakeCohort, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(finding, "AT_ONCE", 4)
    found = searched(cohort_of({f"{turn:02}": turned(cell(5), 9 * turn) for turn in range(30)}))
    assert found.pairs.height == 29
    assert found.looked_at < 60


def test_a_field_around_two_cells_overlaps_itself(
    cell: Drawn, cohort_of: MakeCohort, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Such pairs are told from twins, not searched for: here one is proposed.
    one_pair = Proposals(np.array([[0, 1]]), np.array([0.5], np.float32), 2)
    monkeypatch.setattr(finding, "propose", lambda *_, **__: one_pair)
    field = cell(6, field=True, side=360)
    found = searched(cohort_of({"one": field[60:300, 50:290], "two": field[60:300, 86:326]}))
    assert found.pairs.height == 0
    assert found.overlapping.select("id_a", "id_b").rows() == [("one", "two")]
    assert found.overlapping["shift"].item() == pytest.approx(36 / 240, abs=0.01)
    assert found.overlapping["overlap"].item() is None


def test_unreadable_pictures_are_skipped(pictures: dict[str, np.ndarray], cohort_of: MakeCohort) -> None:
    cohort = cohort_of({name: pictures[name] for name in ("0", "0 turned", "2")})
    cohort.file("2.png").write_bytes(b"no picture")
    found = searched(cohort)
    assert (found.compared, found.skipped, found.pairs.height) == (2, 1, 1)


def test_an_empty_cohort_has_no_twins(cell: Drawn, cohort_of: MakeCohort) -> None:
    cohort = cohort_of({"only": cell(0)})
    assert searched(cohort).pairs.height == 0
    assert searched(cohort.select([])).compared == 0


def test_what_is_missing_is_said(cell: Drawn, cohort_of: MakeCohort) -> None:
    cohort = cohort_of({"only": cell(0)})
    intake = take_in(cohort, measures=(FINGERPRINT,))
    with pytest.raises(DataError) as caught:
        find_twins(cohort, intake.pictures, pl.DataFrame({"id": ["only"]}))
    assert str(caught.value) == (
        "To look for twins the columns 'id' and 'fingerprint' are needed; found: id.\n"
        "  what to do: Read the pictures with take_in(cohort, measures=(FINGERPRINT,))."
    )


def test_a_file_that_went_missing_is_named(pictures: dict[str, np.ndarray], cohort_of: MakeCohort) -> None:
    cohort = cohort_of({name: pictures[name] for name in ("0", "0 turned")})
    intake = take_in(cohort, measures=(FINGERPRINT,))
    cohort.file("0.png").unlink()
    with pytest.raises(DataError) as caught:
        find_twins(cohort, intake.pictures, intake.measured["fingerprint"])
    assert str(caught.value) == f"The file is missing.\n  where: {cohort.file('0.png')}"


def test_things_are_joined_once() -> None:
    groups = Connected(5)
    assert groups.join(0, 1)
    assert groups.join(3, 4)
    assert groups.join(1, 4)
    assert not groups.join(0, 3)
    assert groups.joined(0, 4)
    assert not groups.joined(0, 2)
