"""Bundles of several models: saved, opened, and refused where they would not be right."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn

from leukoscope.bundles.bundle import Bundle
from leukoscope.bundles.card import BundleCard
from leukoscope.bundles.ensemble_bundle import AnyBundle, EnsembleBundle, models_of
from leukoscope.bundles.ensemble_card import EnsembleCard
from leukoscope.bundles.ensemble_saving import save_ensemble
from leukoscope.bundles.ensemble_selftest import run_ensemble_selftest, write_ensemble_selftest
from leukoscope.bundles.loading import load_bundle
from leukoscope.bundles.opening import combined, open_bundle
from leukoscope.bundles.saving import save_bundle
from leukoscope.bundles.seals import CONSEQUENCES, seals_of
from leukoscope.cohort.classes import Classes
from leukoscope.errors import BundleError, SettingsError
from leukoscope.files import read_json, sha256, write_json
from leukoscope.models.building import build_model
from leukoscope.pictures.framing import parse_framing
from leukoscope.recipes.schema import ModelSettings

Change = Callable[[dict[str, Any]], object]
CARD = EnsembleCard(
    "both",
    Classes(("hem", "all")),
    "average",
    {"weights": {"small": 0.75, "large": 0.25}},
    ("small", "large"),
    threshold=0.4,
    trained_on={"data": "drawn", "cells": 120},
    scores={"weighted_f1": {"value": 0.9}},
)


@pytest.fixture(scope="session")
def members(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Two bundles of other framings: 24 and 40 px."""
    place, settings, found = tmp_path_factory.mktemp("members"), ModelSettings(backbone="test_resnet"), {}
    for seed, (name, side) in enumerate({"small": 24, "large": 40}.items()):
        model, _ = build_model(settings, 1, seed=seed)
        nn.init.normal_(
            model.head.get_parameter("linear.weight"), std=2.0, generator=torch.Generator().manual_seed(seed)
        )
        framing = parse_framing([{"center_crop": 48}, {"resize": side}])
        save_bundle(place / name, model, BundleCard(name, CARD.classes, framing, settings, threshold=0.5))
        found[name] = place / name
    return found


