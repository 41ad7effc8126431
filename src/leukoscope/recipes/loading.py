"""From a name, a file or a mapping to a checked recipe, with changes by ``a.b=c``."""

from __future__ import annotations

import copy
import functools
import re
from collections.abc import Iterable, Mapping
from importlib import resources
from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import BaseModel, ValidationError

from leukoscope.errors import SettingsError, nearest
from leukoscope.recipes.contradictions import refuse_contradictions
from leukoscope.recipes.patches import PATCH, PATCHES, merged, patched
from leukoscope.recipes.schema import AnyRecipe, EnsembleRecipe, Recipe, Settings

S = TypeVar("S", bound=Settings)
BASE, MEMBERS = "base", "members"
OF_MODEL = re.compile(r"(members\.[^.]+\.set|joint\.set)\.(.+)")
"""A change of a setting of one of several models: where its own changes stand, and the setting's dotted name."""


def recipe_names() -> list[str]:
    """Return the names of the recipes of one model that come with Leukoscope, sorted."""
    return [name for name in _all_names() if not _is_ensemble(name)]


def ensemble_names() -> list[str]:
    """Return the names of the recipes of several models that come with Leukoscope, sorted."""
    return [name for name in _all_names() if _is_ensemble(name)]


def recipe_text(name: str) -> str:
    """Return the YAML of a recipe that comes with Leukoscope.

    Raises:
        SettingsError: there is no recipe of that name.
    """
    names = _all_names()
    if name not in names:
        raise SettingsError(f"There is no recipe {name!r}.", do=nearest(name, names))
    return (resources.files("leukoscope.recipes") / "library" / f"{name}.yaml").read_text(encoding="utf-8")


def patch_names(recipe: str | Path) -> list[str]:
    """Return the names of a recipe's patches, those of its base included, in the order in which they are written.

    Args:
        recipe: A name, or the path of a YAML file.

    Raises:
        SettingsError: an unknown recipe, or its file is not YAML.

    Example:
        >>> "small" in patch_names("baldi2021-ensemble")
        True
    """
    content, where = _content(recipe)
    content = _on_base(content, where, (str(recipe),)) if BASE in content else content
    return list(content.get(PATCHES) or {})


def load_recipe(recipe: str | Path | Recipe, changes: Iterable[str] | Mapping[str, Any] = ()) -> Recipe:
    """Return a checked recipe of one model.

    Args:
        recipe: A name, the path of a YAML file (it ends in ``.yaml`` or ``.yml``), or a recipe.
        changes: Settings to change: texts ``stages.0.epochs=3`` whose values are read as YAML, or a mapping from
            such a dotted name to a value. A number in a dotted name is a place in a list. ``patch=small`` lays one of
            the recipe's own patches over it, before any other change.

    Raises:
        SettingsError: an unknown recipe or setting, a value out of range (all faults are listed together), or a recipe
            of several models.

    Example:
        >>> load_recipe("drawn", ["seed=3", "stages.0.batch=8"]).seed
        3
    """
    found = load_any(recipe, changes)
    if isinstance(found, EnsembleRecipe):
        what = f"{found.name!r} is a recipe of several models, which cannot be used here."
        raise SettingsError(what, do=f"leukoscope train {found.name} trains them all; or name one of its members.")
    return found


def load_any(recipe: str | Path | AnyRecipe, changes: Iterable[str] | Mapping[str, Any] = ()) -> AnyRecipe:
    """Return a checked recipe, of one model or of several.

    Args:
        recipe: As in ``load_recipe``; or a recipe of several models (``members``).
        changes: As in ``load_recipe``; ``members.A.set.stages.0.epochs=3`` and ``joint.set.stages.0.epochs=3`` change
            a setting of one of several models.

    Raises:
        SettingsError: an unknown recipe or setting, a value out of range; all faults are listed together.

    Example:
        >>> load_any("liu2019", ["joint.set.stages.0.epochs=3"]).joint.set
        {'stages.0.epochs': 3}
    """
    content, where = _content(recipe)
    content = _on_base(content, where, (str(recipe),)) if BASE in content else content
    pairs = list(_pairs(changes))
    asked = [value for name, value in pairs if name == PATCH]
    content = patched(content, [name for value in asked for name in _listed(value)], where)
    for name, value in pairs:
        if name != PATCH:
            _change(content, name, value)
    return parse_any(content, where=where)


def parse_any(content: dict[str, Any], *, where: str) -> AnyRecipe:
    """Check a mapping against the schema, of one model or, where it has ``members``, of several.

    Args:
        content: The settings.
        where: Their origin, for errors.

    Raises:
        SettingsError: all faults together.
    """
    if MEMBERS in content:
        return parse_settings(EnsembleRecipe, content, where=where)
    return parse_recipe(content, where=where)


def parse_recipe(content: dict[str, Any], *, where: str) -> Recipe:
    """Check a mapping against the schema; ``where`` names its origin in errors.

    Raises:
        SettingsError: all faults together.
    """
    recipe = parse_settings(Recipe, content, where=where)
    refuse_contradictions(recipe, where=where)
    return recipe


def parse_settings(kind: type[S], content: Mapping[str, Any], *, where: str) -> S:
    """Check a mapping against one part of the schema: ``SplitSettings``, ``DrawnSettings``.

    Raises:
        SettingsError: all faults together.
    """
    try:
        return kind.model_validate(dict(content))
    except ValidationError as error:
        faults = [_fault(kind, fault) for fault in error.errors(include_url=False)]
        head = "A setting is wrong" if len(faults) == 1 else f"{len(faults)} settings are wrong"
        listed = "\n".join(f"  - {fault}" for fault in faults)
        raise SettingsError(
            f"{head}:\n{listed}", where=where, do="leukoscope recipes fields lists every setting."
        ) from None


