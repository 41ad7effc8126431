from __future__ import annotations

from typing import Any

import pytest

from leukoscope import predict, train
from leukoscope.bundles import load_bundle
from leukoscope.cohort.classes import Classes
from leukoscope.errors import SettingsError
from leukoscope.evaluation.calling import called
from leukoscope.evaluation.view_rule import ViewRule
from leukoscope.recipes.schema import TestTimeSettings as Views
from leukoscope.runs.fewer_views import refuse_more_classes
from leukoscope.runs.run import Run

pytestmark = pytest.mark.usefixtures("no_pages_in_module")

SMALL: dict[str, Any] = {
    "drawn.patients": 16,
    "drawn.cells": 10,
    "drawn.size": 32,
    "framing": [{"resize": 32}],
    "stages.0.epochs": 2,
    "model.backbone": "test_resnet",
    "model.cut": None,
    "test_time": {"rotations": 4, "flips": "horizontal", "adaptive": True},
}


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    return train("drawn", out=tmp_path_factory.mktemp("adaptive") / "run", changes=SMALL, device="cpu")


def test_no_validation_cell_changes_and_the_rule_is_the_bundle_s(run: Run) -> None:
    found = run.scores["adaptive_views"]
    assert found["views"] == 8
    assert found["parts"]["validation"]["changed"] == 0
    assert {part: stated["cells"] for part, stated in found["parts"].items()} == {
        part: run.predictions(part).table.height for part in ("validation", "test")
    }
    assert load_bundle(run.bundle).card.view_rule == found["rule"]
    assert ViewRule.from_json(found["rule"]).after == (1, 2, 3, 4, 6)


def test_the_bundle_does_what_is_stated_of_the_test_part(run: Run) -> None:
    stated, whole = run.scores["adaptive_views"]["parts"]["test"], run.predictions("test")
    said = predict(run.bundle, run.cohort.select(whole.table["id"]), device="cpu")
    table = whole.table.select("id").join(said.table, on="id", maintain_order="left")
    assert table["views"].mean() == pytest.approx(stated["views_per_cell"], abs=1e-4)
    assert (table["called"] != called(whole, run.threshold)).sum() == stated["changed"]
    assert stated["views_per_cell"] < 8


def test_more_than_two_classes_are_refused() -> None:
    three = Classes(("a", "b", "c"))
    refuse_more_classes(Views(rotations=8), three)
    refuse_more_classes(Views(rotations=8, adaptive=True), Classes(("a", "b")))
    with pytest.raises(SettingsError) as caught:
        refuse_more_classes(Views(rotations=8, adaptive=True), three)
    assert str(caught.value) == (
        "Whether a further view can still change the decision is asked of a threshold between two classes "
        "(test_time.adaptive: true); there are 3.\n"
        "  where: test_time.adaptive\n"
        "  what to do: Set test_time.adaptive: false."
    )
