from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any

import polars as pl

from leukoscope.audit.checks import links

LayOut = Callable[..., Any]


def tied(*patients: str) -> list[dict[str, Any]]:
    """Return a chain of patients, each sharing a picture with the next, and five cells of each beside."""
    rows = [{"id": f"{name}_{n}", "patient": name} for name in patients for n in range(5)]
    for one, other in itertools.pairwise(patients):
        rows += [{"id": f"{name}_{one}{other}", "patient": name, "picture": one + other} for name in (one, other)]
    return rows


def test_tied_patients_are_named(lay_out: LayOut) -> None:
    rows = [*tied("20", "21"), *tied("H2", "H4", "H5"), *tied("57")]
    (found,) = links.linked_patients(lay_out(rows).evidence())
    assert (found.severity, found.count) == ("note", 2)
    assert found.sentence == "2 groups of patients tied by identical pictures stay together: 20, 21; H2, H4, H5."
    assert found.as_json()["groups"][0] == {"group": "20+21", "patients": ["20", "21"]}


def test_identical_cells_without_patient_are_no_tied_patients(lay_out: LayOut) -> None:
    assert links.linked_patients(lay_out([{"id": "a", "picture": "p"}, {"id": "b", "picture": "p"}]).evidence()) == []


def test_a_chain_that_swallows_a_class_is_reported_with_its_weakest_link(lay_out: LayOut) -> None:
    rows = [
        *tied("1", "2", "3"),
        {"id": "1_x", "patient": "1", "picture": "x"},
        {"id": "2_x", "patient": "2", "picture": "x"},
    ]
    rows += [{"id": f"h{n}", "label": "hem", "patient": f"h{n}"} for n in range(20)]
    (found,) = links.link_swallows_class(lay_out(rows).evidence())
    assert (found.code, found.severity, found.count) == ("link_swallows_class", "warning", 1)
    assert found.sentence == (
        "A chain of links holds most of a class on one side of every split. leukaemic blast: 100% of the cells in "
        "1+2+3, weakest link patient 2 and patient 3 (1 identical picture: 2_23 = 3_23)."
    )


def test_a_chain_in_a_large_class_is_no_matter(lay_out: LayOut) -> None:
    rows = [*tied("1", "2", "3"), *({"id": f"a{n}", "patient": f"a{n}"} for n in range(40))]
    assert links.link_swallows_class(lay_out(rows).evidence()) == []


def test_known_links_name_patients_who_are_not_at_hand(lay_out: LayOut) -> None:
    known = pl.DataFrame(
        [
            ("17", "20", 1, "near", "They look alike."),
            ("20", "21", 71, "exact bytes", "Equal."),
            ("H3", "H10", 1, "near", "Alike."),
        ],
        schema=["patient_a", "patient_b", "pictures", "kind", "reason"],
        orient="row",
    )
    rows = [{"id": "a", "patient": "17"}, {"id": "b", "patient": "21"}, {"id": "c", "patient": "H3"}]
    evidence = lay_out(rows, patient_links=known).evidence()
    (found,) = links.known_links(evidence)
    assert (found.severity, found.count) == ("warning", 2)
    assert found.sentence == (
        "2 groups of patients of this data set are known to belong together (17, 20, 21; H3, H10). One of them meets "
        "in what is at hand; a chain may pass through a patient who is not."
    )
    assert found.table.rows() == [(["17", "20", "21"], ["17", "21"]), (["H3", "H10"], ["H3"])]
    (tied,) = links.linked_patients(evidence)
    assert "tied by what is known of the data set stay together: 17" in tied.sentence
    (alone,) = links.known_links(lay_out(rows[2:], patient_links=known).evidence())
    assert (alone.severity, alone.do) == ("note", None)
    assert "None of them meet" in alone.sentence


def test_patients_tied_in_several_ways(lay_out: LayOut) -> None:
    twins = pl.DataFrame({"id_a": ["20_0"], "id_b": ["57_0"], "kind": ["near"], "correlation": [0.99]})
    evidence = lay_out([*tied("20", "21"), *tied("57")]).evidence(twins=twins)
    (found,) = links.linked_patients(evidence)
    assert found.sentence == (
        "1 group of patients tied by identical pictures and pictures of one cell stay together: 20, 21, 57."
    )