@pytest.fixture(scope="session")
def whole(members: dict[str, Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("whole") / "bundle"
    save_ensemble(folder, members, CARD)
    return folder


@pytest.fixture
def saved(whole: Path, tmp_path: Path) -> Path:
    shutil.copytree(whole, tmp_path / "bundle")
    return tmp_path / "bundle"


def edit(folder: Path, change: Change, *, reseal: bool = False) -> None:
    """Change ``bundle.json``, as someone would by hand or, with ``reseal``, as another program would."""
    fields = read_json(folder / "bundle.json")
    change(fields)
    if reseal:
        fields["files"] = {name: sha256(folder / name) for name in fields["files"]}
        fields["seals"] = seals_of(fields)
    write_json(folder / "bundle.json", fields)


def refusal(folder: Path) -> str:
    with pytest.raises(BundleError) as caught:
        open_bundle(folder)
    return str(caught.value)


def test_an_opened_bundle_is_what_was_saved(saved: Path) -> None:
    bundle = open_bundle(saved)
    assert isinstance(bundle, EnsembleBundle)
    assert bundle.card == CARD
    assert [model.card.name for model in bundle.models] == ["small", "large"]
    assert (bundle.classes, bundle.threshold, bundle.device.type) == (CARD.classes, 0.4, "cpu")
    said = {"small": np.array([[0.2, 0.8]]), "large": np.array([[1.0, 0.0]])}
    assert bundle.shares(lambda model: said[model.card.name]) == pytest.approx(np.array([[0.4, 0.6]]))
    assert repr(bundle) == (
        "Bundle 'both': 2 models (small, large), rule average\n  classes: hem = hem, all = all\n"
        "  all from 0.400 on\n  trained on: data drawn, cells 120\n  test: weighted f1 0.900\n"
        "  For research use only. Not a medical device; not for diagnosis or treatment decisions."
    )


def test_a_bundle_of_one_model_is_opened_as_load_bundle_does(members: dict[str, Path]) -> None:
    bundle = open_bundle(str(members["small"]))
    assert isinstance(bundle, Bundle)
    assert bundle.card == load_bundle(members["small"]).card


def test_each_member_is_a_whole_bundle(saved: Path, members: dict[str, Path]) -> None:
    for name, own in members.items():
        copy = saved / "members" / name
        files = {path.relative_to(own): path.read_bytes() for path in own.rglob("*") if path.is_file()}
        assert {path.relative_to(copy): path.read_bytes() for path in copy.rglob("*") if path.is_file()} == files


def test_where_one_model_is_needed_it_says_which_there_are(saved: Path) -> None:
    with pytest.raises(BundleError) as caught:
        load_bundle(saved)
    assert str(caught.value) == (
        f"This is a bundle of 2 models together; here one model is needed.\n  where: {saved}\n"
        f"  what to do: Name one of them: {saved / 'members' / 'small'}, {saved / 'members' / 'large'}."
    )


@pytest.mark.parametrize(
    ("field", "change"),
    [
        ("fitted", lambda fields: fields["fitted"]["weights"].update(small=1.0)),
        ("members", lambda fields: fields["members"].reverse()),
        ("rule", lambda fields: fields.update(rule="greedy")),
        ("threshold", lambda fields: fields.update(threshold=0.9)),
        ("leakage", lambda fields: fields.update(leakage="none, really")),
    ],
)
def test_a_field_changed_by_hand_is_refused_by_name(saved: Path, field: str, change: Change) -> None:
    edit(saved, change)
    assert refusal(saved) == (
        f"The field {field!r} was changed after the bundle was saved. {CONSEQUENCES[field]}\n"
        f"  where: {saved / 'bundle.json'}\n"
        "  what to do: Take the file as it was saved, or save the bundle again."
    )


@pytest.mark.parametrize(
    "name", ["selftest/expected.json", "members/small/bundle.json", "members/large/weights.safetensors"]
)
def test_a_file_that_is_missing_or_another_is_refused(saved: Path, name: str) -> None:
    content = (saved / name).read_bytes()
    (saved / name).write_bytes(content[:-9])
    assert refusal(saved) == (
        "A file of the bundle is not the one that was saved; it was cut off in copying, or belongs to another.\n"
        f"  where: {saved / name}\n  what to do: Copy the bundle's folder again."
    )
    (saved / name).unlink()
    assert refusal(saved) == (
        "A file of the bundle is missing; it was probably not copied whole.\n"
        f"  where: {saved / name}\n  what to do: Copy the bundle's folder again."
    )


def test_another_whole_bundle_in_a_members_place_is_refused(saved: Path, members: dict[str, Path]) -> None:
    shutil.rmtree(saved / "members" / "small")
    shutil.copytree(members["large"], saved / "members" / "small")
    assert "A file of the bundle is not the one that was saved" in refusal(saved)
    edit(saved, dict.copy, reseal=True)
    said = refusal(saved)
    assert said.startswith("The bundle does not give the results that it was saved with: its member 'small' gives ")
    assert said.endswith("or this machine computes otherwise. Do not use it here.")


def turn_colours(bundle: AnyBundle) -> None:
    """Let the first layers take the colours in another order, as of members that were converted and saved anew."""
    for model in models_of(bundle):
        first = next(value for value in model.model.parameters() if value.ndim == 4 and value.shape[1] == 3)
        first.data = first.data.flip(1).contiguous()


@pytest.mark.parametrize("member", ["both", "large"])
def test_a_member_that_takes_other_colours_is_refused_with_the_reason(
    saved: Path, members: dict[str, Path], tmp_path: Path, member: str
) -> None:
    names = ("both", "large")  # the first of them is made of several itself
    card = replace(CARD, fitted={"weights": dict.fromkeys(names, 0.5)}, members=names)
    nested = combined(tmp_path, card, (open_bundle(saved), load_bundle(members["large"])))
    write_ensemble_selftest(tmp_path, nested)
    run_ensemble_selftest(tmp_path, nested, "")
    turn_colours(nested.members[names.index(member)])
    with pytest.raises(BundleError) as caught:
        run_ensemble_selftest(tmp_path, nested, "")
    said = str(caught.value)
    assert said.startswith(f"The bundle does not give the results that it was saved with: its member {member!r} gives ")
    assert " was saved. The channels stand in another order: with blue, green, red it says what it said.\n" in said
    assert said.endswith("Save the bundle again from the run that it came from. Do not use this one.")


@pytest.mark.parametrize(
    ("then", "order"), [(["all", "hem"], "in another order"), (["hem", "blast"], "of other names")]
)
def test_a_self_test_of_other_classes_is_refused(saved: Path, then: list[str], order: str) -> None:
    expected = saved / "selftest" / "expected.json"
    write_json(expected, read_json(expected) | {"classes": then})
    edit(saved, dict.copy, reseal=True)
    assert refusal(saved) == (
        f"The self-test was made with the classes {', '.join(then)}; on the card they are {order}: hem, all. "
        f"The probabilities would be given to the wrong classes.\n  where: {expected}\n"
        "  what to do: Take the bundle as it was saved, or save it again."
    )


def test_an_earlier_self_test_that_names_no_classes_is_run(saved: Path) -> None:
    expected = saved / "selftest" / "expected.json"
    write_json(expected, {name: value for name, value in read_json(expected).items() if name != "classes"})
    edit(saved, dict.copy, reseal=True)
    assert open_bundle(saved).card == CARD


def test_a_rule_that_makes_something_else_is_refused(saved: Path) -> None:
    edit(saved, lambda fields: fields["fitted"].update(weights={"small": 0.7, "large": 0.3}), reseal=True)
    assert refusal(saved).startswith(
        "The bundle does not give the results that it was saved with: its rule 'average' gives "
    )


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (
            lambda fields: fields.update(rule="oracle"),
            (
                "This version of Leukoscope knows no rule 'oracle' for several models.\n  where: {card}\n"
                "  what to do: Update Leukoscope."
            ),
        ),
        (
            lambda fields: fields.update(fitted={}),
            (
                "What the rule 'average' has fitted cannot be read. There must be a weight for each of small, large; "
                "found: none.\n  where: {card}\n  what to do: Save the bundle again."
            ),
        ),
        (
            lambda fields: fields["classes"]["names"].reverse(),
            (
                "The member 'small' tells hem, all, not all, hem.\n  where: {folder}\n"
                "  what to do: Save the bundle again, of models of the same classes in the same order."
            ),
        ),
        (
            lambda fields: fields.pop("rule"),
            "bundle.json lacks: rule.\n  where: {card}\n  what to do: Copy it again.",
        ),
    ],
)
def test_what_cannot_be_put_together_is_refused(saved: Path, change: Change, message: str) -> None:
    edit(saved, change, reseal=True)
    assert refusal(saved) == message.format(card=saved / "bundle.json", folder=saved)


