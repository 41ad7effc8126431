"""Many classes from drawn cells: groups and examples in the report, and another run that starts from the first."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from leukoscope.errors import SettingsError
from leukoscope.files import read_json, write_json

Command = Callable[..., tuple[int, str, str]]
SETTINGS = (
    "drawn={classes: 8, patients: 10, cells: 16, size: 32}", "framing=[{resize: 32}]",
    "model={backbone: test_resnet, cut: layer2}", "best_epoch.metric=macro_f1",
    "stages=[{epochs: 1, batch: 16, rates: 3.0e-3}]", "balance={sampling: to_number, cells_per_class: 6}",
)  # fmt: skip


def changed(*changes: str) -> list[str]:
    return [word for change in (*SETTINGS, *changes) for word in ("--set", change)]


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory) -> Path:
    from leukoscope.api import train  # noqa: PLC0415 - torch takes seconds to load

    out = tmp_path_factory.mktemp("first") / "run"
    train("drawn", out=out, changes=list(SETTINGS))
    return out


@pytest.mark.usefixtures("no_pages")
def test_batch_norm_stays_as_the_first_run_left_it_through_both_stages(
    first: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from leukoscope import train  # noqa: PLC0415 - torch takes seconds to load
    from leukoscope.bundles import load_bundle  # noqa: PLC0415
    from leukoscope.models.cell_model import BATCH_NORMS  # noqa: PLC0415
    from leukoscope.training.keeping import Keeper  # noqa: PLC0415

    epochs: list[dict[str, Any]] = []
    keep = Keeper.keep

    def spy(self: Keeper, learner: Any, row: Any, timing: Any) -> bool:
        epochs.append({name: value.clone() for name, value in learner.model.state_dict().items()})
        return keep(self, learner, row, timing)

    monkeypatch.setattr(Keeper, "keep", spy)
    stages = (
        "stages=[{epochs: 1, batch: 16, train: head, rates: 1.0e-2, batch_norm: frozen}, "
        "{epochs: 1, batch: 16, train: all, rates: 1.0e-3, batch_norm: fixed}]"
    )
    out = tmp_path / "run"
    train("drawn", out=out, changes=[*SETTINGS, "drawn.seed=9", stages, f"start_from={first}"])
    begun, left = load_bundle(first / "bundle").model, load_bundle(out / "bundle").model.state_dict()
    fixed = [name for name, module in begun.named_modules() if isinstance(module, BATCH_NORMS)]
    state = begun.state_dict()
    norms = {name for name in state if name.rpartition(".")[0] in fixed}
    others = {name for name in state if name.startswith("backbone.")} - norms
    assert len(norms) == 5 * len(fixed) > 0
    assert any(state[name].any() for name in norms if name.endswith("running_mean")), "the first run moved them"
    for after in (*epochs, left):
        assert [name for name in norms if not after[name].equal(state[name])] == []
    of_head, of_all = epochs
    assert [name for name in others if not of_head[name].equal(state[name])] == []
    assert [name for name in others if of_all[name].equal(state[name])] == []
    heads = {name for name in state if name.startswith("head.")}
    assert [name for name in heads if of_head[name].equal(of_all[name])] == []


def test_what_was_learnt_from_is_named_by_its_reader(first: Path) -> None:
    assert read_json(first / "bundle" / "bundle.json")["trained_on"]["sets"] == ["drawn"]


def test_weights_by_name_of_a_card_that_was_edited_are_refused(verb: Command, first: Path, tmp_path: Path) -> None:
    bundle = shutil.copytree(first / "bundle", tmp_path / "bundle")
    card = read_json(bundle / "bundle.json")
    write_json(bundle / "bundle.json", card | {"normalisation": {"mean": [0, 0, 0], "std": [1, 1, 1]}})
    settings = changed("drawn.seed=9", f"model.weights={bundle}")
    code, _, errors = verb("train", "drawn", "--out", tmp_path / "run", *settings)
    assert code == 2
    assert errors.startswith("Error: The field 'normalisation' was changed after the bundle was saved.\n")
    assert not (tmp_path / "run" / "history.csv").exists()


def test_the_report_has_groups_examples_and_what_was_learnt_from(first: Path) -> None:
    scores, page = read_json(first / "scores.json"), (first / "report.html").read_text(encoding="utf-8")
    groups = {group["name"]: group for group in scores["class_groups"]["groups"]}
    assert sorted(groups) == ["granulocytic", "immature"]
    part = scores["parts"]["test"]
    assert groups["immature"]["scores"]["scores"]["roc_auc"]["value"] == part["per_class"]["ig"]["roc_auc"]["value"]
    lineages = scores["class_groups"]["lineages"]
    assert sum(map(sum, lineages["table"])) == part["cells"]
    assert lineages["errors"] == part["cells"] - sum(row[place] for place, row in enumerate(part["confusion"]))
    for words in ("Groups of classes", "immature granulocytes", "Errors within a lineage, and across"):
        assert words in page
    assert "Examples of each class" in page
    assert "One epoch shows 48 pictures." in page
    composition = pl.read_csv(first / "composition.csv")
    assert composition["seen"].to_list() == [6] * 8
    examples = pl.read_csv(first / "examples.csv", infer_schema=False)
    assert set(examples.columns) >= {"id", "label", "called", "guess_1", "probability_3"}
    of_a_class = part["per_class"]["ig"]
    assert 0 <= of_a_class["accuracy"]["value"] <= 1


@pytest.mark.usefixtures("no_pages")
def test_a_run_that_starts_from_it_takes_its_framing_and_refuses_pictures_that_were_seen(
    verb: Command, first: Path, tmp_path: Path
) -> None:
    seen = (first / "bundle" / "seen.txt").read_text(encoding="ascii").split()
    learnt = pl.read_csv(first / "split.csv").filter(pl.col("part") != "test")
    hashes = pl.read_parquet(first / "pictures.parquet").join(learnt, on="id")["sha256"]
    assert seen == sorted({digest[:16] for digest in hashes})
    again = changed("framing=[]", "split.seed=5")
    given = ["--data", first / "data", "--start-from", first]
    code, _, errors = verb("train", "drawn", "--out", tmp_path / "seen", *given, *again)
    assert code == 2
    assert "The weights that the network starts from have seen " in errors
    assert "--allow-leakage REASON" in errors
    reason = ["--allow-leakage", "to see the mark"]
    code, _, errors = verb("train", "drawn", "--out", tmp_path / "marked", *given, *again, *reason)
    assert code == 0, errors
    said = read_json(tmp_path / "marked" / "run.json")["split"]["seen"]
    assert said.endswith(" of the test part, allowed because: to see the mark")
    assert read_json(tmp_path / "marked" / "scores.json")["leakage"] == said
    assert read_json(tmp_path / "marked" / "bundle" / "bundle.json")["leakage"] == said
    assert read_json(tmp_path / "marked" / "run.json")["asked"]["framing"] == [{"resize": 32}]
    assert set(seen) <= set((tmp_path / "marked" / "bundle" / "seen.txt").read_text(encoding="ascii").split())


@pytest.mark.usefixtures("no_pages")
def test_other_pictures_are_no_leak_and_the_run_can_be_taken_up_again(
    verb: Command, first: Path, tmp_path: Path
) -> None:
    out = tmp_path / "run"
    other = changed("drawn.seed=9", "framing=[{resize: 32}]")
    code, _, errors = verb("train", "drawn", "--out", out, "--start-from", first, *other)
    assert code == 0, errors
    assert read_json(out / "run.json")["leakage"] is None
    assert "bundle run" in read_json(out / "run.json")["weights"]["source"]
    code, _, errors = verb("train", "drawn", "--out", out, "--start-from", first, "--resume", *other)
    assert code == 0, errors
    framed = [*other[:-1], "framing=[{center_crop: 30}, {resize: 32}]"]
    code, _, errors = verb("train", "drawn", "--out", out, "--start-from", first, "--resume", *framed)
    assert code == 2
    assert "framing" in errors


@pytest.mark.parametrize(
    ("model", "needed"),
    [
        ("{backbone: test_resnet, cut: layer2, activation: leaky_relu}", "model.activation=own"),
        ("{backbone: test_resnet, cut: layer2, normalise: none}", "model.normalise=weights"),
        ("{backbone: test_resnet, cut: layer3}", "model.cut=layer2"),
    ],
)
def test_another_network_is_refused_before_any_picture_is_looked_at(
    verb: Command, first: Path, tmp_path: Path, model: str, needed: str
) -> None:
    settings = changed("drawn.seed=9", "framing=[{resize: 32}]", f"model={model}")
    code, _, errors = verb("train", "drawn", "--out", tmp_path / "run", "--start-from", first, *settings)
    assert code == 2
    assert f"Set {needed}" in errors
    assert not (tmp_path / "run" / "pictures.parquet").exists()


def test_a_card_that_was_edited_is_refused(verb: Command, first: Path, tmp_path: Path) -> None:
    bundle = shutil.copytree(first / "bundle", tmp_path / "bundle")
    card = read_json(bundle / "bundle.json")
    write_json(bundle / "bundle.json", card | {"framing": [{"resize": 64}]})
    settings = changed("drawn.seed=9", "framing=[]")
    code, _, errors = verb("train", "drawn", "--out", tmp_path / "run", "--start-from", bundle, *settings)
    assert code == 2
    assert "The field 'framing' was changed after the bundle was saved." in errors


def test_another_framing_is_refused(verb: Command, first: Path, tmp_path: Path) -> None:
    settings = changed("drawn.seed=9", "framing=[{center_crop: 30}, {resize: 32}]")
    code, _, errors = verb("train", "drawn", "--out", tmp_path / "run", "--start-from", first, *settings)
    assert code == 2
    assert errors == (
        "Error: The run that this one starts from framed its pictures otherwise: resize 32, where this recipe has "
        "center_crop 30, then resize 32.\n"
        f"  where: {first / 'bundle'}\n"
        "  what to do: Leave framing out (framing: []), so that it comes along; or start from a run of the same "
        "framing.\n"
    )


def test_what_is_no_run_is_refused(verb: Command, tmp_path: Path) -> None:
    code, _, errors = verb("train", "drawn", "--out", tmp_path / "run", "--start-from", tmp_path / "none", *changed())
    assert code == 2
    assert errors == (
        "Error: There is no finished run, and no bundle, to start from.\n"
        f"  where: {tmp_path / 'none'}\n"
        "  what to do: Name the folder of a finished run, or of its bundle.\n"
    )


@pytest.mark.usefixtures("no_pages")
def test_groups_named_in_the_recipe_take_the_place_of_those_declared(verb: Command, tmp_path: Path) -> None:
    groups = "classes={groups: {round: [lymphocyte, erythroblast]}}"
    code, _, errors = verb("train", "drawn", "--out", tmp_path / "run", *changed(groups))
    assert code == 0, errors
    scores = read_json(tmp_path / "run" / "scores.json")
    assert [group["name"] for group in scores["class_groups"]["groups"]] == ["round"]
    wrong = "classes={groups: {round: [lymphocites]}}"
    code, _, errors = verb("train", "drawn", "--out", tmp_path / "wrong", *changed(wrong))
    assert code == 2
    assert "The group 'round' names the class 'lymphocites', which is not there." in errors
    assert not (tmp_path / "wrong" / "history.csv").exists()


def test_evaluate_takes_groups_of_a_data_set_or_of_a_file(verb: Command, first: Path, tmp_path: Path) -> None:
    own = first / "predictions" / "test.parquet"
    code, _, errors = verb("evaluate", own, "--out", tmp_path / "pbc", "--groups", "pbc", "--replicates", 100)
    assert code == 0, errors
    found = read_json(tmp_path / "pbc" / "scores.json")["class_groups"]
    assert [group["name"] for group in found["groups"]] == ["granulocytic", "immature"]
    assert "Groups of classes" in (tmp_path / "pbc" / "report.html").read_text(encoding="utf-8")
    (tmp_path / "groups.yaml").write_text("lineages: {odd: [ig, platelet]}\n", encoding="utf-8")
    code, _, errors = verb(
        "evaluate", own, "--out", tmp_path / "own", "--groups", tmp_path / "groups.yaml", "--replicates", 100
    )
    assert code == 0, errors
    assert read_json(tmp_path / "own" / "scores.json")["class_groups"]["groups"] == []
    code, _, errors = verb("evaluate", own, "--out", tmp_path / "drawn", "--groups", "drawn", "--replicates", 100)
    assert code == 0, errors
    drawn = read_json(tmp_path / "drawn" / "scores.json")["class_groups"]
    assert [group["name"] for group in drawn["groups"]] == ["granulocytic", "immature"]
    code, _, errors = verb("evaluate", own, "--out", tmp_path / "none", "--groups", "cnmc")
    assert code == 2
    assert errors.startswith("Error: The data set 'cnmc' declares no groups of classes.\n")
    assert not (tmp_path / "none").exists()
    code, _, errors = verb("evaluate", own, "--out", tmp_path / "none", "--groups", "mateck")
    assert code == 2
    assert errors.startswith("Error: 'mateck' is no data set, and no YAML file.\n  where: --groups\n")


def test_groups_need_a_folder_to_be_written_to_and_are_checked_before_anything_is_scored(
    first: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from leukoscope import evaluate, groups_from, read_predictions  # noqa: PLC0415 - torch takes seconds to load

    said = read_predictions(first / "predictions" / "test.parquet")
    monkeypatch.setattr("leukoscope.api.score", lambda *_, **__: pytest.fail("scored before the groups were checked"))
    with pytest.raises(SettingsError) as caught:
        evaluate(said, groups=groups_from({"round": ["lymphocyte"]}))
    assert str(caught.value) == (
        "Scores of groups are written to a folder, and none is named.\n  what to do: Give out=FOLDER."
    )
    with pytest.raises(SettingsError, match="names the class 'lymphocites', which is not there"):
        evaluate(said, groups=groups_from({"round": ["lymphocites"]}), out=first / "none")


def test_what_several_models_say_together_is_scored_by_groups_too(first: Path, tmp_path: Path) -> None:
    from leukoscope import ensemble  # noqa: PLC0415 - torch takes seconds to load

    again = Path(shutil.copytree(first, tmp_path / "again"))
    found = ensemble([first, again], tmp_path / "both", rules=["average"])
    both, own = (read_json(place / "scores.json")["class_groups"] for place in (found.rule("average"), first))
    assert [group["name"] for group in both["groups"]] == [group["name"] for group in own["groups"]]
    # The average of a model and itself is what that says.
    assert both["lineages"] == own["lineages"]
