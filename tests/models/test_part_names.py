from __future__ import annotations

import pytest

from leukoscope.errors import SettingsError
from leukoscope.models.part_names import expand, trained_parts

PARTS = ["stem", "blocks.0", "blocks.1", "blocks.2", "neck", "head"]


def test_a_range_includes_both_ends() -> None:
    assert expand("blocks.0..blocks.2", PARTS, "rates") == ["blocks.0", "blocks.1", "blocks.2"]
    assert expand("neck..neck", PARTS, "rates") == ["neck"]
    assert expand("stem", PARTS, "rates") == ["stem"]


@pytest.mark.parametrize("entry", ["block.1", "stem..block.1", "block.1..head"])
def test_an_unknown_part_gets_the_nearest(entry: str) -> None:
    with pytest.raises(SettingsError) as caught:
        expand(entry, PARTS, "stages.0.rates")
    assert str(caught.value) == (
        "The network has no part 'block.1'.\n"
        "  where: stages.0.rates\n"
        "  what to do: Did you mean 'blocks.1'? Known: blocks.0, blocks.1, blocks.2, head, neck, stem."
    )


def test_a_range_that_runs_backwards_is_turned_round_for_the_user() -> None:
    with pytest.raises(SettingsError) as caught:
        expand("head..stem", PARTS, "rates")
    assert str(caught.value) == (
        "The range 'head..stem' runs backwards.\n  where: rates\n  what to do: Write stem..head."
    )


def test_trained_parts_stand_in_the_networks_order_each_once() -> None:
    assert trained_parts("all", PARTS) == PARTS
    assert trained_parts("head", PARTS) == ["head"]
    assert trained_parts(["head", "blocks.1..neck", "neck"], PARTS) == ["blocks.1", "blocks.2", "neck", "head"]


def test_training_nothing_is_refused() -> None:
    with pytest.raises(SettingsError) as caught:
        trained_parts([], PARTS)
    assert str(caught.value) == (
        "No part would be trained.\n"
        "  where: train\n"
        "  what to do: Name some of: stem, blocks.0, blocks.1, blocks.2, neck, head."
    )


def test_a_stage_s_name_stands_for_all_of_its_blocks() -> None:
    parts = ["stem", "blocks.1", "blocks.10.0", "blocks.10.1", "blocks.11", "head"]
    assert expand("blocks.10", parts, "rates") == ["blocks.10.0", "blocks.10.1"]
    assert expand("blocks.1..blocks.10", parts, "rates") == ["blocks.1", "blocks.10.0", "blocks.10.1"]
    assert expand("blocks.10..head", parts, "rates") == ["blocks.10.0", "blocks.10.1", "blocks.11", "head"]
    assert expand("blocks.1", parts, "rates") == ["blocks.1"]
    assert trained_parts(["blocks.10", "head"], parts) == ["blocks.10.0", "blocks.10.1", "head"]
