from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from leukoscope.bundles.bundle import Bundle
from leukoscope.evaluation.drift import aspect_of
from leukoscope.runs.run import Run
from leukoscope.validation.home import UNKNOWN, bundle_of, home_of


def test_the_card_says_what_the_run_had(bundle: Bundle, home: Run) -> None:
    found = home_of(bundle)
    assert found.note is None
    assert found.rule == {"maximize": "balanced_accuracy", "sensitivity": None, "value": None}
    parts = home.record["split"]["counts"]
    assert found.pictures["train"]["number"] == parts["train"]["cells"]
    assert found.pictures["test"]["number"] == parts["test"]["cells"]
    assert found.answers is not None
    assert found.answers["number"] == home.predictions().table.height
    assert aspect_of(found.answers, "positive") is not None


def test_a_bundle_of_an_earlier_version_is_told_by_its_run(bundle: Bundle) -> None:
    earlier = replace(bundle, card=replace(bundle.card, home=None))
    assert home_of(earlier) == home_of(bundle)


def test_a_bundle_that_lies_elsewhere_and_says_nothing_is_not_known(bundle: Bundle, tmp_path: Path) -> None:
    alone = replace(bundle, folder=tmp_path / "bundle", card=replace(bundle.card, home=None))
    found = home_of(alone)
    assert (found.pictures, found.answers, found.rule, found.note) == ({}, None, {}, UNKNOWN)


def test_a_run_is_named_for_its_bundle(home: Run, tmp_path: Path) -> None:
    assert bundle_of(home.folder) == home.bundle
    assert bundle_of(home.bundle) == home.bundle
    assert bundle_of(tmp_path) == tmp_path  # which is refused when it is opened
