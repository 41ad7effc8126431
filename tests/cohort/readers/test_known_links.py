from __future__ import annotations

from leukoscope.cohort.cohort import PATIENT_LINK_COLUMNS
from leukoscope.cohort.readers import READERS
from leukoscope.cohort.readers.cnmc_links import KNOWN_LINKS
from leukoscope.cohort.readers.known_links import KnownLink, as_patient_links, known_groups


def link(one: str, other: str) -> KnownLink:
    return KnownLink(one, other, 1, "near", "They look alike.")


def test_links_become_the_cohort_s_table() -> None:
    table = as_patient_links([link("a", "b"), KnownLink("c", "d", 7, "exact bytes", "Equal.")])
    assert table.schema == PATIENT_LINK_COLUMNS
    assert table.rows() == [("a", "b", 1, "near", "They look alike."), ("c", "d", 7, "exact bytes", "Equal.")]
    assert as_patient_links([]).schema == PATIENT_LINK_COLUMNS


def test_groups_join_what_a_later_link_ties() -> None:
    assert known_groups([link("1", "2"), link("3", "4"), link("9", "10"), link("2", "3")]) == (
        ("1", "2", "3", "4"),
        ("9", "10"),
    )
    assert known_groups([]) == ()


def test_cnmc_s_subjects_that_count_as_one() -> None:
    groups = (("17", "20", "21"), ("51", "75", "78"), ("H2", "H4", "H5", "H6"), ("H3", "H10"))
    about = READERS["cnmc"].description
    assert about.known_groups == groups
    assert about.as_json()["known_groups"] == [list(group) for group in groups]
    assert about.as_json()["known_links"][-1] == {
        "patient_a": "17",
        "patient_b": "20",
        "pictures": 1,
        "kind": "near",
        "reason": "UID_17_18_2_all and UID_20_34_2_all show one cell, normalised in colour in two ways.",
    }


def test_the_sentence_on_cnmc_s_links_has_the_numbers_of_its_links() -> None:
    said = READERS["cnmc"].description.links.replace(" pairs", "")
    for known in KNOWN_LINKS:
        if known.kind == "exact bytes":
            assert f"{known.patient_a}-{known.patient_b} ({known.pictures})" in said


def test_data_sets_of_which_nothing_is_known_have_no_links() -> None:
    without = [name for name, reader in READERS.items() if not reader.description.known_links]
    assert without == [name for name in READERS if name != "cnmc"]
    assert READERS["pbc"].as_json()["known_links"] == []
    assert as_patient_links(KNOWN_LINKS)["pictures"].sum() == 100
