from __future__ import annotations

from pathlib import Path

import pytest
import torch
from torch import nn

from leukoscope.errors import LeukoscopeError
from leukoscope.files import read_json, write_json
from leukoscope.training.checkpoints import Checkpoint, load_checkpoint, load_weights, save_checkpoint, weights_of


def checkpoint(number: int) -> Checkpoint:
    weights = {"w": torch.full((2, 3), float(number)), "steps": torch.tensor(number)}
    return Checkpoint(weights, {"epoch": number, "loss": 0.1 + number}, {"0/step": torch.tensor(2.0)})


def test_what_is_saved_is_loaded(tmp_path: Path) -> None:
    save_checkpoint(tmp_path / "last", Checkpoint({"w": torch.ones(2)}, {"a": [1, None]}, None, {"w": torch.zeros(2)}))
    loaded = load_checkpoint(tmp_path / "last")
    assert loaded is not None
    assert torch.equal(loaded.weights["w"], torch.ones(2))
    assert loaded.optimiser is None
    assert loaded.average is not None
    assert torch.equal(loaded.average["w"], torch.zeros(2))
    assert loaded.state == {"a": [1, None]}


def test_there_may_be_none_yet(tmp_path: Path) -> None:
    assert load_checkpoint(tmp_path / "last") is None


def test_a_newer_one_takes_the_place_and_nothing_else_stays(tmp_path: Path) -> None:
    for number in (1, 2):
        save_checkpoint(tmp_path / "last", checkpoint(number))
    assert [entry.name for entry in tmp_path.iterdir()] == ["last"]
    loaded = load_checkpoint(tmp_path / "last")
    assert loaded is not None
    assert loaded.state["epoch"] == 2
    assert loaded.weights["steps"].item() == 2


def epoch_after(folder: Path) -> int:
    loaded = load_checkpoint(folder / "last")
    assert loaded is not None
    assert sorted(entry.name for entry in folder.iterdir()) == ["last"]
    epoch: int = loaded.state["epoch"]
    return epoch


def test_cut_off_while_the_new_one_is_written_the_old_one_stays(tmp_path: Path) -> None:
    save_checkpoint(tmp_path / "last", checkpoint(1))
    save_checkpoint(tmp_path / "half", checkpoint(2))
    (tmp_path / "half" / "state.json").unlink()
    (tmp_path / "half").rename(tmp_path / ".last.new")
    assert epoch_after(tmp_path) == 1


def test_cut_off_between_the_renames_the_new_one_is_taken(tmp_path: Path) -> None:
    save_checkpoint(tmp_path / ".last.old", checkpoint(1))
    save_checkpoint(tmp_path / ".last.new", checkpoint(2))
    assert epoch_after(tmp_path) == 2


def test_cut_off_before_the_old_one_is_removed_the_new_one_is_taken(tmp_path: Path) -> None:
    save_checkpoint(tmp_path / ".last.old", checkpoint(1))
    save_checkpoint(tmp_path / "last", checkpoint(2))
    assert epoch_after(tmp_path) == 2


def test_a_damaged_one_is_refused(tmp_path: Path) -> None:
    save_checkpoint(tmp_path / "last", checkpoint(1))
    weights = tmp_path / "last" / "weights.safetensors"
    weights.write_bytes(weights.read_bytes()[:-4])
    with pytest.raises(LeukoscopeError) as caught:
        load_checkpoint(tmp_path / "last")
    assert str(caught.value).startswith("The checkpoint is damaged: ")
    assert str(caught.value).endswith(f"  where: {weights}\n  what to do: Start the training anew in another folder.")


def test_a_state_that_is_no_json_is_refused(tmp_path: Path) -> None:
    save_checkpoint(tmp_path / "last", checkpoint(1))
    (tmp_path / "last" / "state.json").write_text("{")
    with pytest.raises(LeukoscopeError, match="The checkpoint is damaged: "):
        load_checkpoint(tmp_path / "last")


def test_another_version_is_refused(tmp_path: Path) -> None:
    save_checkpoint(tmp_path / "last", checkpoint(1))
    state = tmp_path / "last" / "state.json"
    write_json(state, read_json(state) | {"format": 99})
    with pytest.raises(LeukoscopeError, match=r"This checkpoint was written by another version of Leukoscope\."):
        load_checkpoint(tmp_path / "last")


def test_weights_of_another_network_are_refused() -> None:
    with pytest.raises(LeukoscopeError, match="The checkpoint's weights do not fit the network: Missing key"):
        load_weights(nn.Linear(2, 1), {})


def test_weights_are_copies() -> None:
    layer = nn.Linear(2, 1)
    kept = weights_of(layer)
    nn.init.zeros_(layer.weight)
    assert not torch.equal(kept["weight"], layer.weight)
