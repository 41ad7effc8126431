from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from leukoscope.audit.checks import sizes

LayOut = Callable[..., Any]


def test_odd_sizes_are_listed(lay_out: LayOut) -> None:
    rows = [{"id": f"c{n}", "width": 366 if n < 2 else 360, "height": 363} for n in range(10)]
    (found,) = sizes.wrong_size(lay_out([*rows, {"id": "tall", "width": 360, "height": 400}]).evidence())
    assert (found.code, found.severity, found.count) == ("wrong_size", "note", 3)
    assert found.sentence == "3 pictures of another size than the commonest, 360x363: 366x363 (2), 360x400 (1)."
    assert found.table.select("id", "width", "height").rows() == [
        ("c0", 366, 363),
        ("c1", 366, 363),
        ("tall", 360, 400),
    ]


def test_many_sizes_are_cut_short(lay_out: LayOut) -> None:
    (found,) = sizes.wrong_size(lay_out([{"id": f"c{n}", "width": 100 + n} for n in range(9)]).evidence())
    assert found.sentence.endswith("and 3 more.")


def test_odd_modes_are_listed(lay_out: LayOut) -> None:
    rows = [{"id": f"c{n}"} for n in range(5)] + [
        {"id": "grey", "mode": "L"},
        {"id": "bad", "problem": "x", "width": None},
    ]
    (found,) = sizes.wrong_mode(lay_out(rows).evidence())
    assert found.sentence == "1 picture of another mode than the commonest, RGB: L (1)."


def test_one_size_and_mode_is_as_it_should_be(lay_out: LayOut) -> None:
    evidence = lay_out([{"id": "a"}, {"id": "b"}]).evidence()
    for check in (sizes.wrong_size, sizes.wrong_mode, sizes.size_tells_class, sizes.mode_tells_class):
        assert check(evidence) == []


def test_a_size_that_goes_with_the_class_is_a_warning(lay_out: LayOut) -> None:
    rows = [{"id": f"a{n}", "label": "all", "width": 400 if n < 30 else 360} for n in range(40)]
    rows += [{"id": f"h{n}", "label": "hem", "width": 360} for n in range(40)]
    (found,) = sizes.size_tells_class(lay_out(rows).evidence())
    assert (found.code, found.severity, found.count) == ("size_tells_class", "warning", 2)
    # 30 of 30 at 400 px, 40 of 50 at 360 px
    assert found.sentence == (
        "The size of a picture goes with its class: by the size alone one guesses right in 87.5% of the cells, "
        "blindly in 50.0%. A network can learn the size instead of the cell."
    )
    assert found.table.rows() == [("360x450", "all", 10), ("360x450", "hem", 40), ("400x450", "all", 30)]


def test_a_mode_that_goes_with_the_class_is_a_warning(lay_out: LayOut) -> None:
    rows = [
        {"id": f"{label}{n}", "label": label, "mode": mode}
        for label, mode in (("all", "RGB"), ("hem", "RGBA"))
        for n in range(20)
    ]
    (found,) = sizes.mode_tells_class(lay_out(rows).evidence())
    assert found.code == "mode_tells_class"


@pytest.mark.parametrize("sizes_differ", [True, False])
def test_sizes_that_say_nothing_of_the_class_are_no_matter(lay_out: LayOut, sizes_differ: bool) -> None:
    # Each size once foretells every class and means nothing; two sizes spread alike say nothing either.
    rows = [
        {"id": f"{label}{n}", "label": label, "width": 300 + (n * 2 + (label == "hem") if sizes_differ else n % 2)}
        for label in ("all", "hem")
        for n in range(40)
    ]
    assert sizes.size_tells_class(lay_out(rows).evidence()) == []


def test_odd_sizes_of_one_place_are_said_to_be_so(lay_out: LayOut) -> None:
    rows = [{"id": f"c{n}", "place": "fold_0", "patient": f"p{n}"} for n in range(10)]
    rows += [{"id": f"f{n}", "place": "final", "patient": f"f{n}", "width": 600, "height": 600} for n in range(3)]
    (found,) = sizes.wrong_size(lay_out(rows).evidence())
    assert found.sentence == (
        "3 pictures of another size than the commonest, 450x450: 600x600 (3). All of them are of the place 'final'."
    )
    assert found.tables["by_place"].rows() == [("450x450", "fold_0", 10), ("600x600", "final", 3)]
    assert "by_patient" in found.tables
    assert found.pictures == (("f0",), ("f1",), ("f2",))


def test_files_of_two_sizes_in_a_table_of_hashes(lay_out: LayOut) -> None:
    rows = [{"id": f"c{n}", "width": None, "bytes": 900 if n else 1_000} for n in range(9)]
    (found,) = sizes.odd_file_size(lay_out(rows).evidence())
    assert found.sentence == "1 file of another file size than the commonest, 900 bytes: 1000 bytes (1)."
    # Compressed files are all of different sizes, and of pictures that were opened the size is known.
    many = [{**row, "bytes": 900 + n} for n, row in enumerate(rows)]
    assert sizes.odd_file_size(lay_out(many).evidence()) == []
    assert sizes.odd_file_size(lay_out([{**row, "width": 450} for row in rows]).evidence()) == []
