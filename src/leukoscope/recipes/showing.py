"""A recipe as YAML with the meaning of each setting beside it, and the table of all settings."""

from __future__ import annotations

import types
from typing import Any, Literal, Union, get_args, get_origin

import polars as pl
import yaml
from pydantic import BaseModel

from leukoscope.recipes.schema import AnyRecipe, EnsembleRecipe, Recipe

COMMENT_COLUMN = 44
_PLACES: dict[object, str] = {list: "N.", dict: "NAME."}


def annotated(recipe: AnyRecipe) -> str:
    """Return the recipe as YAML in which each line says what its setting means."""
    return "\n".join(_lines(recipe, 0)) + "\n"


def settings_table() -> pl.DataFrame:
    """Return every setting: columns ``setting``, ``type``, ``default``, ``meaning``, all text.

    Settings of recipes of one model first, then those that only recipes of several models have. ``N`` stands for a
    place in a list, ``NAME`` for a name that the recipe gives.
    """
    shared = set(Recipe.model_fields)
    several = [row for row in _rows(EnsembleRecipe, "") if row[0].partition(".")[0] not in shared]
    return pl.DataFrame([*_rows(Recipe, ""), *several], schema=["setting", "type", "default", "meaning"], orient="row")


def _lines(settings: BaseModel, depth: int) -> list[str]:
    lines: list[str] = []
    plain = settings.model_dump(mode="json")
    for name, declared in type(settings).model_fields.items():
        value = getattr(settings, name)
        meaning = declared.description or ""
        if isinstance(value, BaseModel):
            lines += [_commented(f"{'  ' * depth}{name}:", meaning), *_lines(value, depth + 1)]
        elif isinstance(value, list) and value and isinstance(value[0], BaseModel):
            lines += [_commented(f"{'  ' * depth}{name}:", meaning), *_items(value, depth + 1)]
        elif _is_named(value):
            lines += [_commented(f"{'  ' * depth}{name}:", meaning), *_named(value, depth + 1)]
        else:
            lines.append(_commented(f"{'  ' * depth}{name}: {_inline(plain[name])}", meaning))
    return lines


def _items(values: list[BaseModel], depth: int) -> list[str]:
    lines = []
    for value in values:
        first, *rest = _lines(value, depth + 1)
        lines += [f"{'  ' * depth}- {first.lstrip()}", *rest]
    return lines


def _is_named(value: object) -> bool:
    return isinstance(value, dict) and bool(value) and all(isinstance(one, BaseModel) for one in value.values())


def _named(values: dict[str, BaseModel], depth: int) -> list[str]:
    return [line for name, value in values.items() for line in (f"{'  ' * depth}{name}:", *_lines(value, depth + 1))]


def _inline(value: Any) -> str:  # noqa: ANN401 - any setting
    text = yaml.safe_dump(value, default_flow_style=True, sort_keys=False, allow_unicode=True, width=1_000_000)
    return text.removesuffix("\n").removesuffix("\n...")


def _commented(line: str, meaning: str) -> str:
    return f"{line:<{COMMENT_COLUMN}}  # {meaning}" if meaning else line


def _rows(model: type[BaseModel], prefix: str) -> list[tuple[str, str, str, str]]:
    rows = []
    for name, declared in model.model_fields.items():
        inner = _model_in(declared.annotation)
        label = f"{prefix}{name}"
        default = (
            "must be given"
            if declared.is_required()
            else ("" if inner else _inline(declared.get_default(call_default_factory=True)))
        )
        rows.append((label, _type_name(declared.annotation), default, declared.description or ""))
        if inner is not None:
            rows += _rows(inner, f"{label}.{_PLACES.get(get_origin(declared.annotation), '')}")
    return rows


def _model_in(annotation: Any) -> type[BaseModel] | None:  # noqa: ANN401
    found = [annotation, *get_args(annotation)]
    return next((kind for kind in found if isinstance(kind, type) and issubclass(kind, BaseModel)), None)


def _type_name(annotation: Any) -> str:  # noqa: ANN401
    origin, arguments = get_origin(annotation), get_args(annotation)
    if hasattr(annotation, "__metadata__"):
        return _type_name(annotation.__origin__)
    if origin is Literal:
        return " | ".join(map(str, arguments))
    if origin in (Union, types.UnionType):
        return " | ".join(_type_name(argument) for argument in arguments if argument is not type(None))
    if origin in (list, dict):
        return f"{origin.__name__} of {' to '.join(_type_name(argument) for argument in arguments)}"
    return "settings" if _model_in(annotation) else getattr(annotation, "__name__", str(annotation))
