from __future__ import annotations

import pickle
from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file

from leukoscope.errors import WeightsError
from leukoscope.models.tensors import read_tensors

STATE = {"conv.weight": torch.arange(6, dtype=torch.float16).reshape(2, 3), "bn.num_batches_tracked": torch.tensor(7)}


class Payload:
    def __reduce__(self) -> tuple[object, tuple[str]]:
        return (print, ("run",))


def test_safetensors_are_read_in_the_types_they_are_stored_in(tmp_path: Path) -> None:
    save_file(STATE, tmp_path / "a.safetensors")
    found = read_tensors(tmp_path / "a.safetensors")
    assert found.keys() == STATE.keys()
    assert all(torch.equal(found[name], value) and found[name].dtype == value.dtype for name, value in STATE.items())


@pytest.mark.parametrize("ending", [".pth", ".pt", ".bin"])
@pytest.mark.parametrize("wrapped", [False, True])
def test_torch_files_are_read_also_one_level_down(tmp_path: Path, ending: str, wrapped: bool) -> None:
    path = tmp_path / f"a{ending}"
    torch.save({"state_dict": STATE, "epoch": 3} if wrapped else STATE, path)
    assert torch.equal(read_tensors(path)["conv.weight"], STATE["conv.weight"])


def test_another_ending_is_refused(tmp_path: Path) -> None:
    with pytest.raises(WeightsError) as caught:
        read_tensors(tmp_path / "a.h5")
    assert str(caught.value) == (
        f"Weights must end in one of: .safetensors, .pth, .pt, .bin.\n  where: {tmp_path / 'a.h5'}"
    )


@pytest.mark.parametrize("ending", [".safetensors", ".pth"])
@pytest.mark.parametrize("content", [b"", b"<html>not found</html>", b"\x00" * 64])
def test_a_damaged_file_is_refused(tmp_path: Path, ending: str, content: bytes) -> None:
    path = tmp_path / f"a{ending}"
    path.write_bytes(content)
    with pytest.raises(WeightsError) as caught:
        read_tensors(path)
    assert caught.value.what.startswith("These weights can't be read: ")
    assert (caught.value.where, caught.value.do) == (str(path), "Fetch the file anew.")


def test_a_file_cut_off_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.safetensors"
    save_file(STATE, path)
    path.write_bytes(path.read_bytes()[:-4])
    with pytest.raises(WeightsError, match=r"^These weights can't be read: "):
        read_tensors(path)


def test_code_in_a_file_is_not_run(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "a.pth"
    path.write_bytes(pickle.dumps(Payload(), protocol=2))
    with pytest.raises(WeightsError):
        read_tensors(path)
    assert capsys.readouterr().out == ""


def test_more_than_tensors_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.pth"
    torch.save({"weights": STATE, "epoch": 3}, path)
    with pytest.raises(WeightsError) as caught:
        read_tensors(path)
    assert str(caught.value) == (
        f"The file holds more than named tensors.\n  where: {path}\n  what to do: Save a state dict alone."
    )
