"""The bars of an ensemble's weights."""

from __future__ import annotations

from leukoscope.reports.figures.ensemble_weights import ensemble_weights
from leukoscope.reports.figures.style import LEAK_WORDS


def test_each_rule_has_a_panel_and_each_model_a_bar_as_long_as_its_weight() -> None:
    figure = ensemble_weights(["a", "b"], {"average": [0.5, 0.5], "genetic": [0.125, 0.875]})
    assert [axes.get_title(loc="left") for axes in figure.axes] == ["average", "genetic"]
    assert [[bar.get_width() for bar in axes.patches] for axes in figure.axes] == [[0.5, 0.5], [0.125, 0.875]]
    assert [text.get_text() for text in figure.axes[1].texts] == ["0.12", "0.88"]
    assert [label.get_text() for label in figure.axes[0].get_yticklabels()] == ["a", "b"]
    assert len({bar.get_hatch() for axes in figure.axes for bar in axes.patches}) == 2, "told apart without colour"


def test_a_leaking_split_is_marked() -> None:
    leaking = ensemble_weights(["a"], {"average": [1.0]}, leaking=True)
    assert leaking.get_suptitle() == LEAK_WORDS
    assert not ensemble_weights(["a"], {"average": [1.0]}).get_suptitle()
