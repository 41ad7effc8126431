from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from leukoscope.cohort.class_maps import ClassMap, class_map_names, load_class_map
from leukoscope.cohort.readers import READERS
from leukoscope.cohort.readers.pbc import SUBTYPES
from leukoscope.errors import DataError, SettingsError


def test_pbc_s_finer_types_lead_to_classes_of_matek() -> None:
    known = load_class_map("pbc_to_matek")
    matek = READERS["matek"].description.classes
    assert matek is not None
    assert set(known.classes.values()) <= set(matek.names)
    assert set(known.classes) == set(SUBTYPES) - {"IG", "NEUTROPHIL", "PLATELET"}
    titles = {value: matek.title(name) for value, name in known.classes.items()}
    assert (titles["MMY"], titles["MY"], titles["PMY"]) == ("metamyelocyte", "myelocyte", "promyelocyte")
    assert (titles["BNE"], titles["SNE"]) == ("neutrophil (band)", "neutrophil (segmented)")
    assert known.by == "subtype"


def test_matek_s_classes_lead_to_those_of_pbc() -> None:
    known = load_class_map("matek_to_pbc")
    matek, pbc = (READERS[name].description.classes for name in ("matek", "pbc"))
    assert matek is not None
    assert pbc is not None
    assert set(known.classes.values()) == set(pbc.names) - {"platelet"}
    assert set(matek.names) - set(known.classes) == {"KSC", "LYA", "MOB", "MYO", "PMB"}
    back = load_class_map("pbc_to_matek").classes
    assert {SUBTYPES[subtype] for subtype, code in back.items() if known.classes[code] != SUBTYPES[subtype]} == set()
    assert known.by == "label"


def test_every_map_of_the_library_says_what_it_is() -> None:
    assert class_map_names() == ["matek_to_pbc", "pbc_rare_to_matek", "pbc_to_matek"]
    rare, whole = load_class_map("pbc_rare_to_matek"), load_class_map("pbc_to_matek")
    assert set(rare.classes) == {"MY", "MMY", "PMY", "BNE"}
    assert rare.classes.items() <= whole.classes.items()
    for name in class_map_names():
        assert load_class_map(name).about.endswith(".")


def test_a_map_of_one_s_own(tmp_path: Path) -> None:
    (tmp_path / "mine.yaml").write_text("map: {MY: myelocyte}\n", encoding="utf-8")
    assert load_class_map(tmp_path / "mine.yaml") == ClassMap({"MY": "myelocyte"}, "label", "")


def test_an_unknown_name() -> None:
    with pytest.raises(SettingsError) as raised:
        load_class_map("pbc_to_matec")
    assert str(raised.value) == (
        "There is no class map 'pbc_to_matec'.\n"
        "  what to do: Did you mean 'pbc_to_matek'? Known: matek_to_pbc, pbc_rare_to_matek, pbc_to_matek. "
        "A file of your own ends in .yaml."
    )


@pytest.mark.parametrize(
    ("text", "kind", "what"),
    [
        ("map: [", DataError, "This class map is not YAML: while parsing a flow node."),
        ("MY: myelocyte", SettingsError, "A class map needs the field 'map'."),
        ("- MY", SettingsError, "A class map needs the field 'map'."),
        ("map: {MY: a}\nbye: subtype", SettingsError, "A class map has no field 'bye'."),
        ("map: {}", SettingsError, "A class map must say which value becomes which class; got {}."),
        ("map: {MY: 3}", SettingsError, "A class map must say which value becomes which class; got {'MY': 3}."),
    ],
)
def test_a_damaged_map(text: str, kind: type[Exception], what: str, tmp_path: Path) -> None:
    (tmp_path / "mine.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(kind) as raised:
        load_class_map(tmp_path / "mine.yaml")
    assert str(raised.value).splitlines()[0] == what


def test_a_missing_map_and_one_that_is_no_text(tmp_path: Path) -> None:
    with pytest.raises(DataError) as raised:
        load_class_map(tmp_path / "mine.yaml")
    assert str(raised.value) == (
        f"The class map is missing.\n  where: {tmp_path}/mine.yaml\n  what to do: Check the path."
    )
    (tmp_path / "mine.yaml").write_bytes(b"\xff\xfe\x00map")
    with pytest.raises(DataError, match="This class map cannot be read: "):
        load_class_map(tmp_path / "mine.yaml")


def test_what_is_no_mapping_is_refused() -> None:
    strange: Any = ["MY"]
    with pytest.raises(SettingsError, match=r"which value becomes which class; got \['MY'\]"):
        ClassMap(strange)
