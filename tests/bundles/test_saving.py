from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch

from leukoscope.bundles.card import RESEARCH_USE_ONLY
from leukoscope.bundles.fields import read_fields
from leukoscope.bundles.loading import load_bundle
from leukoscope.bundles.model_card import checklist as filled
from leukoscope.bundles.model_card import model_card, write_model_card
from leukoscope.bundles.saving import save_bundle
from leukoscope.errors import BundleError, SettingsError
from leukoscope.files import read_json, write_json


def test_a_bundle_is_json_weights_and_pictures(saved: Path) -> None:
    names = sorted(path.relative_to(saved).as_posix() for path in saved.rglob("*") if path.is_file())
    pictures = [f"selftest/{number}.png" for number in range(1, 9)]
    told = ["CHECKLIST.md", "MODEL_CARD.md"]
    assert names == [*told, "bundle.json", "seen.txt", *pictures, "selftest/expected.json", "weights.safetensors"]
    assert [entry.name for entry in saved.parent.iterdir()] == ["bundle"]


def test_the_card_says_everything_and_no_machine_s_path(saved: Path) -> None:
    text = (saved / "bundle.json").read_text(encoding="utf-8")
    fields = read_json(saved / "bundle.json")
    assert "/a/machine" not in text
    assert fields["use"] == RESEARCH_USE_ONLY
    assert fields["classes"]["names"] == ["hem", "all"]
    assert fields["framing"] == [{"center_crop": 48}, {"resize": 32}]
    assert fields["input"] == {"height": 32, "width": 32, "channels": ["red", "green", "blue"], "range": [0, 1]}
    assert fields["outputs"] == 1
    assert len(fields["normalisation"]["mean"]) == 3
    assert set(fields["versions"]) >= {"leukoscope", "torch", "timm"}


def test_words_added_to_the_model_card_do_no_harm_and_it_is_written_anew(saved: Path) -> None:
    card, checklist = saved / "MODEL_CARD.md", saved / "CHECKLIST.md"
    made = card.read_text(encoding="utf-8"), checklist.read_text(encoding="utf-8")
    assert made == (model_card(read_fields(saved)), filled(read_fields(saved)))
    card.write_text("Seen by us.", encoding="utf-8")
    checklist.unlink()
    assert load_bundle(saved).card.name == "first"
    assert write_model_card(saved) == (card, checklist)
    assert (card.read_text(encoding="utf-8"), checklist.read_text(encoding="utf-8")) == made


def test_what_a_run_says_of_itself_is_kept_and_sealed(made: Any, tmp_path: Path) -> None:
    about = {"seed": 7, "date": "2026-11-21", "recipe": "quick"}
    save_bundle(tmp_path / "bundle", made.model, made.with_card(about=about).card)
    assert load_bundle(tmp_path / "bundle").card.about == about
    text = (tmp_path / "bundle" / "MODEL_CARD.md").read_text(encoding="utf-8")
    assert "- **Made by:** recipe quick, begun on 2026-11-21 (UTC), seed 7\n" in text
    fields = read_json(tmp_path / "bundle" / "bundle.json")
    write_json(tmp_path / "bundle" / "bundle.json", {**fields, "about": {"seed": 8}})
    with pytest.raises(BundleError, match=r"The field 'about' was changed after the bundle was saved\."):
        write_model_card(tmp_path / "bundle")


def test_the_self_test_s_pictures_differ_in_what_is_said_of_them(saved: Path) -> None:
    expected = read_json(saved / "selftest" / "expected.json")
    said = torch.tensor(list(expected["probabilities"].values()))
    assert said.sum(dim=1) == pytest.approx(torch.ones(8))
    # A self-test whose pictures all give the same could not fail.
    assert said[:, 0].max() - said[:, 0].min() > 0.05


def test_a_bundle_may_be_replaced_but_nothing_else(made: Any, saved: Path, tmp_path: Path) -> None:
    save_bundle(saved, made.model, made.with_card(name="second").card)
    assert load_bundle(saved).card.name == "second"
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "notes.txt").write_text("x", encoding="utf-8")
    with pytest.raises(SettingsError, match=r"This folder holds something else than a bundle\."):
        save_bundle(tmp_path / "mine", made.model, made.card)
    assert (tmp_path / "mine" / "notes.txt").exists()


def test_a_card_of_another_network_is_refused_and_leaves_nothing(made: Any, made_of_three: Any, tmp_path: Path) -> None:
    with pytest.raises(BundleError, match=r"The weights give 3 outputs, but 1 are needed for the classes hem, all\."):
        save_bundle(tmp_path / "bundle", made_of_three.model, made.card)
    assert not (tmp_path / "bundle").exists()


def test_three_classes_have_three_outputs(made_of_three: Any, tmp_path: Path) -> None:
    save_bundle(tmp_path / "bundle", made_of_three.model, made_of_three.card)
    assert read_json(tmp_path / "bundle" / "bundle.json")["outputs"] == 3
    assert load_bundle(tmp_path / "bundle").threshold is None


def test_the_model_is_left_as_it_was(made: Any, tmp_path: Path) -> None:
    made.model.train()
    save_bundle(tmp_path / "bundle", made.model, made.card)
    assert made.model.training
    assert all(parameter.requires_grad for parameter in made.model.parameters())