def save_recipe(recipe: AnyRecipe) -> str:
    """Return the recipe as YAML, every setting spelled out."""
    return yaml.safe_dump(recipe.model_dump(mode="json"), sort_keys=False, allow_unicode=True, width=110)


def _all_names() -> list[str]:
    folder = resources.files("leukoscope.recipes") / "library"
    return sorted(entry.name.removesuffix(".yaml") for entry in folder.iterdir() if entry.name.endswith(".yaml"))


@functools.cache
def _is_ensemble(name: str) -> bool:
    content = _mapping(recipe_text(name), f"recipe {name}")
    base = content.get(BASE)
    return MEMBERS in content or (base is not None and base in _all_names() and _is_ensemble(base))


def _listed(value: Any) -> list[str]:  # noqa: ANN401 - any YAML value
    return [str(name) for name in (value if isinstance(value, list) else [value])]


def _content(recipe: str | Path | AnyRecipe) -> tuple[dict[str, Any], str]:
    if isinstance(recipe, AnyRecipe):
        return recipe.model_dump(mode="json"), f"recipe {recipe.name}"
    path = Path(recipe)
    if path.suffix not in {".yaml", ".yml"}:
        return _mapping(recipe_text(str(recipe)), f"recipe {recipe}"), f"recipe {recipe}"
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"This recipe cannot be read: {error}.", where=str(path)) from None
    return _mapping(text, str(path)), str(path)


def _on_base(content: dict[str, Any], where: str, visited: tuple[str, ...]) -> dict[str, Any]:
    """Lay a recipe's settings over those of its base; mappings are merged, anything else replaces."""
    own = dict(content)
    base = str(own.pop(BASE))
    if base in visited:
        chain = " on ".join([*visited, base])
        raise SettingsError(f"These recipes are based on each other: {chain}.", where=where)
    below, place = _content(base)
    below = _on_base(below, place, (*visited, base)) if BASE in below else below
    return merged(below, own)


def _mapping(text: str, where: str) -> dict[str, Any]:
    try:
        content = yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise SettingsError(f"This recipe is not YAML: {str(error).splitlines()[0]}.", where=where) from None
    if not isinstance(content, dict):
        raise SettingsError("A recipe is a mapping of settings.", where=where)
    return copy.deepcopy(content)


def _pairs(changes: Iterable[str] | Mapping[str, Any]) -> Iterable[tuple[str, Any]]:
    if isinstance(changes, Mapping):
        return list(changes.items())
    pairs = []
    for change in changes:
        name, equals, value = change.partition("=")
        if not equals:
            raise SettingsError(f"A change is written name=value; got {change!r}.", do="--set stages.0.epochs=3")
        try:
            pairs.append((name.strip(), yaml.safe_load(value)))
        except yaml.YAMLError:
            raise SettingsError(f"The value of {name!r} is not YAML: {value!r}.") from None
    return pairs


def _change(content: dict[str, Any], name: str, value: Any) -> None:  # noqa: ANN401 - any YAML value
    of_model = OF_MODEL.fullmatch(name)
    *parents, last = [*of_model[1].split("."), of_model[2]] if of_model else name.split(".")
    here: Any = content
    for part in parents:
        here = _step_into(here, part, name)
    if isinstance(here, list):
        here[_place(here, last, name)] = value
    else:
        if of_model:
            here.pop(last, None)  # the last of a model's changes stands in any case
        here[last] = value


def _step_into(here: Any, part: str, name: str) -> Any:  # noqa: ANN401
    if isinstance(here, list):
        return here[_place(here, part, name)]
    if here.get(part) is None:
        here[part] = {}
    if not isinstance(here[part], dict | list):
        raise SettingsError(f"{part!r} in {name!r} is a single value, not a group of settings.")
    return here[part]


def _place(values: list[Any], part: str, name: str) -> int:
    if not part.isdigit() or int(part) >= len(values):
        raise SettingsError(f"{part!r} in {name!r} is no place in a list of {len(values)} (counted from 0).")
    return int(part)


def _fault(kind: type[BaseModel], fault: Any) -> str:  # noqa: ANN401 - pydantic's typed dict
    location = [str(part) for part in fault["loc"]]
    name = ".".join(location)
    if fault["type"] == "extra_forbidden":
        return f"{name}: there is no such setting. {nearest(location[-1], _known_fields(kind, fault['loc'][:-1]))}"
    if fault["type"] == "missing":
        return f"{name}: this setting must be given."
    message = fault["msg"][0].lower() + fault["msg"][1:]
    return f"{name}: {message.removeprefix('input ')}; got {fault['input']!r}."


def _known_fields(model: type[BaseModel], location: tuple[str | int, ...]) -> list[str]:
    for part in location:
        if isinstance(part, int) or part not in model.model_fields:
            continue
        inner = [kind for kind in _inner_types(model.model_fields[part].annotation) if issubclass(kind, BaseModel)]
        if not inner:
            return []
        model = inner[0]
    return list(model.model_fields)


def _inner_types(annotation: Any) -> list[type]:  # noqa: ANN401
    arguments = getattr(annotation, "__args__", ())
    if not arguments:
        return [annotation] if isinstance(annotation, type) else []
    return [kind for argument in arguments for kind in _inner_types(argument)]
