"""Class maps: which classes, or finer types, of one data set are which classes of another."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any

import yaml

from leukoscope.errors import DataError, SettingsError, nearest

ENDINGS = (".yaml", ".yml")
FIELDS = ("about", "by", "map")


@dataclass(frozen=True)
class ClassMap:
    """What becomes of another data set's cells.

    Args:
        classes: A value of the column ``by`` to a class of the base: ``{"MY": "MYB", "MMY": "MMZ"}``. Cells of values
            that it does not name are left out.
        by: The column of the other data set's cells that is looked up: ``label``, or a finer one such as ``subtype``.
        about: What the map says and where it comes from, for people.

    Raises:
        SettingsError: the map is empty, or not from text to text.
    """

    classes: Mapping[str, str]
    by: str = "label"
    about: str = ""

    def __post_init__(self) -> None:
        pairs = self.classes.items() if isinstance(self.classes, Mapping) else ()
        if not pairs or not all(isinstance(word, str) for pair in pairs for word in pair):
            raise SettingsError(
                f"A class map must say which value becomes which class; got {self.classes!r}.",
                do="Write it as {MY: myelocyte, MMY: metamyelocyte}.",
            )


def class_map_names() -> list[str]:
    """Return the names of the maps that come with Leukoscope, sorted."""
    return sorted(entry.name.removesuffix(".yaml") for entry in _library().iterdir() if entry.name.endswith(".yaml"))


def load_class_map(name: str | Path) -> ClassMap:
    """Return a class map by its name, or from a YAML file of one's own.

    Args:
        name: A name from ``class_map_names``, or a path that ends in ``.yaml``: a mapping with ``map`` (value to class)
            and, optionally, ``by`` (the column, ``label`` where not given) and ``about``.

    Raises:
        SettingsError: no such name, or a field that a map does not have.
        DataError: the file is missing, or no YAML.

    Example:
        >>> load_class_map("pbc_to_matek").classes["MMY"]
        'MMZ'
    """
    path = Path(name)
    if path.suffix.lower() in ENDINGS:
        return _parsed(_text(path), str(path))
    known = class_map_names()
    if str(name) not in known:
        do = f"{nearest(str(name), known)} A file of your own ends in .yaml."
        raise SettingsError(f"There is no class map {str(name)!r}.", do=do)
    return _parsed(_library().joinpath(f"{name}.yaml").read_text(encoding="utf-8"), str(name))


def _library() -> Traversable:
    return files("leukoscope.cohort").joinpath("maps")


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise DataError("The class map is missing.", where=str(path), do="Check the path.") from None
    except (OSError, UnicodeDecodeError) as error:
        raise DataError(f"This class map cannot be read: {error}.", where=str(path)) from None


def _parsed(text: str, where: str) -> ClassMap:
    try:
        value: Any = yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise DataError(f"This class map is not YAML: {str(error).splitlines()[0]}.", where=where) from None
    if not isinstance(value, dict) or "map" not in value:
        do = "Write it as {by: subtype, map: {MY: myelocyte, MMY: metamyelocyte}}."
        raise SettingsError("A class map needs the field 'map'.", where=where, do=do)
    for field in value:
        if field not in FIELDS:
            raise SettingsError(f"A class map has no field {field!r}.", where=where, do=nearest(str(field), FIELDS))
    return ClassMap(value["map"], str(value.get("by", "label")), str(value.get("about", "")))
