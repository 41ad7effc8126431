from __future__ import annotations

from typing import Any

from leukoscope.bundles.opening import open_bundle
from leukoscope.evaluation.confidence import Confidence
from leukoscope.evaluation.conformal import Band
from leukoscope.evaluation.view_rule import ViewRule
from leukoscope.exporting.description import about, described
from leukoscope.exporting.exporting import graph_of
from leukoscope.recipes.schema import TestTimeSettings as TimeSettings

TWO = ("hem", "all")


def record_of(folder: Any) -> dict[str, Any]:
    bundle = open_bundle(folder)
    return described(bundle, graph_of(bundle), "fp32")


def test_cells_are_referred_below_the_least_probability(maker: Any) -> None:
    fitted = Confidence(0.95, 0.8, 0.96, 0.7, 40, 5, TWO)
    refers = record_of(maker.cells(confidence=fitted.as_json()))["refers"]
    assert refers["how"] == "A cell is referred where the probability of the called class is below 'least'."
    assert (refers["least"], refers["wanted"]) == (0.8, 0.95)
    never = Confidence(0.95, None, 0.9, 0.0, 40, 5, TWO)
    assert record_of(maker.cells(confidence=never.as_json()))["refers"]["how"] == (
        "Every cell is referred: the wanted accuracy was not reached."
    )


def test_patients_are_referred_by_the_limits_of_a_band(maker: Any) -> None:
    band = Band(0.9, "class", {"hem": 0.7, "all": None}, {"hem": 12, "all": 3})
    refers = record_of(maker.patients(band=band.as_json()))["refers"]
    assert refers["how"] == (
        "A class is possible where 1 less its probability is at most its limit, or the limit is null. A patient is "
        "referred unless the called class alone is possible."
    )
    assert refers["limits"] == {"hem": 0.7, "all": None}


def test_without_a_threshold_two_classes_part_at_a_half_and_more_have_none(maker: Any) -> None:
    two, three = open_bundle(maker.cells(threshold=None)), open_bundle(maker.cells(names=("a", "b", "c")))
    assert about(two)["threshold"] == "0.5"
    assert described(two, graph_of(two), "fp32")["threshold"] == 0.5
    assert "threshold" not in about(three)
    record = described(three, graph_of(three), "fp32")
    assert (record["threshold"], record["refers"], record["calibrated"]) == (None, None, None)
    assert record["calls"] == "The most probable class is called; of equally probable ones the first."


def test_where_predict_stops_at_fewer_views_it_is_said(maker: Any) -> None:
    views = {"test_time": TimeSettings(rotations=4)}
    early = record_of(maker.cells(view_rule=ViewRule((1,), (0.5,), (0.0,)).as_json(), **views))
    assert early["views"] == 4
    assert early["fewer_views"] == (
        "The graph looks at all views of every cell, and was compared with the bundle doing so. leukoscope predict "
        "stops at fewer where these decide a cell: its probabilities differ somewhat, a call seldom."
    )
    assert record_of(maker.cells(**views))["fewer_views"] is None
    assert record_of(maker.several())["fewer_views"] is None


def test_what_the_client_must_frame_is_listed_by_input(maker: Any) -> None:
    exact = [{"threshold_crop": "exact"}, {"resize": 32}]
    members = {"one": maker.cells(framing=tuple(exact)), "other": maker.cells(framing=({"center_crop": 64},))}
    record = record_of(maker.several(members=members))
    assert record["framing"] == {
        "inside": False,
        "by_client": [
            {"input": "pictures_1", "steps": exact, "size": [32, 32]},
            {"input": "pictures_2", "steps": [{"center_crop": 64}], "size": [64, 64]},
        ],
    }
    assert [model["framing"] for model in record["models"]] == [exact, [{"center_crop": 64}]]
    assert record["inputs"][1]["meaning"] == (
        "Pictures of one cell each, red, green, blue, 0 to 255, framed by the client as 'framing' says."
    )
