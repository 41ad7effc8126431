"""Options that several verbs share, and reading a cohort from them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
import yaml

from leukoscope.cli.output import print_notes
from leukoscope.errors import SettingsError

if TYPE_CHECKING:
    from leukoscope.cohort.cohort import Cohort
    from leukoscope.cohort.groups import ClassGroups

Data = Annotated[Path, typer.Argument(help="The data set: a folder, or a table of pictures.")]
Reader = Annotated[str | None, typer.Option(help="How the data set is laid out; guessed, and said, where not given.")]
ReaderOptions = Annotated[
    list[str] | None, typer.Option("--option", help="An option of the reader, name=value; repeat for more.")
]
Changes = Annotated[list[str] | None, typer.Option("--set", help="Change a setting: stages.0.epochs=3; repeat.")]
Seed = Annotated[int | None, typer.Option(min=0, help="Seed of everything that is drawn.")]
AllowLeakage = Annotated[
    str | None, typer.Option(metavar="REASON", help="Go on with a leaking split; the reason marks every result in red.")
]
Store = Annotated[Path | None, typer.Option(help="Keep framed pictures here, for other runs on the same pictures.")]
Device = Annotated[str, typer.Option(help="auto, cpu or cuda.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]


def read_data(data: Path, reader: str | None, options: list[str] | None) -> Cohort:
    """Read a cohort and print what its reader noticed."""
    from leukoscope.cohort.readers import read_cohort

    cohort = read_cohort(data, reader, **parse_pairs(options))
    print_notes(cohort.notes)
    return cohort


def read_groups(named: str) -> ClassGroups | str:
    """Return the groups of classes in a YAML file, or the name of the data set that declares them.

    Raises:
        SettingsError: no data set of that name, and no such file; or it says something else.
    """
    from leukoscope.cohort.groups import groups_from
    from leukoscope.cohort.readers import READERS
    from leukoscope.errors import nearest
    from leukoscope.recipes.loading import parse_settings
    from leukoscope.recipes.schema import ClassSettings

    if named in READERS:
        return named
    path = Path(named)
    if path.suffix not in {".yaml", ".yml"}:
        declaring = [name for name, reader in READERS.items() if reader.description.groups]
        what = f"{named!r} is no data set, and no YAML file."
        raise SettingsError(what, where="--groups", do=nearest(named, declaring))
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise SettingsError(f"This file of groups cannot be read: {error}.", where=str(path)) from None
    if not isinstance(content, dict):
        raise SettingsError("A file of groups is a mapping.", where=str(path), do="groups: {blast: [MYO, MOB]}")
    read = parse_settings(ClassSettings, content, where=str(path))
    return groups_from(read.groups, read.lineages)


def parse_pairs(pairs: list[str] | None) -> dict[str, object]:
    """Return ``name=value`` texts as a dictionary; values are read as YAML.

    Raises:
        SettingsError: a text without ``=``, or a value that is not YAML.
    """
    found: dict[str, object] = {}
    for pair in pairs or []:
        name, equals, value = pair.partition("=")
        if not equals:
            raise SettingsError(f"An option is written name=value; got {pair!r}.")
        try:
            found[name] = yaml.safe_load(value)
        except yaml.YAMLError:
            raise SettingsError(f"The value of {name!r} is not YAML: {value!r}.") from None
    return found
