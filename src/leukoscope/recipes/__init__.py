"""Recipes: their settings (``schema``), the ones that come along (``library/``), reading and showing them."""
