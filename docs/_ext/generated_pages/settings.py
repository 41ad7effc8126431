"""The settings of recipes: one table a group, and the steps that ``framing`` and ``augmentation`` may name."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import groupby

from generated_pages.markdown import code, plain, prose, table
from leukoscope.pictures.augmentation import AUGMENTATIONS
from leukoscope.pictures.framing import FRAMINGS
from leukoscope.pictures.steps import Step
from leukoscope.recipes.showing import settings_table

HEAD = ("setting", "type", "default", "meaning")
SINGLE = "The recipe itself"


def settings() -> str:
    """Return the tables."""
    rows = list(settings_table().iter_rows())
    groups = {name: list(inner) for name, inner in groupby(rows, key=lambda row: row[0].partition(".")[0])}
    single = [row for group in groups.values() if len(group) == 1 for row in group]
    pieces = [f"## {SINGLE}\n\n{_table(single)}"]
    pieces += [
        f"## {name}\n\n{plain(group[0][3])}\n\n{_table(group[1:])}" for name, group in groups.items() if len(group) > 1
    ]
    return "\n".join(
        [*pieces, _steps("Steps of `framing`", FRAMINGS), _steps("Steps of `augmentation`", AUGMENTATIONS)]
    )


def _table(rows: list[tuple[str, ...]]) -> str:
    return table(
        HEAD, [(code(name), plain(kind), _default(default), plain(meaning)) for name, kind, default, meaning in rows]
    )


def _default(text: str) -> str:
    return text if text == "must be given" else code(text)


def _steps(title: str, known: Mapping[str, type[Step]]) -> str:
    rows = [(code(name), prose(_first_line(step)), _values(step)) for name, step in known.items()]
    return f"## {title}\n\n" + table(("name", "what it does", "its value"), rows)


def _first_line(step: type[Step]) -> str:
    return (step.__doc__ or "").partition("\n\n")[0]


def _values(step: type[Step]) -> str:
    return " ".join(plain(field.description or name) for name, field in step.model_fields.items())
