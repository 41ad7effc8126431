from __future__ import annotations

from pathlib import Path
from typing import Any

from leukoscope.bundles.bundle import Bundle


def test_a_bundle_describes_itself(made: Any) -> None:
    assert repr(Bundle(Path("b"), made.card, made.model)) == (
        "Bundle 'first': test_resnet, pictures of 32 x 32 px\n"
        "  classes: hem = hem, all = all\n"
        "  all from 0.400 on\n"
        "  trained on: data drawn, cells 120\n"
        "  test: weighted f1 0.900, cells 40\n"
        "  For research use only. Not a medical device; not for diagnosis or treatment decisions."
    )


def test_a_leak_is_said_and_html_is_escaped(made: Any) -> None:
    bundle = Bundle(Path("b"), made.with_card(leakage="the paper's <split>").card, made.model)
    assert "\n  LEAKAGE: the paper's <split>\n" in repr(bundle)
    assert "LEAKAGE: the paper&#x27;s &lt;split&gt;" in bundle._repr_html_()
    assert str(bundle.device) == "cpu"