def test_members_of_patients_are_refused(members: dict[str, Path], of_patients: Any, tmp_path: Path) -> None:
    save_bundle(tmp_path / "sick", of_patients.model, of_patients.card)
    with pytest.raises(BundleError) as caught:
        save_ensemble(tmp_path / "bundle", {"small": tmp_path / "sick", "large": members["large"]}, CARD)
    assert str(caught.value) == (
        "The member 'small' diagnoses patients; a bundle of several models is of cells.\n"
        f"  where: {tmp_path / '.bundle.new'}"
    )
    assert not (tmp_path / "bundle").exists()


def test_what_lies_there_is_not_overwritten_and_the_card_must_name_the_members(
    members: dict[str, Path], saved: Path, tmp_path: Path
) -> None:
    with pytest.raises(SettingsError) as caught:
        save_ensemble(tmp_path, members, CARD)
    assert str(caught.value) == (
        f"This folder holds something else than a bundle.\n  where: {tmp_path}\n  what to do: Name another."
    )
    with pytest.raises(SettingsError) as caught:
        save_ensemble(tmp_path / "new", dict(reversed(members.items())), CARD)
    assert str(caught.value) == (
        f"The card names the members small, large; given are large, small.\n  where: {tmp_path / 'new'}"
    )
    save_ensemble(saved, members, replace(CARD, threshold=0.6))
    assert open_bundle(saved).threshold == 0.6
