"""The recipes that come along: as they are written, and with every setting spelled out."""

from __future__ import annotations

from generated_pages.markdown import plain
from leukoscope.recipes.loading import load_recipe, recipe_names, recipe_text
from leukoscope.recipes.showing import annotated


def recipes() -> str:
    """Return one section a recipe."""
    return "\n".join(_section(name) for name in recipe_names())


def _section(name: str) -> str:
    recipe = load_recipe(name)
    return (
        f"## {name}\n\n{plain(recipe.about.purpose)}\n\n```yaml\n{recipe_text(name).strip()}\n```\n\n"
        f"With every setting and its meaning (`leukoscope recipes show {name}`):\n\n```yaml\n{annotated(recipe)}```\n"
    )
