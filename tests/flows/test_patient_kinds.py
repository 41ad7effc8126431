"""Every aggregator and every fusion, once from training to prediction."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from itertools import cycle
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from leukoscope.models.aggregators import AGGREGATORS

Command = Callable[..., tuple[int, str, str]]
FUSIONS = ("none", "late", "concatenate", "gate", "experts")
OF_OPTIONS = {"top_k": "{top_k: {k: 2}}", "top_and_bottom_k": "{top_and_bottom_k: {k: 1}}"}
OF_FEATURES = {"mean_and_spread"}
KINDS = list(zip(sorted(AGGREGATORS), cycle(FUSIONS), cycle(("pixels", "cells")), strict=False))
EACH_FUSION = len(FUSIONS)
TINY = ("stages.0.epochs=1", "stages.0.batch=4", "framing=[{resize: 32}]", "split.test=0.4", "facts.folds=2")


def assert_bundle_says_what_run_said(verb: Command, patients: Path, out: Path, settings: Iterable[str]) -> None:
    changes = [word for change in settings for word in ("--set", change)]
    data = [patients, "--reader", "drawn"]
    code, _, err = verb("train", "drawn-patients", "--data", *data, "--out", out / "run", *changes)
    assert code == 0, err
    code, _, err = verb("predict", out / "run" / "bundle", *data, "--out", out / "said.csv")
    assert code == 0, err
    own = pl.read_parquet(out / "run" / "predictions" / "test.parquet").select("patient", own="logit")
    said = pl.read_csv(out / "said.csv", schema_overrides={"patient": pl.String}).join(own, on="patient")
    assert said.height == own.height > 0
    assert np.abs(said["logit"].to_numpy() - said["own"].to_numpy()).max() < 1e-4


@pytest.mark.usefixtures("no_pages")
@pytest.mark.parametrize(
    "kind", [*KINDS[:EACH_FUSION], *(pytest.param(kind, marks=pytest.mark.torture) for kind in KINDS[EACH_FUSION:])]
)
def test_a_bundle_says_what_its_run_said(
    verb: Command, drawn_patients: Path, tmp_path: Path, kind: tuple[str, str, str]
) -> None:
    aggregator, fusion, instances = kind
    inputs = "{}" if fusion == "none" else "{age: linear, sex: category}"
    settings = [
        *TINY, f"bag.aggregator={OF_OPTIONS.get(aggregator, aggregator)}", f"bag.instances={instances}",
        f"facts.inputs={inputs}", f"facts.fusion={fusion}",
        f"bag.order={'features' if aggregator in OF_FEATURES else 'logits'}",
    ]  # fmt: skip
    assert_bundle_says_what_run_said(verb, drawn_patients, tmp_path, settings)


@pytest.mark.usefixtures("no_pages")
@pytest.mark.parametrize(("fusion", "inputs"), [("none", "{}"), ("late", "{}"), ("late", "{age: linear}")])
def test_a_head_fitted_at_once_says_in_its_bundle_what_its_run_said(
    verb: Command, drawn_patients: Path, tmp_path: Path, fusion: str, inputs: str
) -> None:
    settings = (
        "model.head=logistic_regression", "stages=[]", "augmentation=[]", "framing=[{resize: 32}]", "split.test=0.4",
        "bag={aggregator: mean_and_spread, instances: cells, order: features, frozen: true}",
        f"facts.fusion={fusion}", f"facts.inputs={inputs}",
    )  # fmt: skip
    assert_bundle_says_what_run_said(verb, drawn_patients, tmp_path, settings)


def test_every_fusion_is_among_them() -> None:
    assert {fusion for _, fusion, _ in KINDS[:EACH_FUSION]} == set(FUSIONS)
