"""The recipes that come along: as they are written, and with every setting spelled out."""

from __future__ import annotations

from generated_pages.markdown import plain
from leukoscope.recipes.loading import ensemble_names, load_any, patch_names, recipe_names, recipe_text
from leukoscope.recipes.showing import annotated


def recipes() -> str:
    """Return one section a recipe, of one model or of several."""
    return "\n".join(_section(name) for name in sorted([*recipe_names(), *ensemble_names()]))


def _section(name: str) -> str:
    recipe = load_any(name)
    return (
        f"## {name}\n\n{plain(recipe.about.purpose)}{_patches(name)}\n\n```yaml\n{recipe_text(name).strip()}\n```\n\n"
        f"With every setting and its meaning (`leukoscope recipes show {name}`):\n\n```yaml\n{annotated(recipe)}```\n"
    )


def _patches(name: str) -> str:
    names = patch_names(name)
    return f" Patches: {', '.join(f'`--set patch={patch}`' for patch in names)}." if names else ""
