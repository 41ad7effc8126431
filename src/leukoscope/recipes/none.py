"""What a recipe writes where a model has no network, or its network no trained weights."""

from __future__ import annotations

NONE = "none"
"""``model.backbone: none``, named measures alone; ``model.weights: none``, random ones."""
